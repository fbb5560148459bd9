"""The sealer: links what was committed, signs heads, and writes them into the file outside the database."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from bot.app import App, Progress
from intake import chain, heads, outside, proof, sealedfiles, verification
from intake.verification import Finding, Verdict
from intake.witness import Witness

NEXT = ".next"
"""What the new key's file ends with until the change is committed. Left behind by a kill: it is the key to put back."""


@dataclass(frozen=True, slots=True)
class Done:
    """Links made, rows refused because their digest does not fit, heads written into the file."""

    links: int = 0
    refused: int = 0
    heads: int = 0


def seal(app: App, now: datetime, *, whole: bool = False) -> Done:
    """Link until nothing is left, a transaction a batch; nothing is done while another process seals."""
    witness = app.database.witness
    if witness is None:  # a ledger that proves nothing: an empty one to throw away
        return Done()
    links = refused = 0
    with app.database.reading() as session:
        idle = not whole and chain.idle(session, now)
    while not idle:
        with app.database.reading() as session:
            found = chain.gather(session, witness, whole=whole)
        if not app.database.write(partial(chain.link, witness=witness, found=found, now=now)):
            break
        links, refused, idle = links + len(found.rows), found.refused, not found.more
    with app.database.reading() as session:
        written = heads.write_file(session, heads_file(app))
    return Done(links, refused, written)


def verify(
    app: App, now: datetime, progress: Progress, *, files: bool = True, elsewhere: Sequence[Path] = ()
) -> Verdict:
    """Seal what waits, then check the whole ledger, and the sealed files; `elsewhere` are files of heads kept apart."""
    with suppress(TypeError, ValueError, ArithmeticError):  # a row that cannot be read: verifying tells which
        seal(app, now, whole=True)
    with app.database.reading() as session:
        verdict = verification.verify(session, witness_of(app), heads.read_file(heads_file(app)), progress)
        outside.check(session, heads_file(app), elsewhere, verdict)
    if files:
        sealedfiles.check(app.database, app.evidence, now, verdict, progress)
    return verdict


def export(app: App, path: Path, now: datetime, progress: Progress) -> int:
    """Write what a stranger needs to check the chain; how many links it holds."""
    seal(app, now, whole=True)
    with app.database.reading() as session, path.open("wb") as file:
        return proof.export(session, witness_of(app), file, now, progress)


def change_key(app: App, now: datetime) -> str:
    """A new signing key, announced by the old one; gives the new public key. Every other process must be restarted."""
    seal(app, now, whole=True)
    old, path = witness_of(app), app.settings.proof_key()
    draft = path.with_name(path.name + NEXT)
    fresh = old.renewed(draft)
    app.database.write(lambda session: heads.change_key(session, old, fresh.public, now))
    draft.replace(path)
    with app.database.reading() as session:
        heads.write_file(session, heads_file(app))
    return fresh.public


def check_receipt(app: App, text: str, now: datetime) -> tuple[str, int, int]:
    """Number, position in the chain and rank among all reports of one receipt; raises a ReceiptWrong."""
    seal(app, now, whole=True)
    with app.database.reading() as session:
        return proof.check(session, text)


@cache
def _sentences() -> dict[str, dict[str, str]]:
    with Path(__file__).with_name("proof.toml").open("rb") as file:
        return tomllib.load(file)


def in_words(found: Finding) -> str:
    """A finding or a remark as a sentence."""
    said = _sentences()
    sentence = said["finding"].get(found.kind) or said["remark"][found.kind]
    where = {"row": "", **found.where}
    return sentence.format(**{**where, "table": said["table"].get(str(where.get("table")), where.get("table"))})


def heads_file(app: App) -> Path:
    """Where the heads stand outside the database."""
    return app.settings.data_folder / heads.FILE


def witness_of(app: App) -> Witness:
    """The witness of the application's ledger."""
    assert app.database.witness is not None
    return app.database.witness

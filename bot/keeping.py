"""What whoever runs the service does to its data: time limits, erasure, backup, restore; each needs no ear."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot import keys
from bot.settings import Settings
from intake import backup, erasure, heads, outside, retention
from intake.backup import Place
from intake.backup.manifest import Manifest, backups
from intake.confidentiality import Vault
from intake.db import Database
from intake.errors import BackupMissing
from intake.evidence import EvidenceStore
from intake.outside import Compared
from intake.retention import Expired
from intake.schema import migrate
from intake.scrub import scrub
from intake.witness import Witness
from routing import leaks

BESIDE = ("evidence", "law", heads.FILE)
"""What of the data folder belongs to a backup; the keys, the model and what can be made anew do not."""
TAR = ".tar"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Kept:
    """The parts of the application that keep data."""

    settings: Settings
    database: Database
    vault: Vault
    key: str
    """The mark of the master key."""
    evidence: EvidenceStore


@contextmanager
def keeping(settings: Settings, now: datetime) -> Iterator[Kept]:
    """Database, key and files of the service, without its ear."""
    settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database(), Witness.open(settings.proof_key()))
    try:
        migrate(database)
        vault = keys.open_vault(settings, database, now)
        mark = keys.master_key(settings, may_make=False).mark
        yield Kept(settings, database, vault, mark, EvidenceStore(settings.data_folder / "evidence", vault))
    finally:
        database.close()


def expired(kept: Kept, now: datetime) -> list[Expired]:
    """What is over its time, rule by rule; nothing is changed."""
    with kept.database.reading() as session:
        return list(retention.expired(session, now))


def dispose(kept: Kept, now: datetime, progress: Progress) -> dict[str, int]:
    """Carry every rule out, each step in a transaction of its own: broken off, the next run goes on."""
    done: dict[str, int] = {}
    for rule in retention.rules():
        more = True
        while more:
            with kept.database.transaction() as session:
                step = retention.step(session, rule, vault=kept.vault, now=now, hide=leaks.hidden)
            _remove(kept, step.digests)
            done[rule.name] = done.get(rule.name, 0) + step.rows
            more = step.more
        progress("retention", len(done), len(retention.rules()))
    return {name: rows for name, rows in done.items() if rows}


def erase(
    kept: Kept, number: str, now: datetime, *, ground: str, whole_case: bool, files: bool, reward_settled: bool
) -> int:
    """Erase the teller of a report, or all of its case; all or none. Gives how many."""
    with kept.database.transaction() as session:
        first = erasure.find(session, number)
        reports = erasure.of_case(session, first.case_id) if whole_case else [first]
        done = [
            erasure.erase(
                session,
                report,
                ground=ground,
                actor="administrator",
                vault=kept.vault,
                now=now,
                hide=leaks.hidden,
                files=files,
                reward_settled=reward_settled,
            )
            for report in reports
        ]
    _remove(kept, [digest for one in done for digest in one.digests])
    return len(done)


def scrubbed(kept: Kept) -> bool:
    """Overwrite what the database still holds of what was erased; false where somebody was in the way."""
    return scrub(kept.database, erasure.REWRITTEN)


def _remove(kept: Kept, digests: list[str] | tuple[str, ...]) -> None:
    for digest in digests:
        kept.evidence.forget(digest)


def back_up(kept: Kept, target: Path, now: datetime, *, keep: int, progress: Progress) -> backup.Taken:
    """Into a folder, where files that are there already are not copied again; or whole into one FILE.tar."""
    beside = [(name, kept.settings.data_folder / name) for name in BESIDE]
    if target.suffix != TAR:
        taken = backup.take(kept.database, target, beside, key=kept.key, now=now, progress=progress)
        if keep:
            backup.prune(target, keep)
        return taken
    if target.exists():
        raise FileExistsError(f"{target} is there already.")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
        taken = backup.take(kept.database, Path(scratch) / "b", beside, key=kept.key, now=now, progress=progress)
        draft = Path(scratch) / "whole.tar"
        with tarfile.open(draft, "x") as archive:
            archive.add(taken.folder.parent, arcname="backup")
        draft.chmod(0o600)
        draft.rename(target)
    return taken


@contextmanager
def found(source: Path) -> Iterator[Path]:
    """The folder of the backup that is meant: itself, the newest of a folder of backups, or the one of a FILE.tar."""
    if source.suffix == TAR and source.is_file():
        with tempfile.TemporaryDirectory(dir=source.parent, prefix=".backup-") as scratch:
            with tarfile.open(source) as archive:
                archive.extractall(scratch, filter="data")
            with found(Path(scratch) / "backup") as folder:
                yield folder
        return
    if (source / "manifest.json").is_file():
        yield source
        return
    if not (known := backups(source)):
        raise BackupMissing
    yield known[-1]


def verify(source: Path, progress: Progress) -> Manifest:
    """Prove the backup at `source`."""
    with found(source) as folder:
        return backup.verify(folder, progress)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, whether the keys lie there already, and what the heads outside say of its age."""

    manifest: Manifest
    keyed: bool
    proof_keyed: bool
    against: Mapping[Path, Compared]


def restore(
    settings: Settings, source: Path, progress: Progress, now: datetime, elsewhere: Sequence[Path] = ()
) -> Restored:
    """Restore into the empty place that the settings name.

    A file of heads that lies there already is kept beside, and the restored ledger compared with it and with those
    `elsewhere`: only so is it told that somebody put an old backup in the place of a newer ledger.
    """
    key = keys.known_mark(settings)
    settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = Place(settings.database(), settings.data_folder)
    own = settings.data_folder / heads.FILE
    with found(source) as folder:
        old = outside.set_aside(own, now)
        try:
            manifest = backup.restore(folder, place, key=key, progress=progress)
        except BaseException:
            if old is not None and not own.exists():
                old.rename(own)
            raise
    with closing(Database(place.url)) as database, database.reading() as session:
        against = {path: outside.compare(session, path) for path in (*outside.aside(own), *elsewhere)}
    return Restored(manifest, key is not None, settings.proof_key().exists(), against)

"""How the ledger keeps a query code: a short keyed hash finds the report, a slow hash behind it proves the code.

A code has some 50 random bits. One keyed hash would be counted through in a day by whoever has stolen ledger and key;
so only 24 bits of it stay, by which a report is found, and the whole of it goes through Argon2id, which takes some
20 ms and 19 MiB each time. A filing has no 20 ms to give: it writes the keyed hash whole, and within minutes the
clock exchanges it (`quick_ones`, `exchange`); a row that nobody has exchanged yet is exchanged at its next right try.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from intake.models import FiledReport

QUICK_LENGTH = 64
LOOKUP_LENGTH = 6
"""24 bits: with a million reports a wrong code meets one by chance in seventeen tries, and costs 20 ms then."""
# OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 iterations, 1 lane. What changes gets another version.
_VERSION, _MEMORY_KIB, _ITERATIONS, _LANES = "1", 19 * 1024, 2, 1
_SALT_BYTES, _HASH_BYTES = 8, 19
_AFTER_HEX = "g"
# In the very words of the index: with a bound value SQLite would not use it.
_WAITING = text("length(query_hash) = 64")


@dataclass(frozen=True, slots=True)
class Quick:
    """A report whose code still stands as its whole keyed hash."""

    report_id: int
    mark: str


def slow(mark: str) -> str:
    """What is kept of a code's keyed hash: lookup, version, salt, slow hash; 61 hexadecimal digits, never 64."""
    salt = os.urandom(_SALT_BYTES)
    return f"{mark[:LOOKUP_LENGTH]}{_VERSION}{salt.hex()}{_derived(mark, salt).hex()}"


def without_code(number: str) -> str:
    """What is kept where nobody was given a code: no hash looks like it, so none is ever found or exchanged."""
    return f"-{number}"


def is_quick(kept: str) -> bool:
    """Whether this is the whole keyed hash, of a fresh report or of the first release."""
    return len(kept) == QUICK_LENGTH


def fits(mark: str, kept: str) -> bool:
    """Whether the code with this keyed hash is the one that is kept; takes its time on purpose."""
    if is_quick(kept):
        return hmac.compare_digest(mark, kept)
    salt_at = LOOKUP_LENGTH + len(_VERSION)
    if not kept.startswith(mark[:LOOKUP_LENGTH]) or kept[LOOKUP_LENGTH:salt_at] != _VERSION:
        return False
    hash_at = salt_at + 2 * _SALT_BYTES
    salt, known = bytes.fromhex(kept[salt_at:hash_at]), bytes.fromhex(kept[hash_at:])
    return hmac.compare_digest(_derived(mark, salt), known)


def report_by_mark(session: Session, mark: str) -> FiledReport | None:
    """The report whose code has this keyed hash. A range of the unique index finds the few it can be."""
    first = mark[:LOOKUP_LENGTH]
    kept = FiledReport.query_hash
    likely = session.execute(select(FiledReport.id, kept).where(kept >= first, kept < first + _AFTER_HEX)).all()
    found = next((number for number, one in likely if fits(mark, one)), None)
    return None if found is None else session.get(FiledReport, found)


def quick_ones(session: Session, limit: int) -> tuple[Quick, ...]:
    """Some reports whose code awaits its slow hash; an index holds only these."""
    waiting = select(FiledReport.id, FiledReport.query_hash).where(_WAITING).order_by(FiledReport.id)
    rows = session.execute(waiting.limit(limit))
    return tuple(Quick(number, mark) for number, mark in rows)


def exchange(session: Session, made: Iterable[tuple[Quick, str]]) -> int:
    """Put the slow hashes, made beforehand, in the place of the quick ones; another process may have been faster."""
    done = 0
    for quick, kept in made:
        same = (FiledReport.id == quick.report_id, FiledReport.query_hash == quick.mark)
        changed = update(FiledReport).where(*same).values(query_hash=kept).returning(FiledReport.id)
        done += len(session.execute(changed, execution_options={"synchronize_session": False}).all())
    return done


def _derived(mark: str, salt: bytes) -> bytes:
    """Argon2id over the keyed hash: without the key for keyed hashes nobody can even begin."""
    kdf = Argon2id(
        salt=salt, length=_HASH_BYTES, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY_KIB
    )  # fmt: skip
    return kdf.derive(mark.encode())

"""Taking a file from somebody: into the store, or refused; a trap leaves an event, and nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.app import App
from intake import custody, evidence
from intake.errors import EvidenceHostile
from intake.evidence import Readable, Stored


def take(app: App, content: Readable | bytes, name: str, now: datetime) -> Stored:
    """The file, sealed, with its working copy; raises an EvidenceRefused, whose name has a sentence for people."""
    try:
        return app.evidence.store(content, name)
    except EvidenceHostile as trap:
        with app.database.transaction() as session:
            custody.refused(session, type(trap).__name__, trap.stored, now)
        raise


def enter(app: App, session: Session, digest: str, now: datetime) -> None:
    """Write a stored file into the ledger: its row, that it came, and what its working copy is."""
    stored = app.evidence.about(digest)
    evidence.record(session, stored, now)
    custody.received(session, stored, now)
    if copy := app.evidence.known_copy(digest):
        custody.cleaned(session, digest, copy, now)

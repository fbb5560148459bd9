"""Letters between the handler and one teller: sealed in full, redacted for staff, seen by no other teller."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.errors import NotAllowed
from intake.masks import lock
from intake.models import FiledReport, Letter, Staff
from intake.traits import hide_own
from intake.viewing import lens_on, report_for
from intake.views import LetterView


def append(
    session: Session,
    report: FiledReport,
    *,
    text: str,
    redacted: str,
    kind: str,
    from_teller: bool,
    vault: Vault,
    now: datetime,
) -> Letter:
    """Write one letter: `kind` is question, reply, supplement or note."""
    letter = Letter(
        report_id=report.id,
        from_teller=from_teller,
        kind=kind,
        sealed=vault.seal(text.encode(), _context(report)),
        redacted=hide_own(session, report, lock(redacted), vault),
        at=now,
    )
    session.add(letter)
    return letter


def of_report(
    session: Session,
    report_id: int,
    *,
    viewer: Staff | FiledReport,
    vault: Vault,
) -> tuple[LetterView, ...]:
    """The letters of one report, oldest first: in full for its teller, redacted for its handlers."""
    report = report_for(session, report_id, viewer=viewer)
    if not lens_on(session, report, viewer=viewer).sees("letter", "text"):
        raise NotAllowed
    query = select(Letter).where(Letter.report_id == report_id).order_by(Letter.at, Letter.id)
    in_full = isinstance(viewer, FiledReport)
    return tuple(
        view(letter, vault.unseal(letter.sealed, _context(report)).decode() if in_full else letter.redacted)
        for letter in session.scalars(query)
    )


def in_full(session: Session, report: FiledReport, *, vault: Vault) -> tuple[tuple[datetime, str], ...]:
    """What the teller wrote later, unmasked: for `intake.unmasking` alone, which asks for a living grant first."""
    query = select(Letter).where(Letter.report_id == report.id, Letter.from_teller).order_by(Letter.at, Letter.id)
    return tuple((one.at, vault.unseal(one.sealed, _context(report)).decode()) for one in session.scalars(query))


def view(letter: Letter, text: str) -> LetterView:
    """The letter with the text that its reader may see."""
    return LetterView(letter.id, letter.report_id, letter.from_teller, letter.kind, text, letter.at)


def _context(report: FiledReport) -> str:
    """What a letter is sealed for: this report, no other."""
    return f"letter {report.number}"

"""Lifting the seal in order: one person asks and says why, another decides, each look is written down.

For a leader two custodians must agree: nobody above him in the house would otherwise see what he does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import audit, outbox, unmasking, viewing
from intake.confidentiality import Vault
from intake.errors import NotAllowed
from intake.evidence import EvidenceStore
from intake.masks import masked
from intake.models import Case, FiledReport, Identity, Staff, Unmasking
from intake.traits import hide_own
from routing.authorities import Authority, by_code, superior_of
from routing.desk import moves, notices, people
from routing.errors import (
    AgreedAlready,
    AnonymousTeller,
    AskedAlready,
    AskerGone,
    CaseNotFound,
    Conflicted,
    DecidedAlready,
    DeskError,
    GrantEnded,
    NoCustodian,
    NothingToUnmask,
    NotTheCustodian,
    NotTheHandler,
    TellerErased,
    UnknownPurpose,
)
from routing.rules import SHANGHAI
from routing.wording import say

REASON_LIMIT = 500
LASTING = timedelta(minutes=30)
"""How long a grant holds where the settings say nothing else."""


@cache
def table() -> Mapping[str, Any]:
    """Purposes, fields, and how many must agree."""
    return tomllib.loads(resources.files("routing").joinpath("unmasking.toml").read_text("utf-8"))


def ask(
    session: Session,
    report_id: int,
    asker: Staff,
    *,
    fields: Iterable[str],
    purpose: str,
    reason: str,
    vault: Vault,
    now: datetime,
) -> Unmasking:
    """Ask to see fields of one report; its custodians hear of it."""
    report = session.get(FiledReport, report_id)
    if report is None:
        raise CaseNotFound
    case = people.case_for(session, report.case_id)
    _may_ask(session, case, asker)
    wanted = [field for field in table()["fields"] if field in set(fields)]
    _can_be_asked(session, report, wanted)
    if purpose not in table()["purposes"]:
        raise UnknownPurpose(known="、".join(table()["purposes"].values()))
    words = _words(session, report, reason, vault, now)
    _not_twice(session, report, asker, now)
    needs = int(table()["approvals"][asker.role])
    custodians = _custodians(session, case, asker, needs)
    grant = Unmasking(
        case_id=case.id, report_id=report.id, authority=asker.authority, asked_by=asker.id, asked_at=now,
        fields=wanted, purpose=purpose, reason=words, needs=needs, state="waiting", looks=0,
    )  # fmt: skip
    session.add(grant)
    session.flush()
    _note(session, grant, case, report, asker, "asked", {"purpose": purpose}, now)
    facts = {"asker": asker.name, "purpose": table()["purposes"][purpose]}
    _tell(session, custodians, grant, case, "asked", facts, now)
    return grant


def approve(
    session: Session, grant_id: int, custodian: Staff, *, now: datetime, lasting: timedelta = LASTING
) -> Unmasking:
    """Agree; with the last agreement that is needed the grant holds, for `lasting` from now."""
    grant, case, report = _undecided(session, grant_id, custodian)
    asker = session.get_one(Staff, grant.asked_by)
    try:
        _may_ask(session, case, asker)
    except DeskError as gone:
        raise AskerGone from gone
    if grant.decided_by == custodian.id:
        raise AgreedAlready
    if grant.decided_by is None:
        grant.decided_by = custodian.id
    else:
        grant.seconded_by = custodian.id
    whole = grant.needs < 2 or grant.seconded_by is not None
    if whole:
        grant.state, grant.decided_at, grant.expires_at = "approved", now, now + lasting
    _note(session, grant, case, report, custodian, "approved" if whole else "agreed", {}, now)
    if whole:
        until = (now + lasting).astimezone(SHANGHAI).strftime("%H:%M")
        facts = {"asker": asker.name, "custodian": custodian.name, "until": until}
        _tell(session, [asker, *_auditors(session, case)], grant, case, "approved", facts, now)
    return grant


def refuse(session: Session, grant_id: int, custodian: Staff, *, reason: str, now: datetime) -> Unmasking:
    """Say no, and why; one no is enough where two must agree."""
    grant, case, report = _undecided(session, grant_id, custodian)
    words = masked(notices.in_words(reason, limit=REASON_LIMIT), now=now)
    if grant.decided_by is None:
        grant.decided_by = custodian.id
    elif grant.decided_by != custodian.id:
        grant.seconded_by = custodian.id
    grant.state, grant.decided_at, grant.answer = "refused", now, words
    _note(session, grant, case, report, custodian, "refused", {}, now)
    asker = session.get_one(Staff, grant.asked_by)
    facts = {"asker": asker.name, "custodian": custodian.name}
    _tell(session, [asker, *_auditors(session, case)], grant, case, "refused", facts, now)
    return grant


def revoke(session: Session, grant_id: int, by: Staff, *, reason: str, vault: Vault, now: datetime) -> Unmasking:
    """Take a grant back before its time: a custodian who could have given it, or the asker who no longer needs it."""
    grant, case, report = _held(session, grant_id)
    if not (by.active and by.id == grant.asked_by):
        _may_decide(session, grant, case, by)
    if grant.state not in {"waiting", "approved"}:
        raise DecidedAlready
    words = _words(session, report, reason, vault, now)
    grant.state, grant.ended_by, grant.ended_at, grant.answer = "revoked", by.id, now, words
    _note(session, grant, case, report, by, "revoked", {}, now)
    asker = session.get_one(Staff, grant.asked_by)
    facts = {"asker": asker.name, "custodian": by.name}
    _tell(session, [asker, *_auditors(session, case)], grant, case, "revoked", facts, now)
    return grant


def look(
    session: Session, grant_id: int, viewer: Staff, *, vault: Vault, store: EvidenceStore, now: datetime
) -> tuple[Unmasking, unmasking.Revealed]:
    """Open what was granted, once; the caller commits before he shows it, so that no look goes unrecorded."""
    try:
        grant, shown = unmasking.reveal(session, grant_id, viewer=viewer, vault=vault, store=store, now=now)
    except NotAllowed as ended:
        raise GrantEnded from ended
    report = session.get_one(FiledReport, grant.report_id)
    case = session.get_one(Case, report.case_id)
    _note(session, grant, case, report, viewer, "looked", {}, now)
    return grant, shown


def may_ask(staff: Staff, *, handler_id: int | None, authority: str) -> bool:
    """Whether the desk offers somebody to ask at all: the handler, or a leader of the same authority."""
    if staff.role not in table()["approvals"] or staff.authority != authority:
        return False
    return staff.role == "leader" or staff.id == handler_id


def _words(session: Session, report: FiledReport, reason: str, vault: Vault, now: datetime) -> str:
    """A reason as it is kept: whoever has looked before knows a name, and must not pass it on here."""
    return masked(hide_own(session, report, notices.in_words(reason, limit=REASON_LIMIT), vault), now=now)


def _may_ask(session: Session, case: Case, asker: Staff) -> None:
    """Refuse whoever may not handle the case, is not its handler, or has an interest, also by a later report's name."""
    people.may_handle(asker, case)
    if not may_ask(asker, handler_id=case.handler_id, authority=case.authority):
        raise NotTheHandler
    if viewing.kept_out(session, case, viewer=asker):
        raise Conflicted(institution=case.institution)


def _can_be_asked(session: Session, report: FiledReport, wanted: Sequence[str]) -> None:
    if not wanted:
        raise NothingToUnmask
    if report.id in people.erased(session, session.get_one(Case, report.case_id)):
        raise TellerErased
    mode = session.scalar(select(Identity.mode).where(Identity.id == report.identity_id))
    if mode == "anonymous" and unmasking.IDENTITY.intersection(wanted):
        raise AnonymousTeller


def _not_twice(session: Session, report: FiledReport, asker: Staff, now: datetime) -> None:
    earlier = select(Unmasking).where(Unmasking.report_id == report.id, Unmasking.asked_by == asker.id)
    for one in session.scalars(earlier.where(Unmasking.state.in_(("waiting", "approved")))):
        if one.state == "waiting" or (one.expires_at is not None and one.expires_at > now):
            raise AskedAlready


def _held(session: Session, grant_id: int) -> tuple[Unmasking, Case, FiledReport]:
    """The request, held against other writers until the transaction ends, with its case and report."""
    grant = session.get(Unmasking, grant_id, with_for_update=True, populate_existing=True)
    if grant is None:
        raise NotTheCustodian
    report = session.get_one(FiledReport, grant.report_id)
    return grant, session.get_one(Case, report.case_id), report


def _undecided(session: Session, grant_id: int, custodian: Staff) -> tuple[Unmasking, Case, FiledReport]:
    grant, case, report = _held(session, grant_id)
    _may_decide(session, grant, case, custodian)
    if grant.state != "waiting":
        raise DecidedAlready
    return grant, case, report


def _may_decide(session: Session, grant: Unmasking, case: Case, custodian: Staff) -> None:
    custodian = session.get_one(Staff, custodian.id, populate_existing=True)
    if not unmasking.may_decide(grant, custodian):
        raise NotTheCustodian
    if viewing.kept_out(session, case, viewer=custodian):
        raise Conflicted(institution=case.institution)


def _custodians(session: Session, case: Case, asker: Staff, needs: int) -> list[Staff]:
    """Who is asked: the custodians of the asker's authority, and of those above until there are enough."""
    found: list[Staff] = []
    for code in _upward(asker.authority):
        here = people.staff_of(session, [code], "custodian")
        found += [one for one in here if one.id != asker.id and not viewing.kept_out(session, case, viewer=one)]
        if len(found) >= needs:
            return found
    raise NoCustodian(n=needs)


def _upward(authority: str) -> Iterator[str]:
    """The authority and those above it, by code."""
    current: Authority | None = by_code(authority)
    while current is not None:
        yield current.code
        current = superior_of(current)


def _auditors(session: Session, case: Case) -> list[Staff]:
    """The auditors who may see the case: of its authority, and of those above."""
    found = people.staff_of(session, _upward(case.authority), "auditor")
    return [one for one in found if viewing.may_see(session, case, viewer=one)]


def _note(
    session: Session,
    grant: Unmasking,
    case: Case,
    report: FiledReport,
    by: Staff,
    kind: str,
    more: Mapping[str, Any],
    now: datetime,
) -> None:
    """An event of the case; what was written with it stands in the request, where it can be erased.

    It names the report by its number, so that no teller's page takes it for his own.
    """
    data = {"unmasking": grant.id, "report": report.number, "fields": list(grant.fields), **more}
    audit.append(session, case.id, f"unmasking_{kind}", moves.by(by), data, now)


def _tell(
    session: Session,
    to: Iterable[Staff],
    grant: Unmasking,
    case: Case,
    kind: str,
    facts: Mapping[str, object],
    now: datetime,
) -> None:
    """A notice to each; it names the case by its number alone."""
    words = "、".join(table()["fields"][field] for field in grant.fields)
    body = say(f"staff.unmasking_{kind}", number=case.number, fields=words, **facts)
    for one in to:
        key = f"unmasking-{grant.id}-{kind}-staff-{one.id}"
        outbox.put(session, key=key, body=body, now=now, staff_id=one.id, case_id=case.id)

"""A suspected crime inside the house: a team of two reports, the head decides, the transfer set is made whole.

State Council Decree 310 (2020) Art. 5–6. The words of all acts are remarks; the report leaves for the police, so that
it is checked like every text that leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from intake import remarks, viewing
from intake.confidentiality import Vault
from intake.models import Case, CrimeTransfer, Staff
from nlu import places
from routing.authorities import by_code, superior_of
from routing.crime import check_papers
from routing.desk import notices, outgoing, papers, people
from routing.desk.crimecase import Subject, begin, change, organ_of
from routing.errors import HeadInTeam, NotForTeam, NotOfTeam, TeamOfTwo
from routing.judging import sum_of
from routing.rules import Rules, legal_day
from routing.wording import long_day, long_moment, say

HANDLING = frozenset({"officer", "leader"})


def name_team(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    first: int,
    second: int,
    text: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Write down the suspicion and name the two who look into it; named anew, the period runs on."""
    it, move = begin(session, case_id, officer, "name_team")
    text = notices.in_words(text)
    team = [_member(session, it.case, number) for number in (first, second)]
    if first == second:
        raise TeamOfTwo
    if it.crime is None:
        it.crime = CrimeTransfer(case_id=it.case.id, state="team", papers={}, found_at=now)
        session.add(it.crime)
    it.crime.first_id, it.crime.second_id = first, second
    session.flush()
    data = {"team": [first, second]}
    event = change(session, it, move, officer, rules=rules, now=now, words=text, data=data)
    body = notices.to_staff("crime_team", it.case, names="、".join(one.name for one in team))
    notices.tell_staff(session, team, it.case, notices.of(event), body, now=now)
    return it.case


def _member(session: Session, case: Case, number: int) -> Staff:
    """An officer who may look into this case: of its authority, still there, without interest (Penalty Law Art. 43)."""
    one = session.get(Staff, number)
    if one is None or not may_join(session, case, one):
        raise NotForTeam(name=one.name if one else str(number))
    return one


def may_join(session: Session, case: Case, one: Staff) -> bool:
    """Whether a member of staff may be on the team of this case."""
    own = one.active and one.authority == case.authority and one.role in HANDLING
    return own and not people.conflicted(one, case) and not viewing.kept_out(session, case, viewer=one)


def report_crime(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    text: str,
    yuan: str = "",
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """The team's written report to the head, with the sum it found where it knows one; three days from now he decides."""
    it, move = begin(session, case_id, officer, "report_crime")
    transfer = it.open
    if officer.id not in team_of(transfer):
        raise NotOfTeam
    words = {"text": text, "yuan": yuan}
    text, found = notices.in_words(text), sum_of(yuan)
    outgoing.check(session, it.case, "report_crime", words, text, to=outgoing.AUTHORITY, vault=vault, now=now)
    transfer.reported_at, transfer.yuan = now, found
    event = change(session, it, move, officer, rules=rules, now=now, words=text)
    due = rules.due("crime_report_decide", legal_day(now), place=by_code(it.case.authority).place)
    body = notices.to_staff("crime_reported", it.case, due=long_day(due.due_on))
    notices.tell_staff(session, _heads(session, it.case, transfer), it.case, notices.of(event), body, now=now)
    return it.case


def approve_crime(session: Session, case_id: int, leader: Staff, *, rules: Rules, vault: Vault, now: datetime) -> Case:
    """The head approves; from this moment the police must have the case within twenty-four hours."""
    it, move = begin(session, case_id, leader, "approve_crime")
    transfer = _decided(it.open, leader, now)
    due = rules.due("crime_transfer", legal_day(now), place=by_code(it.case.authority).place, at=now)
    transfer.transfer_by = due.due_at
    event = change(session, it, move, leader, rules=rules, now=now)
    by = long_moment(due.due_at) if due.due_at else long_day(due.due_on)
    body = notices.to_staff("crime_approved", it.case, due=by)
    notices.tell_staff(session, concerned(session, it.case, transfer), it.case, notices.of(event), body, now=now)
    return it.case


def refuse_crime(
    session: Session, case_id: int, leader: Staff, *, text: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """The head decides not to transfer and records why; the case goes on as an administrative one."""
    it, move = begin(session, case_id, leader, "refuse_crime")
    text = notices.in_words(text)
    transfer = _decided(it.open, leader, now)
    event = change(session, it, move, leader, rules=rules, now=now, words=text)
    body = notices.to_staff("crime_refused", it.case)
    notices.tell_staff(session, concerned(session, it.case, transfer), it.case, notices.of(event), body, now=now)
    return it.case


def pack_crime(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    papers: Mapping[str, str],
    organ: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """The transfer set of Art. 6 for the police it is addressed to: what applies is enclosed, what is absent says why.

    The period of transfer runs on.
    """
    it, move = begin(session, case_id, officer, "pack_crime")
    kept = check_papers(papers)
    it.open.papers, it.open.organ = kept, organ_of(organ, now)
    change(session, it, move, officer, rules=rules, now=now, data={"papers": kept})
    _write(session, it, officer, rules=rules, vault=vault, now=now)
    return it.case


def _write(session: Session, it: Subject, officer: Staff, *, rules: Rules, vault: Vault, now: datetime) -> None:
    """The letter that goes to the police, with what the team's report says (Art. 6)."""
    transfer, finding = it.open, remarks.latest(session, it.case.id, "report_crime")
    on = legal_day(transfer.decided_at or now)
    facts = {
        "finding": finding,
        "citation": rules.due("crime_transfer", on, place=by_code(it.case.authority).place).citation,
        "approved": papers.day(on),
        "amount": f"{transfer.yuan:,.2f}" if transfer.yuan else "",
    }
    papers.make(
        session, it.case, "crime_transfer", facts, taker=transfer.organ, officer=officer, vault=vault, now=now,
        passed=[finding],
    )  # fmt: skip


def police_of(authority: str) -> str:
    """The police of the same level (Art. 5), as they are usually called; whoever sends may correct it."""
    office = by_code(authority)
    place = places.by_code(office.place)
    return say(f"crime.police.{office.level}", place=place.name if place else "")


def team_of(transfer: CrimeTransfer) -> frozenset[int]:
    """The two of the team."""
    return frozenset({transfer.first_id, transfer.second_id})


def concerned(session: Session, case: Case, transfer: CrimeTransfer) -> list[Staff]:
    """The team and whoever handles the case, each once."""
    team = [session.get_one(Staff, number) for number in (transfer.first_id, transfer.second_id)]
    return list({one.id: one for one in [*team, *people.responsible(session, case)] if one.active}.values())


def _decided(transfer: CrimeTransfer, leader: Staff, now: datetime) -> CrimeTransfer:
    """The head's decision; who looked into the matter does not decide on his own report."""
    if leader.id in team_of(transfer):
        raise HeadInTeam
    transfer.decider_id, transfer.decided_at = leader.id, now
    return transfer


def _heads(session: Session, case: Case, transfer: CrimeTransfer) -> Iterable[Staff]:
    """Who may decide: the leaders of the authority who are not on the team; without one those of the authority above."""
    above = superior_of(by_code(case.authority))
    for code in (case.authority, above.code if above else ""):
        leaders = [one for one in people.staff_of(session, [code], "leader") if one.id not in team_of(transfer)]
        if free := [one for one in leaders if not viewing.kept_out(session, case, viewer=one)]:
            return free
    return ()


VERBS: Mapping[str, Callable[..., Case]] = {
    act.__name__: act for act in (name_team, report_crime, approve_crime, refuse_crime, pack_crime)
}
"""The acts by the names of life/crime.toml."""

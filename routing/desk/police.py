"""A suspected crime outside the house: sent with a receipt, answered by the police, asked again, handed over, or back.

State Council Decree 310 (2020) Art. 5–9 and 12; what comes back goes on as an administrative case (DOMAIN CR-11).
Tellers hear that their matter was transferred according to law, and nothing of what the police do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from intake import audit
from intake.confidentiality import Vault
from intake.models import Case, Staff
from routing.authorities import by_code
from routing.desk import clocks, crimeguard, moves, notices, outgoing, people
from routing.desk.crimecase import Subject, begin, change, day_of, moment_of, organ_of, receipt_of
from routing.desk.suspecting import concerned
from routing.lives import life, outliving
from routing.rules import SHANGHAI, Rules, legal_day
from routing.wording import long_day, long_moment, say


def send_crime(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    organ: str,
    receipt: str,
    signed: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """The police have the case and signed for it at the moment `signed`; from that day they have three days."""
    it, move = begin(session, case_id, officer, "send_crime")
    transfer = it.open
    assert transfer.decided_at is not None
    received = moment_of(signed, since=transfer.decided_at, now=now)
    transfer.organ, transfer.receipt = organ_of(organ, now), receipt_of(receipt, now)
    transfer.received_at = received
    late = transfer.transfer_by is not None and received > transfer.transfer_by
    words = say(
        "crime.sent", organ=transfer.organ, receipt=transfer.receipt, at=long_moment(received.astimezone(SHANGHAI))
    )
    event = change(
        session,
        it,
        move,
        officer,
        rules=rules,
        now=now,
        words=words,
        on=legal_day(received),
        data={"late": ["crime_transfer"]} if late else None,
    )
    authority = by_code(it.case.authority).name
    for report in people.reports_of(session, it.case):
        body = say("teller.crime_sent", number=report.number, authority=authority)
        notices.tell(session, report, notices.of(event), body, now=now)
    return it.case


def police_passes(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    organ: str,
    on: str = "",
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """The police were not competent and passed it on (Art. 7): another organ now has three days of its own."""
    it, move = begin(session, case_id, officer, "police_passes")
    day = _day(it, on, now)
    it.open.organ = organ_of(organ, now)
    words = say("crime.passed", organ=it.open.organ)
    change(session, it, move, officer, rules=rules, now=now, words=words, on=day)
    return it.case


def police_files(
    session: Session, case_id: int, officer: Staff, *, on: str = "", rules: Rules, vault: Vault, now: datetime
) -> Case:
    """The police opened a case; goods and materials go to them within three days of their notice (Art. 12)."""
    it, move = begin(session, case_id, officer, "police_files")
    event = change(session, it, move, officer, rules=rules, now=now, on=_day(it, on, now))
    _tell(session, it, "crime_filed", notices.of(event), now)
    return it.case


def police_declines(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    text: str,
    on: str = "",
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """The police will not open a case, with their reasons; within three days they may be asked to reconsider (Art. 9)."""
    return _answered(session, case_id, officer, "police_declines", text, on, rules, now)


def police_upholds(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    text: str,
    on: str = "",
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Asked to reconsider, the police keep to their refusal; within three days the prosecutors may be asked (Art. 9)."""
    return _answered(session, case_id, officer, "police_upholds", text, on, rules, now)


def _answered(
    session: Session, case_id: int, officer: Staff, verb: str, text: str, on: str, rules: Rules, now: datetime
) -> Case:
    it, move = begin(session, case_id, officer, verb)
    text, day = notices.in_words(text), _day(it, on, now)
    event = change(session, it, move, officer, rules=rules, now=now, words=text, on=day)
    _tell(session, it, "crime_declined", notices.of(event), now)
    return it.case


def ask_reconsider(
    session: Session, case_id: int, officer: Staff, *, text: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Ask the police to reconsider, with reasons; they answer within three days (Art. 9)."""
    return _asked(session, case_id, officer, "ask_reconsider", text, rules, vault, now)


def ask_supervision(
    session: Session, case_id: int, officer: Staff, *, text: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Suggest to the prosecutors that they see to the opening of a case (Art. 9)."""
    return _asked(session, case_id, officer, "ask_supervision", text, rules, vault, now)


def _asked(
    session: Session, case_id: int, officer: Staff, verb: str, text: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """A text that leaves for another authority."""
    it, move = begin(session, case_id, officer, verb)
    words = {"text": text}
    text = notices.in_words(text)
    outgoing.check(session, it.case, verb, words, text, to=outgoing.AUTHORITY, vault=vault, now=now)
    change(session, it, move, officer, rules=rules, now=now, words=text)
    return it.case


def hand_goods(
    session: Session, case_id: int, officer: Staff, *, receipt: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Goods and materials are with the police, who signed for them; from here nothing is owed to anybody."""
    it, move = begin(session, case_id, officer, "hand_goods")
    words = say("crime.handed", receipt=receipt_of(receipt, now))
    change(session, it, move, officer, rules=rules, now=now, words=words)
    return it.case


def accept_answer(
    session: Session, case_id: int, leader: Staff, *, text: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """The head leaves it at the refusal of the police and says why; the case goes on as an administrative one."""
    return _back(session, case_id, leader, "accept_answer", text, rules, now)


def supervision_ends(
    session: Session, case_id: int, officer: Staff, *, text: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """The prosecutors do not ask the police to open a case; the case goes on as an administrative one."""
    return _back(session, case_id, officer, "supervision_ends", text, rules, now)


def receive_back(
    session: Session, case_id: int, officer: Staff, *, text: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Police or prosecutors hand the case back for an administrative penalty (CR-11): it goes on."""
    return _back(session, case_id, officer, "receive_back", text, rules, now)


def _back(session: Session, case_id: int, officer: Staff, verb: str, text: str, rules: Rules, now: datetime) -> Case:
    it, move = begin(session, case_id, officer, verb)
    text = notices.in_words(text)
    event = change(session, it, move, officer, rules=rules, now=now, words=text)
    _go_on(session, it.case, rules, now)
    _tell(session, it, "crime_back", notices.of(event), now)
    return it.case


def _go_on(session: Session, case: Case, rules: Rules, now: datetime) -> None:
    """A case that was settled by the transfer is taken up again, whatever it had come to; any other goes on by itself.

    The tellers are told that it goes on and until when, not why.
    """
    if case.outcome != crimeguard.POLICE:
        return
    again = life("crime").table["case"]["reopened"]
    kept = outliving() - set(again["stops"])
    clocks.stop(session, case, lambda kind: kind not in kept, now=now, state="cancelled")
    case.outcome, case.closed_at = None, None
    moves.enter(case, again["state"], now)
    session.flush()
    today = legal_day(now)
    note = say("derivation.gone_on", day=long_day(today))
    started = clocks.start(session, case, again["starts"][case.side], rules=rules, on=today, now=now, note=note)
    clocks.settle(session, case)
    begun = {clock.kind: clock.due_on.isoformat() for clock in started}
    event = audit.append(session, case.id, "reopened", "system", {"started": begun}, now)
    session.flush()
    authority, due = by_code(case.authority).name, long_day(started[0].due_on)
    for report in people.reports_of(session, case):
        body = say("teller.crime_back", number=report.number, authority=authority, due=due)
        notices.tell(session, report, notices.of(event), body, now=now)


def _day(it: Subject, on: str, now: datetime) -> date:
    """The day on which the paper of police or prosecutors came in."""
    received = it.open.received_at
    assert received is not None
    return day_of(on, since=legal_day(received), now=now)


def _tell(session: Session, it: Subject, key: str, occasion: str, now: datetime) -> None:
    """The team, the handler and the leaders learn what came back."""
    to = [*concerned(session, it.case, it.open), *people.staff_of(session, [it.case.authority], "leader")]
    body = notices.to_staff(key, it.case)
    notices.tell_staff(session, {one.id: one for one in to}.values(), it.case, occasion, body, now=now)


VERBS: Mapping[str, Callable[..., Case]] = {
    act.__name__: act
    for act in (
        send_crime, police_passes, police_files, police_declines, police_upholds, ask_reconsider, ask_supervision,
        hand_goods, accept_answer, supervision_ends, receive_back,
    )
}  # fmt: skip
"""The acts by the names of life/crime.toml."""

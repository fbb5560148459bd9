"""Texts that wait: kept sealed with what was found; the writer changes or drops them, a second person releases them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import audit
from intake.confidentiality import Vault
from intake.models import Case, Event, OutgoingHold, Staff
from intake.viewing import lens, may_see
from routing.authorities import by_code, superior_of
from routing.desk import (
    acts,
    assigning,
    extending,
    handover,
    notices,
    opening,
    outgoing,
    oversight,
    paying,
    people,
    police,
    referring,
    reopening,
    rewarding,
    suspecting,
    suspending,
    tickets,
)
from routing.desk.merge import merge, unmerge
from routing.desk.moves import by
from routing.desk.split import confirm, refuse, split
from routing.errors import HoldSettled, NotYourText, SecondPersonNeeded, TextHeld
from routing.leaks import Finding, Verdict
from routing.rules import Rules

VERBS: Mapping[str, Callable[..., Case]] = {
    "accept": acts.accept,
    "decline": acts.decline,
    "ask": acts.ask,
    "ask_extension": extending.ask_extension,
    "extend": extending.extend,
    "suspend": suspending.suspend,
    "resume": suspending.resume,
    "open_case": opening.open_case,
    "not_open": opening.not_open,
    "tell_opened": opening.tell_opened,
    "conclude": opening.conclude,
    "reopen": reopening.reopen,
    "close_ticket": tickets.close_ticket,
    "reopen_ticket": tickets.reopen_ticket,
    "supervise_ticket": tickets.supervise_ticket,
    "refer": referring.refer,
    "offer": handover.offer,
    "take": handover.take,
    "send_back": handover.send_back,
    "dispute": handover.dispute,
    "take_back": handover.take_back,
    "designate": handover.designate,
    "assign": assigning.assign,
    "note_assignment": assigning.note_assignment,
    "report_back": assigning.report_back,
    "decide": acts.decide,
    "reply": acts.reply,
    "close": acts.close,
    "merge": merge,
    "unmerge": unmerge,
    "split": split,
    "confirm": confirm,
    "refuse": refuse,
    "open_oversight": oversight.open_oversight,
    "answer_oversight": oversight.answer_oversight,
    "summon_head": oversight.summon_head,
    "record_talk": oversight.record_talk,
    "close_oversight": oversight.close_oversight,
    "propose_reward": rewarding.propose_reward,
    "approve_reward": rewarding.approve_reward,
    "refuse_reward": rewarding.refuse_reward,
    "notify_reward": rewarding.notify_reward,
    "renew_reward": rewarding.renew_reward,
    "pay_reward": paying.pay_reward,
    "recover_reward": paying.recover_reward,
    **suspecting.VERBS,
    **police.VERBS,
}
TEXT_OF = {
    "decline": "text", "ask": "question", "ask_extension": "reason", "extend": "reason", "reply": "text",
    "refer": "text",
    "offer": "reason", "dispute": "reason", "take_back": "reason", "designate": "reason",
    "assign": "reason", "report_back": "text",
    "refuse_reward": "text", "recover_reward": "text",
    "open_oversight": "reason", "answer_oversight": "text", "summon_head": "reason", "record_talk": "text",
    "close_oversight": "text",
    "report_crime": "text", "ask_reconsider": "text", "ask_supervision": "text",
}  # fmt: skip
"""The field of each act whose words leave."""
SECOND = frozenset({"leader"})
"""Who may release what somebody else wrote; a custodian reads no case, so that he cannot judge what tells."""
OPEN = ("waiting", "asked")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text that waits, opened for the people of its case."""

    hold_id: int
    verb: str
    writer: int
    words: Mapping[str, Any]
    text: str
    asked: str
    """Why the writer wants it to leave as it is; empty while he did not ask."""
    findings: tuple[Finding, ...]
    made_at: datetime


def attempt(
    session: Session,
    case_id: int,
    officer: Staff,
    verb: str,
    words: Mapping[str, Any],
    *,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case | OutgoingHold:
    """Do the act, or keep its text where it may tell who reported: the only way in for people."""
    try:
        return VERBS[verb](session, case_id, officer, **words, rules=rules, vault=vault, now=now)
    except TextHeld as held:  # raised before anything was changed
        return _keep(session, case_id, officer, verb, words, held.verdict, vault, now)


def _keep(
    session: Session,
    case_id: int,
    officer: Staff,
    verb: str,
    words: Mapping[str, Any],
    verdict: Verdict,
    vault: Vault,
    now: datetime,
) -> OutgoingHold:
    hold = OutgoingHold(
        case_id=case_id,
        staff_id=officer.id,
        verb=verb,
        sealed=_seal(vault, case_id, {"words": dict(words)}),
        digest=outgoing.digest(vault, case_id, verb, words),
        findings=[one.as_json() for one in verdict.findings],
        state="waiting",
        made_at=now,
    )
    session.add(hold)
    session.flush()
    _note(session, hold, "text_held", officer, now, kinds=sorted({one.kind for one in verdict.findings}))
    return hold


def waiting(session: Session, case: Case, *, viewer: Staff, vault: Vault) -> tuple[Waiting, ...]:
    """The texts of a case that wait, for those who handle it or may release them; nobody else reads them."""
    query = select(OutgoingHold).where(OutgoingHold.case_id == case.id, OutgoingHold.state.in_(OPEN))
    found = session.scalars(query.order_by(OutgoingHold.id)).all()
    return tuple(_opened(hold, vault) for hold in found if _reads(session, case, hold, viewer))


def _reads(session: Session, case: Case, hold: OutgoingHold, viewer: Staff) -> bool:
    """Whether the table of access gives this text to the viewer: his own, or one that he may release."""
    own = ("own",) if viewer.id == hold.staff_id else ()
    return lens(session, case, viewer=viewer, also=own).sees("held", "text")


def may_release(session: Session, case: Case, hold: OutgoingHold, staff: Staff) -> bool:
    """Whether this is a second person: not the writer, of a role that answers for it, and allowed to see the case."""
    return staff.id != hold.staff_id and staff.role in SECOND and may_see(session, case, viewer=staff)


def change(
    session: Session, hold_id: int, officer: Staff, text: str, *, rules: Rules, vault: Vault, now: datetime
) -> Case | OutgoingHold:
    """The writer's other wording in place of the held one: it leaves, or is held in turn."""
    hold, case = _own(session, hold_id, officer)
    words = {**_opened(hold, vault).words, TEXT_OF[hold.verb]: notices.in_words(text)}
    _settle(session, hold, "changed", officer, now)
    return attempt(session, case.id, officer, hold.verb, words, rules=rules, vault=vault, now=now)


def drop(session: Session, hold_id: int, officer: Staff, *, now: datetime) -> None:
    """The writer gives the text up; nothing leaves."""
    hold, _ = _own(session, hold_id, officer)
    _settle(session, hold, "dropped", officer, now)


def ask_release(session: Session, hold_id: int, officer: Staff, reason: str, *, vault: Vault, now: datetime) -> None:
    """The writer says why the text must leave as it is; those who may release it learn of it."""
    hold, case = _own(session, hold_id, officer)
    known = _content(hold, vault)
    hold.sealed = _seal(vault, case.id, {**known, "asked": notices.in_words(reason)})
    hold.state = "asked"
    event = _note(session, hold, "release_asked", officer, now)
    session.flush()
    leaders = _seconds(session, case, officer)
    body = notices.to_staff("release_asked", case, officer=officer.name)
    notices.tell_staff(session, leaders, case, notices.of(event), body, now=now)


def _seconds(session: Session, case: Case, writer: Staff) -> list[Staff]:
    """Whom to ask: the leaders of the authority, without one those of the authority above."""
    above = superior_of(by_code(case.authority))
    for authority in (case.authority, above.code if above else ""):
        found = [one for one in people.staff_of(session, [authority], "leader") if one.id != writer.id]
        if found := [one for one in found if may_see(session, case, viewer=one)]:
            return found
    return []


def release(
    session: Session, hold_id: int, second: Staff, reason: str, *, rules: Rules, vault: Vault, now: datetime
) -> Case | OutgoingHold:
    """A second person lets the text go as it is, in its writer's name; held anew where a later report brings more."""
    hold = _open_hold(session, hold_id)
    case = people.case_for(session, hold.case_id)
    if not may_release(session, case, hold, second):
        raise SecondPersonNeeded
    known = {**_content(hold, vault), "released": notices.in_words(reason)}
    hold.sealed, hold.state = _seal(vault, case.id, known), "released"
    hold.settled_at, hold.settled_by = now, second.id
    _note(session, hold, "text_released", second, now)
    session.flush()
    writer = session.get_one(Staff, hold.staff_id)
    done = attempt(session, case.id, writer, hold.verb, known["words"], rules=rules, vault=vault, now=now)
    if isinstance(done, OutgoingHold):
        hold.state = "changed"
    return done


def hold_case(session: Session, hold_id: int) -> int:
    """The case of a held text, before it is known who may touch it."""
    return _open_hold(session, hold_id).case_id


def _own(session: Session, hold_id: int, officer: Staff) -> tuple[OutgoingHold, Case]:
    hold = _open_hold(session, hold_id)
    if hold.staff_id != officer.id:
        raise NotYourText
    return hold, people.case_for(session, hold.case_id)


def _open_hold(session: Session, hold_id: int) -> OutgoingHold:
    hold = session.get(OutgoingHold, hold_id, with_for_update=True, populate_existing=True)
    if hold is None or hold.state not in OPEN:
        raise HoldSettled
    return hold


def _settle(session: Session, hold: OutgoingHold, state: str, officer: Staff, now: datetime) -> None:
    hold.state, hold.settled_at, hold.settled_by = state, now, officer.id
    _note(session, hold, f"text_{state}", officer, now)
    session.flush()


def _note(
    session: Session, hold: OutgoingHold, kind: str, officer: Staff, now: datetime, kinds: Sequence[str] = ()
) -> Event:
    """An event that says which act and what kinds of detail, never the text."""
    data: dict[str, Any] = {"hold": hold.id, "verb": hold.verb}
    if kinds:
        data["kinds"] = list(kinds)
    return audit.append(session, hold.case_id, kind, by(officer), data, now)


def _opened(hold: OutgoingHold, vault: Vault) -> Waiting:
    known = _content(hold, vault)
    return Waiting(
        hold_id=hold.id,
        verb=hold.verb,
        writer=hold.staff_id,
        words=known["words"],
        text=str(known["words"][TEXT_OF[hold.verb]]).strip(),
        asked=known.get("asked", ""),
        findings=tuple(Finding.from_json(row) for row in hold.findings),
        made_at=hold.made_at,
    )


def _content(hold: OutgoingHold, vault: Vault) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(vault.unseal(hold.sealed, _context(hold.case_id)))
    return known


def _seal(vault: Vault, case_id: int, content: Mapping[str, Any]) -> bytes:
    return vault.seal(json.dumps(content, ensure_ascii=False).encode(), _context(case_id))


def _context(case_id: int) -> str:
    return f"outgoing text of case {case_id}"

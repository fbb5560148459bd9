"""Every way in which the words of staff leave is checked before anything is changed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from intake import remarks
from intake.models import Case, Event, FiledReport, Notice, OutgoingHold, Remark
from routing import desk
from routing.desk import held
from routing.errors import DeskError, SecondPersonNeeded, TextHeld
from routing.wording import phrases
from tests.routing.conftest import RULES, Office, moment, report

NURSE = "我是康复科上大夜班的护士，9月3号晚上体温单都是照着前一天的抄的。"
LEAK = "据该院上大夜班的护士反映，9月3日体温单照着前一天的抄。"
PLAIN = "您反映的情况我们正在核查。"
WAYS: dict[str, dict[str, Any]] = {
    "decline": {"reason": "no_clue", "text": LEAK},
    "ask": {"question": LEAK},
    "ask_extension": {"reason": LEAK},
    "offer": {"authority": "YB-621002", "reason": LEAK},
    "refer": {"department": "health", "text": LEAK},
    "reply": {"text": LEAK},
}


def two(office: Office) -> Case:
    """A case that a nurse and a relative told of."""
    receipt = office.file(report(account="relative"))
    office.file(report(NURSE + report().text, account="nurse"))
    case = office.case(receipt)
    assert len(office.session.scalars(select(Event).where(Event.kind == "filed")).all()) == 2
    return case


def ready(office: Office, verb: str) -> tuple[Case, dict[str, Any]]:
    """The case in a state in which the act is lawful, and the act's words."""
    case, words = two(office), dict(WAYS[verb])
    if verb == "ask":
        words["report_id"] = office.session.scalars(select(FiledReport.id).order_by(FiledReport.id)).first()
    if verb in {"ask_extension", "reply"}:
        office.do("accept", case, "officer", "2026-09-21")
    if verb == "reply":
        office.do("decide", case, "officer", "2026-09-22", outcome="established", finding="属实。")
    return case, words


def attempt(office: Office, case: Case, verb: str, words: dict[str, Any]) -> Case | OutgoingHold:
    """The act as the desk's page does it."""
    law: dict[str, Any] = {"rules": RULES, "vault": office.vault, "now": moment("2026-09-23")}
    return desk.attempt(office.session, case.id, office.staff("officer"), verb, words, **law)


@pytest.mark.parametrize("verb", WAYS)
def test_no_way_out_goes_past_the_check(office: Office, verb: str) -> None:
    """The verb itself refuses, whoever calls it; state, history and outbox stay as they were."""
    case, words = ready(office, verb)
    before = (
        case.state,
        len(office.session.scalars(select(Event)).all()),
        len(office.session.scalars(select(Notice)).all()),
    )
    with pytest.raises(TextHeld):
        office.do(verb, case, "officer", "2026-09-23", **words)
    after = (
        case.state,
        len(office.session.scalars(select(Event)).all()),
        len(office.session.scalars(select(Notice)).all()),
    )
    assert after == before


@pytest.mark.parametrize("verb", WAYS)
def test_a_held_text_waits_sealed_and_leaves_when_released(office: Office, verb: str) -> None:
    """Nothing of it is readable in the ledger; released by the leader it leaves once, as its writer's."""
    case, words = ready(office, verb)
    hold = attempt(office, case, verb, words)
    assert isinstance(hold, OutgoingHold)
    assert LEAK.encode() not in hold.sealed
    law: dict[str, Any] = {"rules": RULES, "vault": office.vault, "now": moment("2026-09-24")}
    with pytest.raises(SecondPersonNeeded):
        held.release(office.session, hold.id, office.staff("officer"), "可以", **law)
    done = held.release(office.session, hold.id, office.staff("leader"), "已征得同意。", **law)
    assert isinstance(done, Case)
    assert hold.state == "sent"
    event = office.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    assert event.actor == f"staff:{office.staff('officer').id}"
    with pytest.raises(DeskError):
        office.do(verb, case, "officer", "2026-09-24", **words)


def test_a_release_does_not_cover_what_came_later(office: Office) -> None:
    """Another report between hold and release brings new findings: the text is held again, with all of them."""
    receipt = office.file(report(NURSE + report().text, account="nurse"))
    case = office.case(receipt)
    words = {"authority": "YB-621002", "reason": LEAK + "锅炉房改的病房没有病人，费用为3680.5元。"}
    hold = attempt(office, case, "offer", words)
    assert isinstance(hold, OutgoingHold)
    office.file(report(report().text + "自费3680.5元。", account="late"))
    law: dict[str, Any] = {"rules": RULES, "vault": office.vault, "now": moment("2026-09-24")}
    again = held.release(office.session, hold.id, office.staff("leader"), "可以。", **law)
    assert isinstance(again, OutgoingHold)
    assert len(again.findings) > len(hold.findings)
    assert case.authority == "YB-621021"


def test_every_sentence_with_words_of_staff_belongs_to_a_checked_act() -> None:
    """A new notice that carries free words must be brought through the gate, or this test says so."""
    free = {"text", "question", "reason", "finding"}
    carrying = {
        f"{section}.{name}": set(re.findall(r"{(\w+)}", sentence)) & free
        for section in ("teller", "staff")
        for name, sentence in phrases()[section].items()
        if isinstance(sentence, str)
    }
    found = {name for name, words in carrying.items() if words}
    rewards = {"teller.reward_refused", "teller.reward_recovered"}
    told = {"teller.declined", "teller.asked", "teller.replied", "staff.extended", "staff.transferred_in"}
    told |= {"staff.extension_asked"}
    handed = {"staff.offered", "staff.sent_back", "staff.disputed", "staff.designated", "staff.reported_back"}
    assert found == told | handed | {"teller.referred"} | rewards
    assert set(held.TEXT_OF) == {
        "decline", "ask", "reply", "ask_extension", "extend", "refuse_reward", "recover_reward", "refer", "offer",
        "dispute", "take_back", "designate", "assign", "report_back", "report_crime", "ask_reconsider",
        "ask_supervision", "open_oversight", "answer_oversight", "summon_head", "record_talk", "close_oversight",
    }  # fmt: skip


def test_reminders_bear_no_word_of_a_report() -> None:
    """What time says to superiors and supervisors is made of numbers, names and dates alone."""
    allowed = {"number", "subject", "clock", "left", "due", "over", "authority"}
    for sentence in phrases()["staff"]["reminders"].values():
        assert set(re.findall(r"{(\w+)}", sentence)) - {"n"} <= allowed


def test_events_hold_no_words_and_can_prove_them(office: Office) -> None:
    """The history commits to what was written; the words lie beside it and can be erased."""
    case = two(office)
    words = {
        "accept": {},
        "extend": {"reason": "需要核对的病历较多。"},
        "decide": {"outcome": "established", "finding": "查实有关费用不符。"},
        "reply": {"text": PLAIN},
    }
    for verb, fields in words.items():
        office.do(verb, case, "leader" if verb == "extend" else "officer", "2026-09-23", **fields)
    events = {event.id: event for event in office.session.scalars(select(Event).where(Event.case_id == case.id))}
    kept = office.session.scalars(select(Remark)).all()
    assert [remark.text for remark in kept] == ["需要核对的病历较多。", "查实有关费用不符。", PLAIN]
    assert all(remarks.proven(events[remark.event_id], remark) for remark in kept)
    assert not re.search(r"[\u4e00-\u9fff]", json.dumps([event.data for event in events.values()], ensure_ascii=False))
    kept[0].text += "！"
    assert not remarks.proven(events[kept[0].event_id], kept[0])


def test_no_event_of_a_whole_life_holds_what_may_have_to_be_erased(office: Office) -> None:
    """Told, asked, added to, urged, held, released, replied, rated, withdrawn: each event holds marks and numbers only."""
    canary = "金丝雀canary13912340000"
    receipt = office.file(report(canary + report().text, account="canary-account"))
    case, told = office.case(receipt), office.report(receipt)
    office.do("ask", case, "officer", "2026-09-19", report_id=told.id, question=f"{canary}是哪天？")
    office.told("add_to_report", told, "2026-09-20", canary)
    office.told("urge", told, "2026-09-20")
    office.do("accept", case, "officer", "2026-09-21")
    hold = attempt(office, case, "ask_extension", {"reason": f"反映人{canary}称需要时间。"})
    assert isinstance(hold, OutgoingHold)
    held.ask_release(
        office.session, hold.id, office.staff("officer"), canary, vault=office.vault, now=moment("2026-09-22")
    )
    law: dict[str, Any] = {"rules": RULES, "vault": office.vault, "now": moment("2026-09-23")}
    held.release(office.session, hold.id, office.staff("leader"), canary, **law)
    office.do("decide", case, "officer", "2026-09-24", outcome="established", finding=canary)
    office.do("reply", case, "officer", "2026-09-25", text=canary)
    office.told("rate", told, "2026-09-26", 1, canary)
    office.do("close", case, "officer", "2026-09-27")
    other = office.file(report(account="other", institution="庆城县别家医院"))
    office.told("withdraw", office.report(other), "2026-09-19", canary)
    events = office.session.scalars(select(Event)).all()
    assert {"asked", "supplemented", "urged", "text_held", "release_asked", "text_released", "rated", "withdrawn"} <= {
        event.kind for event in events
    }
    for event in events:
        written = json.dumps(event.data, ensure_ascii=False)
        assert "canary" not in written
        assert written.isascii(), written
        assert all(re.fullmatch(r"[\w:.-]{0,64}", value) for value in event.data.values() if isinstance(value, str))

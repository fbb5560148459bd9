"""The ledger of papers: each step makes its paper, numbered without gaps, telling of nobody, the same years later."""

from __future__ import annotations

import hashlib
import importlib
import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from sqlalchemy import select

from intake import papers as ledger
from intake.confidentiality import Vault
from intake.db import Database
from intake.errors import NotAllowed, PaperAltered, PaperErased
from intake.models import Case, Event, FiledReport, Paper, Staff
from intake.models import Office as OfficeName
from intake.report import Receipt, Teller
from routing import desk
from routing.desk import papers
from routing.documents import kinds
from routing.documents.compose import papers as templates
from routing.documents.compose import to_whom
from routing.errors import PaperTells
from tests.routing.conftest import RULES, Office, complaint, moment, replace, report
from tests.routing.rewarding import granted, hired, wanting

NAME, PHONE, ACCOUNT = "慕容金丝雀", "13893412345", "canary-account-7"
QUIRK = "三楼东头第七张床那盆文竹"
"""Only the teller says it: no paper may."""


def told(**changes: Any) -> Any:
    """A report of somebody with a name, a telephone, and a detail that only he knows."""
    made = report(f"庆城县桃源康复医院挂床，{QUIRK}没人浇水。", account=ACCOUNT, mode="named", **changes)
    teller = Teller(channel="web", account=ACCOUNT, mode="named", name=NAME, phone=PHONE)
    return replace(made, teller=teller)


def made(office: Office, kind: str | None = None) -> list[Paper]:
    """The papers of this ledger, oldest first."""
    query = select(Paper).order_by(Paper.id)
    return list(office.session.scalars(query.where(Paper.kind == kind) if kind else query))


def words(office: Office, paper: Paper) -> str:
    """What stands in a paper, read back from its file by another program than wrote it."""
    document = Document(io.BytesIO(ledger.content_of(office.session, paper, office.vault)))
    lines = [line.text for line in document.paragraphs]
    lines += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(lines)


def accept(office: Office, receipt: Receipt) -> None:
    office.do("accept", office.case(receipt), "officer", "2026-09-21")


def declined(office: Office, receipt: Receipt) -> None:
    office.do(
        "decline", office.case(receipt), "officer", "2026-09-21", reason="no_clue", text="请写明具体的机构和时间。"
    )


def asked(office: Office, receipt: Receipt) -> None:
    words = {"report_id": office.report(receipt).id, "question": "请问大约是哪几个月？"}
    office.do("ask", office.case(receipt), "officer", "2026-09-21", **words)


def transferred(office: Office, receipt: Receipt) -> None:
    words = {"authority": "YB-621002", "reason": "主要违法行为发生在西峰区。"}
    office.do("offer", office.case(receipt), "officer", "2026-09-21", **words)
    office.do("take", office.case(receipt), "neighbour", "2026-09-22")


def referred(office: Office, receipt: Receipt) -> None:
    words = {"department": "health", "text": "该事项属于诊疗质量问题。"}
    office.do("refer", office.case(receipt), "officer", "2026-09-21", **words)


def extended(office: Office, receipt: Receipt) -> None:
    accept(office, receipt)
    office.do("extend", office.case(receipt), "leader", "2026-09-28", reason="需要调取结算数据。")


def replied(office: Office, receipt: Receipt) -> None:
    accept(office, receipt)
    office.do("decide", office.case(receipt), "officer", "2026-10-09", outcome="established", finding="属实。")
    office.do("reply", office.case(receipt), "officer", "2026-10-12", text="反映的问题属实，已责令退回基金。")


def rewarded(office: Office, receipt: Receipt) -> None:
    hired(office)
    replied(office, receipt)
    granted(office, receipt)
    office.do("notify_reward", office.case(receipt), "officer", "2026-10-21", report_id=office.report(receipt).id)


STEPS: dict[str, tuple[Callable[[Office, Receipt], None], tuple[str, ...]]] = {
    "accept_notice": (accept, ("庆城医保举受〔2026〕1号", "庆城县桃源康复医院", "2026年10月15日", "决定予以受理")),
    "decline_notice": (
        declined, ("庆城医保举不受〔2026〕1号", "没有明确的对象或者具体线索", "请写明具体的机构", "随时补充", "庆阳市医疗保障局"),
    ),
    "supplement_notice": (asked, ("庆城医保举补〔2026〕1号", "大约是哪几个月")),
    "transfer_letter": (
        transferred,
        ("庆城医保转〔2026〕1号", "庆阳市西峰区医疗保障局：", "主要违法行为发生在西峰区", "《社会保险法》第八十二条", "送 达 回 执"),
    ),
    "transfer_notice": (transferred, ("庆城医保举移〔2026〕1号", "已将该事项移送庆阳市西峰区医疗保障局")),
    "extension_approval": (
        extended, ("庆城医保延〔2026〕1号", "2026年10月15日", "2026年11月5日", "需要调取结算数据", "officer", "同意延长。leader"),
    ),
    "refer_letter": (referred, ("庆城医保移〔2026〕1号", "卫生健康部门：", "诊疗质量问题", "送 达 回 执")),
    "refer_notice": (referred, ("庆城医保举转〔2026〕1号", "不属于本机关的职责", "移送卫生健康部门")),
    "reply": (replied, ("庆城医保举复〔2026〕1号", "查证属实", "已责令退回基金")),
    "reward_notice": (rewarded, ("庆城医保举奖〔2026〕1号", "3,000元", "按全部案值的3%计算")),
}  # fmt: skip


@pytest.mark.parametrize("kind", STEPS)
def test_each_step_makes_its_paper_with_its_facts_and_of_nobody(office: Office, kind: str) -> None:
    """Number and facts stand in it; name, telephone, account and what only the teller knew do not."""
    act, facts = STEPS[kind]
    receipt = office.file(wanting(told()))
    act(office, receipt)
    (paper,) = made(office, kind)
    text = words(office, paper)
    assert [fact for fact in facts if fact not in text] == []
    assert [canary for canary in (NAME, PHONE, ACCOUNT, QUIRK, "文竹") if canary in text] == []
    assert "{" not in text
    if to_whom(kind) == "teller":
        assert f"举报人（编号{receipt.case_number}）：" in text
        assert paper.report_id == office.report(receipt).id


def test_every_kind_is_made_by_a_step_or_offered_to_one() -> None:
    """The kinds without an act of their own yet are written by `papers.make`, tested below."""
    assert set(kinds()) == {*STEPS, *OFFERED}


OFFERED = {
    "crime_transfer": {
        "finding": "虚构住院三十余人次。", "amount": "84,300", "approved": "2026年11月20日",
        "citation": "《行政执法机关移送涉嫌犯罪案件的规定》第五条",
    },
    "assign_letter": {"due": "2026年11月30日", "reason": "请在期限内查清并报告。"},
    "supervise_letter": {"clock": "线索核查", "due": "2026年10月15日", "over": "6", "reply_by": "2026年11月2日"},
}  # fmt: skip


@pytest.mark.parametrize("kind", OFFERED)
def test_other_steps_make_theirs_by_the_same_function(office: Office, kind: str) -> None:
    """A superior's letter bears the superior's number; the taker is who it is written to."""
    case = office.case(office.file(told()))
    paper = papers.make(
        office.session, case, kind, OFFERED[kind], officer=office.staff("mayor"), taker="庆城县公安局",
        vault=office.vault, now=moment("2026-10-21"),
    )  # fmt: skip
    text = words(office, paper)
    assert paper.number.startswith("庆阳医保")
    assert all(fact in text for fact in OFFERED[kind].values())
    assert "庆城县公安局：" in text
    assert NAME not in text


def test_an_authority_above_oversees_by_letter_and_a_leader_of_the_office_without(office: Office) -> None:
    """The letter says what is overdue and by when to answer; within one office nobody writes letters."""
    case = office.case(office.file(told()))
    office.do("open_oversight", case, "leader", "2026-10-21", reason="请说明进展。")
    assert made(office, "supervise_letter") == []
    office.do("open_oversight", case, "mayor", "2026-10-21", reason="请查清没有办结的原因。")
    (letter,) = made(office, "supervise_letter")
    text = words(office, letter)
    facts = ("庆阳医保督〔2026〕1号", "庆城县医疗保障局：", "线索核查", "2026年10月15日", "已超期6日", "没有办结的原因")
    assert [fact for fact in facts if fact not in text] == []


def test_words_that_tell_are_never_written_into_a_paper(office: Office) -> None:
    """What passed no check of its own is checked here, and refused."""
    case = office.case(office.file(told()))
    facts = {**OFFERED["crime_transfer"], "finding": f"据{NAME}（{PHONE}）反映，{QUIRK}没人浇水。"}
    with pytest.raises(PaperTells):
        papers.make(
            office.session, case, "crime_transfer", facts, officer=office.staff("officer"), taker="庆城县公安局",
            vault=office.vault, now=moment("2026-10-21"),
        )  # fmt: skip


def test_a_complaint_is_answered_to_the_one_who_complained(office: Office) -> None:
    """An enterprise is called by its number as well, and by what it is."""
    receipt = office.file(complaint())
    office.do("accept", office.case(receipt), "city", "2026-09-21")
    text = words(office, made(office)[0])
    assert "投诉受理告知书" in text
    assert f"投诉人（编号{receipt.case_number}）：" in text
    assert "子虚大药房" not in text


def test_each_teller_of_a_case_gets_his_own_and_learns_of_no_other(office: Office) -> None:
    """Two tellers of one matter: two papers, each with its own number and what its teller said himself."""
    first = office.file(report())
    second = office.file(report(account="teller-2", codes=("F02",), at="2026-09-20"))
    assert office.case(first).id == office.case(second).id
    accept(office, first)
    one, other = (words(office, paper) for paper in made(office))
    assert first.case_number in one
    assert second.case_number not in one
    assert second.case_number in other
    assert first.case_number not in other
    assert one.split("反映的主要问题")[1][:20] != other.split("反映的主要问题")[1][:20]


def test_numbers_go_by_office_kind_and_year(office: Office) -> None:
    """Each counts from one; the registry's own word stands before it."""
    office.session.add(OfficeName(key="YB-621021", name="庆城县医疗保障局", word="庆医保", at=moment("2026-01-05")))
    for n, at in enumerate(("2026-09-18", "2026-10-09", "2026-12-30")):
        office.file(report(account=f"t{n}", institution=f"庆城县第{n}医院", text=f"庆城县第{n}医院乱收费。", at=at))
    cases = list(office.session.scalars(select(Case).order_by(Case.id)))
    office.do("accept", cases[0], "officer", "2026-09-21")
    office.do("accept", cases[1], "officer", "2026-10-10")
    office.do("accept", cases[2], "officer", "2027-01-04")
    assert [paper.number for paper in made(office)] == [
        "庆医保举受〔2026〕1号", "庆医保举受〔2026〕2号", "庆医保举受〔2027〕1号"
    ]  # fmt: skip


def test_a_refused_act_takes_no_number(office: Office) -> None:
    """What is rolled back is given again: no gap."""
    receipt = office.file(report())
    office.session.commit()
    office.do("accept", office.case(receipt), "officer", "2026-09-21")
    office.session.rollback()
    office.do("accept", office.case(receipt), "officer", "2026-09-22")
    assert [paper.serial for paper in made(office)] == [1]


def test_the_event_holds_the_digest_and_an_altered_paper_is_found_out(office: Office) -> None:
    """SM3 in the chained event: whoever puts another file in its place is told of it."""
    receipt = office.file(report())
    accept(office, receipt)
    (paper,) = made(office)
    content = ledger.content_of(office.session, paper, office.vault)
    event = office.session.get_one(Event, paper.event_id)
    assert event.kind == "paper"
    assert event.data["sm3"] == paper.sm3 == hashlib.new("sm3", content).hexdigest()
    assert (event.data["paper"], event.data["serial"], event.data["report_id"]) == ("accept_notice", 1, paper.report_id)
    paper.sealed = office.vault.seal(content + b"\0", f"paper {paper.authority} {paper.number}")
    with pytest.raises(PaperAltered):
        ledger.content_of(office.session, paper, office.vault)


def test_a_paper_put_in_changed_or_taken_away_is_found(office: Office) -> None:
    """By the chained events alone: whoever verifies the ledger needs no key."""
    receipt = office.file(report())
    transferred(office, receipt)
    letter, notice = made(office)
    assert list(ledger.astray(office.session)) == []
    for column, value in {
        "sm3": "0" * 64,
        "serial": 7,
        "kind": "reply",
        "authority": "YB-621000",
        "year": 2025,
    }.items():
        before = getattr(letter, column)
        setattr(letter, column, value)
        office.session.flush()
        assert list(ledger.astray(office.session)) == [("row_changed", letter.id)]
        setattr(letter, column, before)
    gone = notice.event_id
    office.session.delete(notice)
    office.session.flush()
    assert list(ledger.astray(office.session)) == [("row_missing", gone)]
    letter.event_id = office.session.scalars(select(Event.id).where(Event.kind == "filed")).one()
    office.session.flush()
    assert ("row_stranger", letter.id) in list(ledger.astray(office.session))


def test_a_paper_opens_byte_for_byte_although_templates_and_offices_changed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept, not made again: neither new templates nor another name of the office reach it."""
    receipt = office.file(report())
    accept(office, receipt)
    (paper,) = made(office)
    before = ledger.content_of(office.session, paper, office.vault)
    changed = dict(templates())
    changed["accept_notice"] = {**changed["accept_notice"], "title": "别的标题", "paragraph": ["别的内容"]}
    monkeypatch.setattr(importlib.import_module("routing.documents.compose"), "papers", lambda: changed)
    office.session.add(OfficeName(key="YB-621021", name="改了名的局", word="新字", at=moment("2030-01-05")))
    office.session.flush()
    office.session.expire_all()
    _, after = ledger.opened(office.session, paper.id, viewer=office.staff("officer"), vault=office.vault)
    assert after == before


def test_who_may_open_a_paper(office: Office) -> None:
    """Handlers and leaders above; its addressee alone of all tellers; the office that sent it, after it passed the case on."""
    receipt, other = office.file(report()), office.file(report(account="teller-2", at="2026-09-20"))
    accept(office, receipt)
    own, others = made(office)

    def opens(paper: Paper, who: Staff | FiledReport) -> None:
        ledger.opened(office.session, paper.id, viewer=who, vault=office.vault)

    for name in ("officer", "leader", "mayor"):
        opens(own, office.staff(name))
    assert [
        one.number for one in ledger.of_report(office.session, office.report(receipt), viewer=office.report(receipt))
    ]
    opens(own, office.report(receipt))
    for viewer in ("neighbour", "supervisor", "colleague", "city"):
        with pytest.raises(NotAllowed):
            opens(own, office.staff(viewer))
    for paper, teller in ((others, receipt), (own, other)):
        with pytest.raises(NotAllowed):
            opens(paper, office.report(teller))
    office.do(
        "offer", office.case(receipt), "officer", "2026-09-22", authority="YB-621002", reason="违法行为地在西峰。"
    )
    office.do("take", office.case(receipt), "neighbour", "2026-09-22")
    (letter,) = made(office, "transfer_letter")
    opens(letter, office.staff("officer"))
    opens(letter, office.staff("neighbour"))
    with pytest.raises(NotAllowed):
        opens(letter, office.report(receipt))
    register = ledger.issued(office.session, viewer=office.staff("officer"), year=2026)
    assert letter.number in {one.number for one in register}
    assert not ledger.issued(office.session, viewer=office.staff("neighbour"), year=2026)
    assert not ledger.issued(office.session, viewer=office.staff("colleague"), year=2026)


def test_what_an_erasure_leaves_of_a_paper(office: Office) -> None:
    """The teller's own is emptied; number, digest and the papers about the matter stay."""
    from intake import erasure

    receipt = office.file(report())
    transferred(office, receipt)
    case = office.case(receipt)
    office.do("decline", case, "neighbour", "2026-09-23", reason="no_clue", text="请写明具体的机构和时间。")
    office.do("close", case, "neighbour", "2026-09-24")
    erasure.erase(
        office.session, office.report(receipt), ground="consent", actor="system", vault=office.vault,
        now=moment("2026-12-01"), hide=lambda text, _at: text,
    )  # fmt: skip
    for paper in made(office):
        if paper.report_id is None:
            assert ledger.content_of(office.session, paper, office.vault)
        else:
            with pytest.raises(PaperErased):
                ledger.content_of(office.session, paper, office.vault)
        assert office.session.get_one(Event, paper.event_id).data["sm3"] == paper.sm3


def test_no_gap_and_no_number_twice_when_many_write_at_once(database: Database, vault: Vault) -> None:
    """Eight officers' desks accept at once, some of them fail after they had a number."""
    count, fails = 24, {3, 7, 11, 20}
    with database.transaction() as session:
        office = Office(session, vault)
        for n in range(count):
            office.file(report(account=f"t{n}", institution=f"庆城县第{n}诊所", text=f"庆城县第{n}诊所乱收费。"))
        cases = list(session.scalars(select(Case.id).order_by(Case.id)))
    wrong: list[BaseException] = []

    def work(some: list[tuple[int, int]]) -> None:
        for n, case_id in some:
            try:
                with database.transaction() as session:
                    officer = Office(session, vault).staff("officer")
                    desk.accept(session, case_id, officer, rules=RULES, vault=vault, now=moment("2026-09-21"))
                    if n in fails:
                        session.rollback()
            except BaseException as error:  # noqa: BLE001 — told below, a thread would hide it
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(list(enumerate(cases))[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    with database.reading() as session:
        serials = sorted(session.scalars(select(Paper.serial)))
        numbers = session.scalars(select(Paper.number)).all()
        accepted = session.scalars(select(Case).where(Case.state == "accepted")).all()
    assert len(cases) == count
    assert serials == list(range(1, len(accepted) + 1))
    assert len(accepted) == count - len(fails)
    assert len(set(numbers)) == len(numbers)

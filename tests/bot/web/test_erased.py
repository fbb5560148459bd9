"""Once a teller was erased, his code and his conversation open a sentence and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot import keeping
from bot.keeping import Kept
from intake.errors import RewardRunning
from intake.models import Case, Conversation, FiledReport, Notice, Turn
from routing import desk
from routing.errors import TellerErased
from tests.bot.web.conftest import filed, officer
from tests.bot.web.site import Site


def closed(here: Site, account: str) -> tuple[str, str]:
    """A report that was handled to its end: its number and its code."""
    held = filed(here.app, account, institution=f"{account}医院")
    law: dict[str, Any] = {"rules": here.app.rules, "vault": here.app.vault, "now": datetime.now(UTC)}
    clerk = officer(here.app, f"clerk of {account}")
    with here.app.database.transaction() as session:
        report = session.scalars(select(FiledReport).where(FiledReport.number == held.case_number)).one()
        desk.accept(session, report.case_id, clerk, **law)
        desk.decide(session, report.case_id, clerk, outcome="not_established", finding="没有查到。", **law)
        desk.reply(session, report.case_id, clerk, text="您反映的情况没有查实，感谢您的监督。", **law)
        desk.close(session, report.case_id, clerk, **law)
    return held.case_number, held.query_code


def kept(here: Site) -> Kept:
    """The data of the served application."""
    app = here.app
    return Kept(app.settings, app.database, app.vault, "mark", app.evidence)


def erase(here: Site, number: str, **given: Any) -> int:
    """As the command does it."""
    asked: dict[str, Any] = {"ground": "consent", "whole_case": False, "files": False, "reward_settled": False, **given}
    return keeping.erase(kept(here), number, datetime.now(UTC), **asked)


def test_the_code_opens_only_the_sentence(here: Site) -> None:
    """Status, additions and rating all answer 410 with the same sentence; no word of the report comes back."""
    number, code = closed(here, "e1")
    assert here.post("/receipts/status", json={"query_code": code}).status_code == 200
    assert erase(here, number) == 1
    calls = {
        "/receipts/status": {"query_code": code},
        "/receipts/messages": {"query_code": code, "text": "还有"},
        "/receipts/rating": {"query_code": code, "stars": 5},
    }
    for path, body in calls.items():
        answer = here.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (410, "erased")
        assert "已经依法删除" in answer.json()["message"]
        assert set(answer.json()) <= {"code", "message", "fields"}


def test_nobody_writes_to_the_erased_and_he_writes_to_nobody(here: Site) -> None:
    """Waiting notices are gone, no new ones are made, and an old talk cannot add to the report."""
    number, _ = closed(here, "e2")
    erase(here, number)
    law: dict[str, Any] = {"rules": here.app.rules, "vault": here.app.vault, "now": datetime.now(UTC)}
    with here.app.database.transaction() as session:
        report = session.scalars(select(FiledReport).where(FiledReport.number == number)).one()
        assert session.scalars(select(Notice).where(Notice.report_id == report.id)).all() == []
        with pytest.raises(TellerErased):
            desk.add_to_report(session, report, "补充", **law)
        with pytest.raises(TellerErased):
            desk.rate(session, report, 5, **law)


def test_the_log_of_a_real_conversation_goes(here: Site, person: Any) -> None:
    """A report that came out of a talk takes the talk with it."""
    person.say("庆城县仁寿医院三楼病床是空的，天天刷医保。")
    with here.app.database.reading() as session:
        talk = session.scalars(select(Conversation).order_by(Conversation.created_at.desc())).first()
    assert talk is not None
    number, _ = closed(here, "e3")
    with here.app.database.transaction() as session:
        session.scalars(select(FiledReport).where(FiledReport.number == number)).one().conversation = talk.id
    erase(here, number)
    with here.app.database.reading() as session:
        assert session.get(Conversation, talk.id) is None
        assert session.scalars(select(Turn).where(Turn.conversation_id == talk.id)).all() == []


def test_of_a_whole_case_all_go_or_none(here: Site) -> None:
    """Where one teller's reward still runs, nobody of the case is erased."""
    number, _ = closed(here, "e4")
    with here.app.database.transaction() as session:
        case = session.scalars(select(FiledReport.case_id).where(FiledReport.number == number)).one()
    second, _ = closed(here, "e5")
    with here.app.database.transaction() as session:
        joined = session.scalars(select(FiledReport).where(FiledReport.number == second)).one()
        joined.case_id, joined.wants_reward = case, True
        session.get_one(Case, case).outcome = "established"
    with pytest.raises(RewardRunning):
        erase(here, number, whole_case=True)
    assert erase(here, number, whole_case=True, reward_settled=True) == 2


def test_the_store_of_evidence_forgets(here: Site) -> None:
    """A content is taken off the disk; one that is not there is gone already."""
    digest = here.app.evidence.store(b"plain words", "a.txt").digest
    here.app.evidence.forget(digest)
    here.app.evidence.forget(digest)
    assert not here.app.evidence.has(digest)

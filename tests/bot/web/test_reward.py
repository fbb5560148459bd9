"""A reward by query code: its state on the receipt, claimed or given up; a stranger's code opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import App
from bot.settings import Settings
from intake.models import FiledReport, Reward, Staff
from intake.receipts import new_query_code
from intake.report import Claim, Receipt, Report, Teller
from routing import desk
from tests.bot.web.site import Site, site
from tests.routing.rewarding import GOOD

OWN_LAW = Path(__file__).parents[2] / "routing" / "own_law" / "rewards.toml"
WORDS = "庆城县清泉医院三楼的病床是空的，却天天刷医保。"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Site]:
    """A site of a bureau that entered its own scheme."""
    data = tmp_path_factory.mktemp("data")
    (data / "model").symlink_to(model_folder)
    (data / "law").mkdir()
    (data / "law" / "rewards.toml").write_text(OWN_LAW.read_text("utf-8"), "utf-8")
    app = App.open(Settings(_env_file=None, data_folder=data))
    with app.database.transaction() as session:
        for username, role in (("o", "officer"), ("l", "leader"), ("c", "officer")):
            session.add(
                Staff(
                    username=username, password_hash="x", name=username, role=role, authority="YB-621021", interests=""
                )
            )
    with site(app) as running:
        yield running
    app.close()


def granted(app: App, account: str, *, notified_ago: int | None = 1, wants: bool = True) -> Receipt:
    """A report that was decided, and with `notified_ago` whose teller was told of his reward so many days ago."""
    now = datetime.now(UTC)
    at = now - timedelta(days=120)
    report = Report(
        side="citizen",
        teller=Teller("web", account, "anonymous", wants_reward=wants),
        conversation=account,
        text=WORDS,
        redacted=WORDS,
        claims=(Claim("F03", 0.9),),
        received_at=at,
        institution=f"庆城县{account}医院",
        place="621021",
    )
    with app.database.transaction() as session:
        held = desk.file_report(session, report, rules=app.rules, vault=app.vault, home="621000", now=at)
        told = session.scalars(select(FiledReport).where(FiledReport.number == held.case_number)).one()
        staff = {one.username: one for one in session.scalars(select(Staff))}
        law: dict[str, Any] = {"rules": app.rules, "vault": app.vault, "now": at + timedelta(days=2)}
        desk.accept(session, told.case_id, staff["o"], **law)
        desk.decide(session, told.case_id, staff["o"], outcome="established", finding="属实", **law)
        if notified_ago is not None:
            one: dict[str, Any] = {"report_id": told.id}
            desk.propose_reward(
                session, told.case_id, staff["o"], facts=GOOD, case_value=Decimal(41150), grade=1, **one, **law
            )
            desk.approve_reward(session, told.case_id, staff["l"], **one, **law)
            law["now"] = now - timedelta(days=notified_ago)
            desk.notify_reward(session, told.case_id, staff["o"], **one, **law)
    return held


def reward(here: Site, held: Receipt) -> Any:
    """What the receipt says of the reward."""
    return here.post("/receipts/status", json={"query_code": held.query_code}).json()["reward"]


def test_the_receipt_shows_the_sum_and_the_last_day(here: Site):
    """1 234.50 yuan, until when, and both ways on."""
    shown = reward(here, granted(here.app, "r1"))
    assert (shown["state"], shown["yuan"], shown["may_claim"], shown["may_waive"]) == (
        "notified",
        "1234.50",
        True,
        True,
    )
    assert "1,234.50 元" in shown["text"]
    assert shown["claim_until"]


def test_before_the_notice_only_the_wish_is_shown(here: Site):
    """No sum, nothing to claim; and whoever wants none reads nothing."""
    shown = reward(here, granted(here.app, "r2", notified_ago=None))
    assert (shown["state"], shown["yuan"], shown["may_claim"], shown["may_waive"]) == ("undecided", None, False, True)
    quiet = reward(here, granted(here.app, "r3", notified_ago=None, wants=False))
    assert (quiet["state"], quiet["may_waive"]) == ("not_wanted", False)


def test_it_is_claimed_by_the_code_once(here: Site):
    """Claimed: the receipt says so; a second claim is refused with a sentence."""
    held = granted(here.app, "r4")
    body = {"query_code": held.query_code, "act": "claim", "how": "bank", "account": "6217000010001234567"}
    answer = here.post("/receipts/reward", json=body)
    assert answer.status_code == 200
    assert "身份证件" in answer.json()["message"]
    assert reward(here, held)["state"] == "claimed"
    again = here.post("/receipts/reward", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "not_now")
    with here.app.database.reading() as session:
        kept = session.scalars(select(Reward).join(FiledReport).where(FiledReport.number == held.case_number)).one()
    assert kept.sealed_claim is not None
    assert b"6217" not in kept.sealed_claim


def test_it_is_given_up_by_the_code(here: Site):
    """Given up before anything was offered, or after the notice: nothing can be claimed any more."""
    for account, ago in (("r5", None), ("r6", 1)):
        held = granted(here.app, account, notified_ago=ago)
        assert here.post("/receipts/reward", json={"query_code": held.query_code, "act": "waive"}).status_code == 200
        shown = reward(here, held)
        assert (shown["state"], shown["may_claim"], shown["may_waive"]) == ("waived", False, False)
        claim = {"query_code": held.query_code, "act": "claim", "how": "window"}
        assert here.post("/receipts/reward", json=claim).status_code == 409


def test_too_late_is_said(here: Site):
    """After the last day the form is gone, and the sentence tells the way on."""
    held = granted(here.app, "r7", notified_ago=80)
    shown = reward(here, held)
    assert not shown["may_claim"]
    assert "正当理由" in shown["text"]
    claim = {"query_code": held.query_code, "act": "claim", "how": "window"}
    refused = here.post("/receipts/reward", json=claim)
    assert (refused.status_code, refused.json()["code"]) == (409, "claim_too_late")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"act": "claim"}, 409),
        ({"act": "claim", "how": "gold"}, 409),
        ({"act": "steal"}, 422),
        ({"act": "claim", "how": "bank", "account": "6" * 500}, 422),
    ],
)
def test_a_bad_claim_changes_nothing(here: Site, body: dict[str, str], status: int):
    """Each is refused with a sentence, and the reward stays to be claimed."""
    held = granted(here.app, f"bad{len(str(body))}")
    answer = here.post("/receipts/reward", json={"query_code": held.query_code, **body})
    assert answer.status_code == status
    assert answer.json()["message"]
    assert reward(here, held)["state"] == "notified"


def test_a_wrong_code_claims_nothing(here: Site):
    """A stranger learns nothing, as with every act by code."""
    body = {"query_code": new_query_code(), "act": "claim", "how": "bank"}
    assert here.post("/receipts/reward", json=body).status_code == 404


def test_the_chat_reads_the_same_words(here: Site):
    """The chat reads the same words as the page."""
    from bot import enquiry

    held = granted(here.app, "r8")
    status = enquiry.look_up(here.app, held.query_code, origin="chat", now=datetime.now(UTC))
    assert "1,234.50 元" in enquiry.in_words(status)
    assert "举报奖励" not in enquiry.in_words(replace(status, reward=None)).split("留言")[0]

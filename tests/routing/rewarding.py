"""Cases that are ripe for a reward, in a bureau that entered its own scheme."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from intake.models import Case, Clock, FiledReport, Letter, Notice, Reward, Staff
from intake.report import Receipt, Report
from routing.eligibility import rules
from tests.routing.conftest import Office, report

GOOD: dict[str, bool | None] = {rule["fact"]: rule["must"] for rule in rules() if rule["fact"] != "reporter_allowed"}
OWN: dict[str, Any] = {"facts": GOOD, "case_value": Decimal(100000), "grade": 1, "accused": "unit"}
"""100 000 yuan at the 3 percent of the test's own scheme: 3 000."""
CLAIM = {"how": "bank", "place": "中国银行庆城支行", "name": "周远山", "account": "6217000010001234567"}


def wanting(told: Report, *, wants: bool | None = True) -> Report:
    """The same report by somebody who wants a reward."""
    return replace(told, teller=replace(told.teller, wants_reward=wants))


def hired(office: Office) -> None:
    """Two more members of staff: who pays in this county, and a leader of another province."""
    for name, role, authority in (("clerk", "officer", "YB-621021"), ("foreign", "leader", "YB-130000")):
        if office.session.scalar(select(Staff.id).where(Staff.username == name)) is None:
            office.session.add(
                Staff(username=name, password_hash="-", name=name, role=role, authority=authority, interests="")
            )
    office.session.flush()


def decided(
    office: Office,
    told: Report | None = None,
    *,
    outcome: str = "established",
    wants: bool | None = True,
    decided_on: str = "2026-10-12",
    at: str = "2026-09-18",
) -> Receipt:
    """A report that was accepted and decided."""
    hired(office)
    receipt = office.file(wanting(told or report(at=at), wants=wants))
    case = office.case(receipt)
    office.do("accept", case, "officer", told.received_at.date().isoformat() if told else at)
    office.do("decide", case, "officer", decided_on, outcome=outcome, finding="经查证属实。")
    return receipt


def granted(office: Office, receipt: Receipt, on: str = "2026-10-20", **words: Any) -> None:
    """Proposed by the officer, approved by the leader."""
    case, told = office.case(receipt), office.report(receipt)
    office.do("propose_reward", case, "officer", on, report_id=told.id, **{**OWN, **words})
    office.do("approve_reward", case, "leader", on, report_id=told.id)


def ready(office: Office, *, told: Report | None = None, claimed: bool = True, **words: Any) -> Receipt:
    """Granted and told; with `claimed` also claimed."""
    receipt = decided(office, told)
    granted(office, receipt, **words)
    office.do("notify_reward", office.case(receipt), "officer", "2026-10-21", report_id=office.report(receipt).id)
    if claimed:
        office.told("claim_reward", office.report(receipt), "2026-11-02", CLAIM)
    return receipt


def reward_of(office: Office, told: FiledReport) -> Reward:
    """The reward of a report."""
    office.session.flush()
    return office.session.query(Reward).filter_by(report_id=told.id).one()


def by_one_who_wants(account: str, at: str, **changes: Any) -> Any:
    """A report by somebody who wants a reward."""
    made = report(account=account, at=at, **changes)
    return replace(made, teller=replace(made.teller, wants_reward=True))


def propose(office: Office, receipt: Receipt, by: str = "officer", **words: Any) -> None:
    """A proposal on a day of its own."""
    office.do(
        "propose_reward",
        office.case(receipt),
        by,
        "2026-10-19",
        report_id=office.report(receipt).id,
        **{**OWN, **words},
    )


def running(office: Office, case: Case) -> set[str]:
    """The kinds of clocks that run on a case."""
    query = select(Clock.kind).where(Clock.case_id == case.id, Clock.state == "running")
    return set(office.session.scalars(query))


def notices_to(office: Office, told: FiledReport) -> int:
    """How many notices a teller got."""
    return office.session.scalar(select(func.count(Notice.id)).where(Notice.report_id == told.id)) or 0


def all_told(office: Office, told: FiledReport) -> tuple[Any, ...]:
    """Everything that was written to a teller."""
    notices = office.session.execute(select(Notice.key, Notice.body).where(Notice.report_id == told.id)).all()
    letters = office.session.scalars(select(Letter.redacted).where(Letter.report_id == told.id)).all()
    return tuple(notices), tuple(letters)


def claim_clock_of(office: Office, told: FiledReport) -> Clock:
    """The claim clock of a report's reward."""
    return office.session.get_one(Clock, reward_of(office, told).clock_id)

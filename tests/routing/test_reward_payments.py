"""Paying rewards: by a third person who alone sees who is paid, never twice, never too much, taken back for fraud."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from intake import rewards
from intake.db import Base
from intake.models import Event, Letter, Payment
from routing import desk
from routing.errors import (
    BadReference,
    MoreThanPaid,
    NotNow,
    NotYours,
    PaidAlready,
    ThirdPersonPays,
)
from tests.routing.conftest import Office, moment
from tests.routing.rewarding import (
    CLAIM,
    by_one_who_wants,
    ready,
    reward_of,
)


@pytest.mark.parametrize("who", ["officer", "leader"])
def test_whoever_decided_or_handles_does_not_learn_who_is_paid(office: Office, who: str) -> None:
    """The identity opens for a third person alone, and each opening is an event that holds no name."""
    receipt = ready(office)
    case, told = office.case(receipt), office.report(receipt)
    law: dict[str, Any] = {"report_id": told.id, "vault": office.vault, "now": moment("2026-11-03")}
    with pytest.raises(ThirdPersonPays):
        desk.payee(office.session, case.id, office.staff(who), **law)
    with pytest.raises(NotYours):
        desk.payee(office.session, case.id, office.staff("neighbour"), **law)
    seen = desk.payee(office.session, case.id, office.staff("clerk"), **law)
    assert (seen.name, seen.account, seen.how) == ("周远山", CLAIM["account"], "bank")
    event = office.session.scalars(select(Event).where(Event.kind == "payee_shown")).one()
    assert set(event.data) == {"report_id", "reward"}


def test_who_is_paid_is_seen_for_a_running_claim_only(office: Office) -> None:
    """Not before the claim, not after the payment."""
    receipt = ready(office, claimed=False)
    case, told = office.case(receipt), office.report(receipt)
    law: dict[str, Any] = {"report_id": told.id, "vault": office.vault, "now": moment("2026-11-03")}
    with pytest.raises(NotNow):
        desk.payee(office.session, case.id, office.staff("clerk"), **law)
    office.told("claim_reward", told, "2026-11-02", CLAIM)
    office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="拨1")
    with pytest.raises(NotNow):
        desk.payee(office.session, case.id, office.staff("clerk"), **law)


def test_an_anonymous_reporter_is_rewarded_by_his_code(office: Office) -> None:
    """RW-15: no name at telling; he names himself in the claim, for whoever pays."""
    receipt = ready(office, told=by_one_who_wants("nobody", "2026-09-18", mode="anonymous"))
    case, told = office.case(receipt), office.report(receipt)
    law: dict[str, Any] = {"report_id": told.id, "vault": office.vault, "now": moment("2026-11-03")}
    assert desk.payee(office.session, case.id, office.staff("clerk"), **law).name == "周远山"


def test_no_clear_identity_stands_in_the_ledger(office: Office) -> None:
    """Neither the claim nor the account is found in any event, notice, letter or row in clear."""
    ready(office)
    office.session.flush()
    rows = (office.session.execute(table.select()).all() for table in Base.metadata.sorted_tables)
    dump = "\n".join(str(row) for found in rows for row in found)
    assert CLAIM["account"] not in dump
    assert CLAIM["name"] not in dump


def test_nothing_is_paid_twice_nor_by_who_decided(office: Office) -> None:
    """A second payment is refused by the desk, and past the desk by the database."""
    receipt = ready(office)
    case, told = office.case(receipt), office.report(receipt)
    for who in ("officer", "leader"):
        with pytest.raises(ThirdPersonPays):
            office.do("pay_reward", case, who, "2026-11-05", report_id=told.id, reference="拨1")
    office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="拨1")
    with pytest.raises(NotNow):
        office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="拨2")
    line = office.session.scalars(select(Payment)).one()
    point = office.session.begin_nested()
    office.session.add(
        Payment(
            reward_id=line.reward_id, kind="paid", share=1, yuan=line.yuan, reference="x", staff_id=line.staff_id,
            at=line.at,
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        office.session.flush()
    point.rollback()


@pytest.mark.parametrize("statement", ["UPDATE payment SET yuan = 1", "DELETE FROM payment"])
def test_a_payment_is_never_changed_or_removed(office: Office, statement: str) -> None:
    """The database itself keeps the ledger."""
    receipt = ready(office)
    office.do(
        "pay_reward", office.case(receipt), "clerk", "2026-11-05", report_id=office.report(receipt).id, reference="拨1"
    )
    with pytest.raises(DBAPIError, match="appended, never changed"):
        office.session.connection().exec_driver_sql(statement)


@pytest.mark.parametrize("reference", ["", " ", "付给13800000001", "6217000010001234567", "凭" * 61])
def test_a_voucher_number_holds_no_person(office: Office, reference: str) -> None:
    """Empty, too long, or a telephone or card number: refused before anything is written."""
    receipt = ready(office)
    with pytest.raises(BadReference):
        office.do(
            "pay_reward", office.case(receipt), "clerk", "2026-11-05", report_id=office.report(receipt).id,
            reference=reference,
        )  # fmt: skip
    assert office.session.scalars(select(Payment)).all() == []


def test_a_joint_report_is_one_reporter_and_is_shared(office: Office) -> None:
    """Three people, 1 000.00 yuan: 333.34, 333.33, 333.33, each paid once; the reward ends with the last."""
    receipt = ready(office, case_value=Decimal("33333.33"), people_sharing=3)
    case, told = office.case(receipt), office.report(receipt)
    for share in (2, 1, 3):
        assert reward_of(office, told).state == "claimed"
        office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference=f"拨{share}", share=share)
        with pytest.raises((PaidAlready, NotNow)):
            office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="再拨", share=share)
    paid = office.session.scalars(select(Payment.yuan).order_by(Payment.share)).all()
    assert paid == [Decimal("333.34"), Decimal("333.33"), Decimal("333.33")]
    assert reward_of(office, told).state == "paid"


def test_a_partly_paid_reward_is_neither_given_up_nor_refused(office: Office) -> None:
    """Once money flowed only recovery undoes it."""
    receipt = ready(office, people_sharing=2)
    case, told = office.case(receipt), office.report(receipt)
    office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="拨1")
    with pytest.raises(PaidAlready):
        office.told("waive_reward", told, "2026-11-06")
    with pytest.raises(PaidAlready):
        office.do("refuse_reward", case, "leader", "2026-11-06", report_id=told.id, text="不再发放。")


def test_what_was_got_by_fraud_is_taken_back_and_no_more(office: Office) -> None:
    """RW-14: in parts, until all is back; the teller reads why."""
    receipt = ready(office)
    case, told = office.case(receipt), office.report(receipt)
    office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="拨1")
    words = {"report_id": told.id, "text": "查明有关材料系伪造。", "reference": "收1"}
    office.do("recover_reward", case, "leader", "2026-12-01", yuan="1,000", **words)
    with pytest.raises(MoreThanPaid):
        office.do("recover_reward", case, "leader", "2026-12-02", yuan="2000.01", **words)
    office.do("recover_reward", case, "leader", "2026-12-03", yuan="2000", **words)
    lines = rewards.payments(office.session, reward_of(office, told).id)
    assert (rewards.total(lines, "paid"), rewards.total(lines, "recovered")) == (Decimal(3000), Decimal(3000))
    assert reward_of(office, told).state == "recovered"
    letters = office.session.scalars(select(Letter.redacted).where(Letter.report_id == told.id)).all()
    assert any("材料系伪造" in text for text in letters)

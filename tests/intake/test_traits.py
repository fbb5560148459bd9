"""Who gave his name is not found by it: what a teller said of himself is hidden wherever it turns up later."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from intake import letters
from intake.models import FiledReport, Identity, Letter
from intake.report import Claim, Teller
from intake.traits import hide, hide_own
from tests.databases import on_sqlite
from tests.intake.conftest import NOW, REPORT, Ledger

NAMED = Teller("web", "anna", "named", "卫玉锁", "139 0013 4623")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("卫玉锁说的，可以去问", "卫**说的，可以去问"),
        ("签字：卫玉锁卫玉锁", "签字：卫**卫**"),
        ("打13900134623", "打139****4623"),
        ("打+86 139-0013-4623。", "打+139****4623。"),
        ("打１３９００１３４６２３", "打139****4623"),
        ("打13900134624", "打13900134624"),
        ("空床20张", "空床20张"),
    ],
)
def test_name_and_number_are_hidden_in_every_spelling(text: str, shown: str) -> None:
    """No pattern is needed: the name is known."""
    assert hide(text, NAMED.name, NAMED.phone) == shown


@pytest.mark.parametrize("name", ["医院", "不想说", "我", "", "  ", "anna", None])
def test_what_is_no_name_blots_nothing_out(name: str | None) -> None:
    """Whoever answers the question for his name with a common word."""
    text = "我不想说，医院里 anna 知道。"
    assert hide(text, name, None) == text


@pytest.mark.parametrize("phone", ["", "110", "没有", None])
def test_a_number_too_short_to_be_somebodys_hides_nothing(phone: str | None) -> None:
    """Sums and dates stay readable."""
    assert hide("一共110110元", None, phone) == "一共110110元"


def test_nothing_of_a_filed_report_that_staff_read_holds_its_tellers_name(ledger: Ledger) -> None:
    """Text, answers and the words that spoke for a category; the sealed original keeps all of it."""
    text = "空床都是卫玉锁亲眼所见，问13900134623。"
    told = replace(
        REPORT, teller=NAMED, text=text, redacted=text, answers={"how_known": "卫玉锁在那里上班"},
        claims=(Claim("F03", 0.9, ("空床", "卫玉锁")),),
    )  # fmt: skip
    filed = ledger.file(told)
    with ledger.database.reading() as session:
        kept = session.get_one(FiledReport, filed.id)
        clear = f"{kept.redacted} {kept.facts} {kept.claims}"
        assert "空床都是卫**亲眼所见" in kept.redacted
        assert "玉锁" not in clear
        assert "0013" not in clear
        assert ledger.vault.unseal(kept.sealed_text, f"text {kept.number}").decode() == text


@on_sqlite
def test_letters_of_either_side_hide_him_too(ledger: Ledger) -> None:
    """Also the officer's, who learnt the name by chance; and an erased identity stops nothing."""
    filed = ledger.file(replace(REPORT, teller=NAMED))
    with ledger.database.transaction() as session:
        report = session.get_one(FiledReport, filed.id)
        for from_teller in (True, False):
            letters.append(
                session, report, text="卫玉锁收", redacted="卫玉锁收", kind="note", from_teller=from_teller,
                vault=ledger.vault, now=NOW,
            )  # fmt: skip
        session.flush()
        assert session.scalars(select(Letter.redacted)).all() == ["卫**收", "卫**收"]
        session.execute(delete(FiledReport).where(FiledReport.id != report.id))
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        session.execute(delete(Identity))
        assert hide_own(session, report, "收", ledger.vault) == "收"
        session.rollback()

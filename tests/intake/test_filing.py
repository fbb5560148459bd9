"""Filing: everything that was told is kept, nobody is told who told it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, text

from intake import evidence, filing, identity, queries, receipts
from intake.confidentiality import Vault
from intake.errors import EvidenceMissing, SealBroken
from intake.evidence import EvidenceStore
from intake.models import Case, Event, EvidenceUse, FiledReport, Identity
from intake.report import Teller
from tests.intake.conftest import NOW, REPORT, TEXT, Ledger, by


def test_what_was_told_is_kept_whole(ledger: Ledger) -> None:
    """Text, claims, place, time, sum and answers can all be read again."""
    told = replace(REPORT, amount_yuan=Decimal("12000.50"), amount_approximate=True, people=3, answers={"demand": "查"})
    filed = ledger.file(told)
    with ledger.database.reading() as session:
        kept = session.get_one(FiledReport, filed.id)
        assert filing.text_of(kept, ledger.vault) == TEXT
        assert kept.claims == [{"code": "F03", "probability": 0.9, "words": ["空床"]}]
        assert (kept.institution, kept.place, kept.amount_yuan) == ("康宁医院", "621021", Decimal("12000.50"))
        assert kept.facts == {"people": 3, "amount_approximate": True, "granularity": "month", "demand": "查"}
        assert kept.received_at == NOW
        events = session.scalars(select(Event.kind).where(Event.case_id == filed.case_id)).all()
        assert events == ["opened", "filed"]


def test_nothing_in_the_database_tells_who_told(ledger: Ledger, written: Callable[[], bytes]) -> None:
    """Name, telephone, account, code and the unredacted text stand nowhere in files or dump in clear."""
    teller = Teller("telegram", "account-778899", "named", "王小明", "13812345678")
    code = receipts.new_query_code()
    secret = "我叫王小明,电话13812345678"
    told = replace(
        REPORT, teller=teller, text=secret, redacted="我叫王**,电话138****5678", answers={"how_known": "打13812345678"}
    )
    ledger.file(told, code=code)
    ledger.database.close()
    kept = written()
    assert "我叫王**".encode() in kept
    for clear in ("account-778899", "王小明", "13812345678", code, secret):
        assert clear.encode() not in kept
        assert clear.encode().hex().encode() not in kept


def test_a_sealed_identity_opens_only_for_its_own_report(ledger: Ledger) -> None:
    """Exchanged rows do not open: nobody is made the author of another's report."""
    one, other = ledger.file(REPORT), ledger.file(by("bob", institution="安康医院"))
    with ledger.database.transaction() as session:
        assert identity.address_of(session, one.id, ledger.vault) == ("web", "anna")
        rows = session.scalars(select(Identity).order_by(Identity.id)).all()
        rows[0].sealed, rows[1].sealed = rows[1].sealed, rows[0].sealed
        session.flush()
        with pytest.raises(SealBroken):
            identity.address_of(session, other.id, ledger.vault)


def test_the_code_opens_the_report_and_only_a_keyed_hash_is_kept(ledger: Ledger) -> None:
    """With the code the teller finds his report; with another key the hash says nothing."""
    code = receipts.new_query_code()
    filed = ledger.file(REPORT, code=code)
    with ledger.database.reading() as session:
        found = queries.report_by_code(session, receipts.query_hash(ledger.vault, code))
        assert found is not None
        assert found.id == filed.id
        assert queries.report_by_code(session, receipts.query_hash(Vault(b"x" * 32), code)) is None


def test_the_first_report_bears_the_case_number_and_later_ones_their_own(ledger: Ledger) -> None:
    """Two tellers of one matter hold different numbers."""
    one, other = ledger.file(REPORT), ledger.file(by("bob"))
    with ledger.database.reading() as session:
        assert session.get_one(Case, one.case_id).number == one.number
    assert other.case_id == one.case_id
    assert other.number != one.number
    assert receipts.number_ok(other.number)


def test_evidence_is_recorded_with_its_name_sealed(ledger: Ledger, tmp_path: Path) -> None:
    """A file's name may tell who took it, so only the teller reads it."""
    store = EvidenceStore(tmp_path / "files", ledger.vault)
    stored = store.store("账单".encode(), "王小明的账单.txt")
    with ledger.database.transaction() as session:
        evidence.record(session, stored, NOW)
        evidence.record(session, stored, NOW)
    filed = ledger.file(replace(REPORT, evidence=(stored.digest, stored.digest)))
    with ledger.database.transaction() as session:
        report = session.get_one(FiledReport, filed.id)
        filing.use_evidence(session, report, (stored.digest,), vault=ledger.vault, now=NOW, names={})
    with ledger.database.reading() as session:
        uses = session.scalars(select(EvidenceUse)).all()
        assert [use.sha256 for use in uses] == [stored.digest]


def test_a_report_with_an_unknown_file_is_refused_whole(ledger: Ledger) -> None:
    """Nothing is half filed."""
    with pytest.raises(EvidenceMissing):
        ledger.file(replace(REPORT, evidence=("0" * 64,)))
    with ledger.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM report")).scalar() == 0
        assert session.execute(text('SELECT count(*) FROM "case"')).scalar() == 0
        assert session.execute(text("SELECT count(*) FROM sequence")).scalar() == 0


def test_an_endless_name_is_cut_and_nothing_is_lost(ledger: Ledger) -> None:
    """A column has its length; the text holds the whole."""
    filed = ledger.file(replace(REPORT, institution="康" * 900, text="康" * 50_000))
    with ledger.database.reading() as session:
        kept = session.get_one(FiledReport, filed.id)
        assert kept.institution == "康" * 200
        assert len(filing.text_of(kept, ledger.vault)) == 50_000


def test_a_sum_that_nobody_means_does_not_keep_the_report_out(ledger: Ledger) -> None:
    """A trillion yuan and more has no room in the column; the text has it."""
    filed = ledger.file(replace(REPORT, amount_yuan=Decimal(10) ** 16))
    with ledger.database.reading() as session:
        assert session.get_one(FiledReport, filed.id).amount_yuan is None


def test_the_event_of_a_filing_names_nobody(ledger: Ledger) -> None:
    """The history is read by staff."""
    ledger.file(replace(REPORT, teller=Teller("web", "anna", "named", "王小明", "13812345678")))
    with ledger.database.reading() as session:
        told = json.dumps([event.data for event in session.scalars(select(Event))], ensure_ascii=False)
    assert "anna" not in told
    assert "王" not in told


def test_the_year_of_a_number_is_that_of_the_calendar_on_the_wall(ledger: Ledger) -> None:
    """One minute past midnight on New Year's Day in Beijing is still last year in Greenwich."""
    filed = ledger.file(replace(REPORT, received_at=datetime(2026, 12, 31, 16, 1, tzinfo=UTC)))
    assert filed.number.startswith("621021-2027-000001-")

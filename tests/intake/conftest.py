"""A real ledger on either database, built by its migrations, and people who tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from intake import filing, matching, numbers, receipts
from intake.confidentiality import Vault
from intake.db import Database
from intake.models import Case, FiledReport, Staff
from intake.report import Claim, Period, Report, Teller

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TEXT = "庆城县康宁医院把空床挂在医保上,人早就回家了,每天还在记费。"

REPORT = Report(
    side="citizen",
    teller=Teller("web", "anna"),
    conversation="c1",
    text=TEXT,
    redacted=TEXT,
    claims=(Claim("F03", 0.9, ("空床",)),),
    received_at=NOW,
    institution="康宁医院",
    place="621021",
    period=Period(date(2026, 9, 1), date(2026, 9, 30), "month"),
)

COMPLAINT = Report(
    side="enterprise",
    teller=Teller("web", "pharmacy"),
    conversation="c9",
    text="市监局今年第五次来店里检查,没有出示证件。",
    redacted="市监局今年第五次来店里检查,没有出示证件。",
    claims=(Claim("X01", 0.8),),
    received_at=NOW,
    institution="益民大药房",
    organ="庆城县市监局",
    place="621021",
    period=Period(date(2026, 11, 3), date(2026, 11, 3)),
)


def by(account: str, report: Report = REPORT, **changes: Any) -> Report:
    """The report as another person tells it."""
    return replace(report, teller=Teller("web", account), conversation=f"talk of {account}", **changes)


class Ledger:
    """A database with the desk's few lines of glue, so that tests read like days at the office."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.vault = Vault(b"0123456789abcdef0123456789abcdef")

    def file(
        self, report: Report, *, code: str | None = None, authority: str = "YB-621021", case_id: int | None = None
    ) -> FiledReport:
        """Match, open a case where there is none and none is named, file."""
        with self.database.transaction() as session:
            match = matching.find_match(session, report, vault=self.vault)
            known = case_id or (match.case_id if match.decision == "attached" else None)
            case = session.get(Case, known) if known else None
            if case is None:
                case = filing.new_case(report, authority=authority, routing={"rule": "place"}, now=NOW)
            rows = filing.rows_of(
                report,
                numbers.give(session, [numbers.key_of(report)])[0],
                vault=self.vault,
                case=case,
                query_code=code or receipts.new_query_code(),
                due_on=date(2026, 12, 11),
                derivation="15个工作日",
                now=report.received_at,
                match=match,
            )
            filing.write(session, [rows])
            filed = rows.filed()
            filing.use_evidence(session, filed, report.evidence, vault=self.vault, now=report.received_at)
            return filed

    def match(self, report: Report) -> matching.Match:
        """What the ledger thinks of a report that is not filed."""
        with self.database.reading() as session:
            return matching.find_match(session, report, vault=self.vault)

    def close_case(self, filed: FiledReport) -> None:
        """The case is closed."""
        with self.database.transaction() as session:
            case = session.get_one(Case, filed.case_id)
            case.state, case.closed_at = "closed", NOW

    def hire(self, username: str, role: str = "officer", authority: str = "YB-621021", interests: str = "") -> Staff:
        """A member of staff, without the slow password."""
        with self.database.transaction() as session:
            staff = Staff(
                username=username,
                password_hash="none",
                name=username,
                role=role,
                authority=authority,
                interests=interests,
                active=True,
            )
            session.add(staff)
        return staff


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    ledger = Ledger(database_url)
    yield ledger
    ledger.database.close()


@pytest.fixture
def session(ledger: Ledger) -> Iterator[Session]:
    with ledger.database.writing() as session, session.begin():
        yield session

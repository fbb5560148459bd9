"""A small town for courier and clock: an office with its people, and a report by a person of some channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.app import App
from intake.models import Case, Event, FiledReport, Notice, Staff
from intake.report import Claim, Report, Teller
from routing import desk
from routing.rules import Rules
from tests.bot.doubles import small_app

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TEXT = "庆城县康宁医院把空床挂在医保上。"
REPORT = Report(
    side="citizen",
    teller=Teller("telegram", "7"),
    conversation="c1",
    text=TEXT,
    redacted=TEXT,
    claims=(Claim("F03", 0.9, ("空床",)),),
    received_at=NOW,
    institution="康宁医院",
    place="621021",
)


def town(folder: Path, database_url: str, **staff_telegram: str) -> App:
    """An app whose county office has an officer and a leader, and whose city office has a leader."""
    app = replace(small_app(folder, database_url=database_url), rules=Rules.load())
    settle(app, **staff_telegram)
    return app


def settle(app: App, **staff_telegram: str) -> None:
    """The people of the offices, with their Telegram chats."""
    people = [
        ("officer", "officer", "YB-621021"),
        ("leader", "leader", "YB-621021"),
        ("superior", "leader", "YB-621000"),
        ("supervisor", "supervisor", "YB-621021"),
    ]
    with app.database.transaction() as session:
        for username, role, authority in people:
            telegram = staff_telegram.get(username)
            session.add(
                Staff(
                    username=username,
                    password_hash="x",
                    name=username,
                    role=role,
                    authority=authority,
                    telegram=telegram,
                )
            )


def tell(app: App, channel: str, account: str, *, institution: str = "康宁医院", at: datetime = NOW) -> int:
    """File a report of a person; gives the report's row."""
    report = replace(
        REPORT,
        teller=Teller(channel, account),
        conversation=f"{channel} {account}",
        institution=institution,
        text=TEXT.replace("康宁医院", institution),
        redacted=TEXT.replace("康宁医院", institution),
        received_at=at,
    )
    with app.database.transaction() as session:
        receipt = desk.file_report(session, report, rules=app.rules, vault=app.vault, home="621000", now=at)
        found = session.scalars(select(FiledReport).where(FiledReport.number == receipt.case_number)).one()
        return found.id


def act(app: App, about: int, verb: Callable[..., Any], /, *, at: datetime = NOW, **more: Any) -> None:
    """An act of the county's officer on the case of a report."""
    with app.database.transaction() as session:
        officer = session.scalars(select(Staff).where(Staff.username == "officer")).one()
        case_id = _report(session, about).case_id
        verb(session, case_id, officer, rules=app.rules, vault=app.vault, now=at, **more)


def ask(app: App, report_id: int, question: str, *, at: datetime = NOW) -> None:
    """The officer takes the case and asks its teller something."""
    with app.database.reading() as session:
        case = session.get_one(Case, _report(session, report_id).case_id)
    if case.handler_id is None:
        act(app, report_id, desk.accept, at=at)
    act(app, report_id, desk.ask, at=at, report_id=report_id, question=question)


def notices(app: App, **where: Any) -> list[Notice]:
    """The outbox, in order."""
    with app.database.reading() as session:
        return list(session.scalars(select(Notice).filter_by(**where).order_by(Notice.id)))


def events(app: App, kind: str) -> list[Event]:
    """The events of a kind."""
    with app.database.reading() as session:
        return list(session.scalars(select(Event).where(Event.kind == kind)))


def _report(session: Session, report_id: int) -> FiledReport:
    return session.get_one(FiledReport, report_id)

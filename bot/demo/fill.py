"""Fills an empty ledger by the real verbs, each at its own past moment and in the order in which it happened.

Nothing is written past the desk: numbers, matches, routings, clocks, notices and events are what the same acts
would have left behind on those days. The sweep runs once a day, as the service would have done.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import reception
from bot.app import App, Progress
from bot.demo import content, files
from bot.demo.content import Act, DemoRefused, Told, word
from bot.demo.telling import as_report
from intake import queries, staffing
from intake.models import Case, FiledReport, Staff
from routing import authorities, desk
from routing.digest import gather
from routing.rules import SHANGHAI, legal_day
from routing.sweep import sweep

OPENING, FIRST_ACT = time(8, 30), time(9, 30)
UNREAD = timedelta(days=3)
FILE_ORDER, SWEEP_ORDER, ACT_ORDER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Login:
    """How one invented member of staff signs in; the password exists in clear nowhere but here."""

    username: str
    password: str
    name: str
    role: str
    authority: str


@dataclass(frozen=True, slots=True)
class DemoLogins:
    """What the person who filled the demo gets to see once."""

    logins: tuple[Login, ...]
    cases: int
    reports: int


@dataclass(slots=True)
class _Ledger:
    """What the steps share while the demo is filled."""

    app: App
    staff: dict[str, int] = field(default_factory=dict)
    filed: dict[int, int] = field(default_factory=dict)


Step = Callable[[Session, datetime], None]


def fill(app: App, now: datetime, progress: Progress | None = None) -> DemoLogins:
    """Fill the empty ledger up to `now`; raises DemoRefused, changing nothing, where it is not empty."""
    ledger = _Ledger(app)
    logins = _hire(ledger, now)
    steps = sorted(_steps(ledger, now), key=lambda step: step[:2])
    for done, (moment, _, step) in enumerate(steps, 1):
        with app.database.transaction() as session:
            step(session, moment)
        if progress:
            progress(word("step_fill"), done, len(steps))
    _read_notices(ledger, now)
    with app.database.reading() as session:
        cases = len(session.scalars(select(Case.id)).all())
    return DemoLogins(logins, cases, len(ledger.filed))


def _hire(ledger: _Ledger, now: datetime) -> tuple[Login, ...]:
    """Everybody gets a fresh password; refused where anybody or anything is there already."""
    logins = []
    with ledger.app.database.transaction() as session:
        for table in (Case, Staff):
            if session.scalar(select(table.id).limit(1)) is not None:
                raise DemoRefused
        for one in content.staff():
            password = secrets.token_urlsafe(9)
            member = staffing.hire(
                session,
                username=one.username,
                password=password,
                name=one.name,
                role=one.role,
                authority=one.authority,
                interests=one.interests,
                now=now,
            )
            ledger.staff[one.username] = member.id
            logins.append(Login(one.username, password, one.name, one.role, authorities.by_code(one.authority).name))
    return tuple(logins)


def _read_notices(ledger: _Ledger, now: datetime) -> None:
    """Staff have read what is older than a few days."""
    with ledger.app.database.transaction() as session:
        for member in session.scalars(select(Staff)):
            told = queries.notices_for(session, viewer=member, unseen=True, limit=1000)
            old = [one.id for one in told if one.created_at < now - UNREAD]
            queries.mark_seen(session, old, viewer=member, now=now)


def _steps(ledger: _Ledger, now: datetime) -> Iterator[tuple[datetime, int, Step]]:
    """Everything that happened up to `now`: reports, what came of each, and one sweep a day, with its messages."""
    today = legal_day(now)
    told = content.reports()
    for days in range(max(one.ago for one in told), -1, -1):
        morning = datetime.combine(today - timedelta(days=days), OPENING, SHANGHAI)
        if morning <= now:
            yield morning, SWEEP_ORDER, _sweep(ledger)
    for index, one in enumerate(told):
        # Told "today" before the demo is filled: an early hour must not lie in the future.
        received = min(datetime.combine(today - timedelta(days=one.ago), one.at, SHANGHAI), now)
        yield received, FILE_ORDER, _file(ledger, index, one)
        for minutes, act in enumerate(one.then):
            day = ledger.app.rules.calendar.add_working_days(legal_day(received), act.wd).due_on
            moment = datetime.combine(day, FIRST_ACT, SHANGHAI) + timedelta(minutes=17 * index % 400 + minutes)
            if moment <= now:
                yield moment, ACT_ORDER, _act(ledger, index, act)


def _sweep(ledger: _Ledger) -> Step:
    def step(session: Session, now: datetime) -> None:
        sweep(session, rules=ledger.app.rules, now=now)
        gather(session, rules=ledger.app.rules, now=now, address=ledger.app.settings.address)

    return step


def _file(ledger: _Ledger, index: int, told: Told) -> Step:
    def step(session: Session, now: datetime) -> None:
        app = ledger.app
        stored = [app.evidence.store(files.content(one), one.name) for one in told.files]
        for one in stored:
            reception.enter(app, session, one.digest, now)
        person = content.people().get(told.who, content.Person())
        report = as_report(told, person, now, tuple(one.digest for one in stored), app)
        receipt = desk.file_report(
            session, report, rules=app.rules, vault=app.vault, home=app.settings.home, now=now,
            file_names={one.digest: one.name for one in stored},
        )  # fmt: skip
        ledger.filed[index] = session.scalars(
            select(FiledReport.id).where(FiledReport.number == receipt.case_number)
        ).one()

    return step


def _act(ledger: _Ledger, index: int, act: Act) -> Step:
    def step(session: Session, now: datetime) -> None:
        app = ledger.app
        report = session.get_one(FiledReport, ledger.filed[index])
        if not act.by:
            _teller(session, report, act, app, now)
            return
        officer = session.get_one(Staff, ledger.staff[act.by])
        words: dict[str, object]
        match act.do:
            case "accept" | "close":
                words = {}
            case "decline":
                words = {"reason": act.reason, "text": act.text}
            case "ask":
                words = {"report_id": report.id, "question": act.text}
            case "extend" | "ask_extension":
                words = {"reason": act.text}
            case "decide":
                words = {"outcome": act.outcome, "finding": act.text}
            case _:
                words = {"text": act.text}
        verb = getattr(desk, act.do)
        verb(session, report.case_id, officer, rules=app.rules, vault=app.vault, now=now, **words)

    return step


def _teller(session: Session, report: FiledReport, act: Act, app: App, now: datetime) -> None:
    if act.do == "rate":
        desk.rate(session, report, act.stars, act.text, rules=app.rules, vault=app.vault, now=now)
    else:
        desk.add_to_report(session, report, act.text, (), rules=app.rules, vault=app.vault, now=now, kind="reply")

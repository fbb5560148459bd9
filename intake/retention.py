"""How long each table keeps what it holds: rules from retention.toml, counted, and carried out in bounded steps."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from intake import audit, erasure
from intake.confidentiality import Vault
from intake.erasure import Hide
from intake.models import (
    STANDING,
    ApiToken,
    Attempt,
    Case,
    Clock,
    Conversation,
    Event,
    Evidence,
    EvidenceUse,
    FiledReport,
    IdempotentAnswer,
    Notice,
    OutgoingHold,
    Remark,
    Reminder,
    SignIn,
    Tombstone,
    Turn,
    Viewing,
)

AT_ONCE = 500
"""Rows of one step: short enough that filings hardly wait."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is kept how long: `then` is delete or erase."""

    name: str
    table: str
    then: str
    since: str
    paper: str
    mark: str
    why: str
    years: int = 0
    days: int = 0
    outcomes: tuple[str, ...] = ()

    def before(self, now: datetime) -> datetime:
        """Whatever began before this moment has had its time."""
        day = now - timedelta(days=self.days)
        try:
            return day.replace(year=day.year - self.years)
        except ValueError:  # 29 February
            return day.replace(year=day.year - self.years, day=28)


@dataclass(frozen=True, slots=True)
class Expired:
    """How much of one rule is over its time, and since when the oldest."""

    rule: Rule
    rows: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did; `digests` are contents whose files go after the commit."""

    rows: int
    more: bool
    digests: tuple[str, ...] = ()


@cache
def table() -> Mapping[str, Any]:
    """The file as written."""
    return tomllib.loads(resources.files("intake").joinpath("retention.toml").read_text("utf-8"))


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in the order in which they are carried out."""
    return tuple(Rule(**{**row, "outcomes": tuple(row.get("outcomes", ()))}) for row in table()["rule"])


def grounds() -> Mapping[str, str]:
    """The grounds on which a person is erased."""
    return dict(table()["grounds"])


def known_tables() -> frozenset[str]:
    """Every table that the file speaks of."""
    return frozenset({*(rule.table for rule in rules()), *table()["follows"], *table()["keep"]})


def expired(session: Session, now: datetime) -> Iterator[Expired]:
    """What a run would do now, rule by rule; nothing is changed."""
    for rule in rules():
        moment, query = _QUERIES[rule.name](rule, rule.before(now))
        rows, oldest = session.execute(query.with_only_columns(func.count(), func.min(moment))).one()
        yield Expired(rule, rows, oldest)


def step(session: Session, rule: Rule, *, vault: Vault, now: datetime, hide: Hide, limit: int = AT_ONCE) -> Step:
    """Carry one rule out for up to `limit` rows; the caller commits and calls again while there is more."""
    moment, query = _QUERIES[rule.name](rule, rule.before(now))
    erasure.overwrite_freed(session)
    taken = session.execute(query.order_by(moment).limit(limit)).all()
    if not taken:
        return Step(0, more=False)
    digests: tuple[str, ...] = ()
    if rule.then == "erase":
        for (report_id,) in taken:
            report = session.get_one(FiledReport, report_id)
            # Time is up: a reward that nobody settled in all those years does not keep a person any longer.
            erasure.erase(
                session, report, ground="expired", actor="system", vault=vault, now=now, hide=hide, reward_settled=True
            )
    else:
        digests = _delete(session, rule, [tuple(row) for row in taken])
    about: dict[str, Any] = {
        "rule": rule.name,
        "table": rule.table,
        "rows": len(taken),
        "before": rule.before(now).date().isoformat(),
    }
    if rule.table == "remark":
        about["removed"] = {"remark": [event_id for (event_id,) in taken]}
    audit.append(session, None, "disposed", "system", about, now)
    session.flush()
    return Step(len(taken), more=len(taken) == limit, digests=digests)


def _delete(session: Session, rule: Rule, keys: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    """Remove these rows and what hangs on them; gives the contents whose files go."""
    firsts = [key[0] for key in keys]
    if rule.name == "files":
        return erasure.remove_unused(session, firsts)
    if rule.name == "talk":
        session.execute(delete(Turn).where(Turn.conversation_id.in_(firsts)))
    model = _MODELS[rule.table]
    columns = list(model.__table__.primary_key)
    wanted = columns[0].in_(firsts) if len(columns) == 1 else tuple_(*columns).in_(keys)
    session.execute(delete(model).where(wanted))
    return ()


_MODELS: Mapping[str, Any] = {
    one.__tablename__: one
    for one in (
        ApiToken,
        Attempt,
        Conversation,
        IdempotentAnswer,
        Notice,
        OutgoingHold,
        Remark,
        Reminder,
        SignIn,
        Viewing,
    )
}

Query = tuple[ColumnElement[datetime], Select[Any]]
"""The moment from which the time counts, and the keys of the rows whose time is over."""


def _simple(key: Sequence[Any], moment: Any, *also: ColumnElement[bool]) -> Callable[[Rule, datetime], Query]:
    """Rows of one table by a moment of their own."""
    return lambda _rule, before: (moment, select(*key).where(moment < before, *also))


def _talk(_rule: Rule, before: datetime) -> Query:
    """Conversations out of which no report came."""
    filed = exists().where(FiledReport.conversation == Conversation.id)
    moment: Any = Conversation.spoken_at
    return moment, select(Conversation.id).where(moment < before, ~filed)


def _persons(rule: Rule, before: datetime) -> Query:
    """Reports of closed cases whose tellers are still known, and which no running matter needs."""
    moment: Any = Case.closed_at
    erased = exists().where(Tombstone.report_id == FiledReport.id)
    running = exists().where(Clock.case_id == Case.id, Clock.state.in_(STANDING))
    outcome: ColumnElement[bool] = Case.outcome.in_(rule.outcomes)
    if "not_established" in rule.outcomes:
        outcome = or_(outcome, Case.outcome.is_(None))
    other, open_case = FiledReport.__table__.alias("other"), Case.__table__.alias("open_case")
    needed = exists().where(
        and_(
            other.c.conversation == FiledReport.conversation,
            other.c.id != FiledReport.id,
            open_case.c.id == other.c.case_id,
            open_case.c.closed_at.is_(None),
        )
    )
    query = select(FiledReport.id).join(Case, Case.id == FiledReport.case_id)
    return moment, query.where(moment < before, outcome, ~erased, ~running, ~needed)


def _words(_rule: Rule, before: datetime) -> Query:
    """What was written with acts of cases closed long ago."""
    moment: Any = Case.closed_at
    query = select(Remark.event_id).join(Event, Event.id == Remark.event_id).join(Case, Case.id == Event.case_id)
    return moment, query.where(moment < before)


def _unused(_rule: Rule, before: datetime) -> Query:
    """Contents that no report uses."""
    moment: Any = Evidence.stored_at
    used = exists().where(EvidenceUse.sha256 == Evidence.sha256)
    return moment, select(Evidence.sha256).where(moment < before, ~used)


_QUERIES: Mapping[str, Callable[[Rule, datetime], Query]] = {
    "talk": _talk,
    "unfounded": _persons,
    "founded": _persons,
    "notice": _simple([Notice.id], Notice.created_at, Notice.state.in_(("sent", "failed"))),
    "reminder": _simple([Reminder.id], Reminder.settled_at),
    "held": _simple([OutgoingHold.id], OutgoingHold.settled_at),
    "words": _words,
    "files": _unused,
    "answers": _simple([IdempotentAnswer.client, IdempotentAnswer.key], IdempotentAnswer.at),
    "viewing": _simple([Viewing.staff_id, Viewing.case_id, Viewing.hour], Viewing.hour),
    "sign_in": _simple([SignIn.token_hash], SignIn.until),
    "attempt": _simple([Attempt.origin], Attempt.until),
    "api_token": _simple([ApiToken.token_hash], ApiToken.revoked_at),
}

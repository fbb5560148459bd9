"""The registries: each row under a key of its own, written anew where it changed; the same again is nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import staffing
from intake.models import Inspection, Institution, Office, Staff, Term
from intake.names import normal_form, organ_form

Outcome = Literal["added", "changed", "unchanged"]
Entry = TypeVar("Entry", Institution, Office, Term, Inspection)


def keep_institution(session: Session, values: Mapping[str, Any], now: datetime) -> Outcome:
    """An institution by its social credit code, else by name and place."""
    subject = normal_form(values["name"])
    key = values.get("code") or f"{subject}:{values.get('place') or ''}"
    return _keep(session, Institution, key, {**values, "subject": subject}, now)


def keep_office(session: Session, values: Mapping[str, Any], now: datetime) -> Outcome:
    """What is said of an authority; a table that is silent about something leaves what was told before."""
    told = {name: value for name, value in values.items() if name != "code" and value is not None}
    return _keep(session, Office, values["code"], told, now)


def keep_inspection(session: Session, values: Mapping[str, Any], now: datetime) -> Outcome:
    """An inspection by its notice, else by organ, institution and day."""
    subject = normal_form(values["institution"])
    told = values.get("notice") or f"{subject}:{values['day']}"
    return _keep(
        session, Inspection, f"{organ_form(values['organ'])}:{told}"[:300], {**values, "subject": subject}, now
    )


def keep_staff(session: Session, values: Mapping[str, Any], password: str, now: datetime) -> Outcome:
    """A member of staff by user name: hired with the password, or changed in all but it."""
    staff = session.scalar(select(Staff).where(Staff.username == values["username"]))
    if staff is None:
        staffing.hire(session, password=password, now=now, **values)
        return "added"
    return "changed" if _set(staff, values) else "unchanged"


def keep_term(session: Session, username: str, values: Mapping[str, Any], now: datetime) -> Outcome:
    """A supervisor's appointment."""
    number = session.scalars(select(Staff.id).where(Staff.username == username)).one()
    return _keep(session, Term, number, values, now)


def levels(session: Session) -> dict[str, str]:
    """What the registry writes of each institution's level and kind, by its name's normal form."""
    rows = session.execute(select(Institution.subject, Institution.level, Institution.kind)).all()
    return {subject: f"{level or ''} {kind or ''}" for subject, level, kind in rows if level or kind}


def offices(session: Session) -> dict[str, dict[str, str | None]]:
    """What the registry says of authorities, by code."""
    return {
        one.key: {"name": one.name, "superior": one.superior, "handled_by": one.handled_by}
        for one in session.scalars(select(Office))
    }


def number_word(session: Session, authority: str) -> str | None:
    """What the numbers of an authority's papers begin with, where the registry says so."""
    return session.scalar(select(Office.word).where(Office.key == authority))


def listed(session: Session, kind: str, about: str | None) -> Iterator[tuple[str, ...]]:
    """The rows of a registry as texts, by name; `about` is the institution whose rows are wanted."""
    subject = normal_form(about) if about else None
    query: Any
    if kind == "inspections":
        table = Inspection
        query = select(table.day, table.organ, table.institution, table.notice, table.officers).order_by(table.day)
        query = query.where(table.subject == subject) if subject else query
    elif kind == "institutions":
        query = select(
            Institution.code, Institution.name, Institution.place, Institution.level, Institution.former_names
        )
        query = query.where(Institution.subject == subject) if subject else query.order_by(Institution.name)
    elif kind == "supervisors":
        query = select(Staff.username, Staff.name, Staff.authority, Term.since, Term.until, Term.proposed_by)
        query = query.join(Term, Term.key == Staff.id).order_by(Staff.username)
    else:
        query = select(Office.key, Office.name, Office.superior, Office.handled_by, Office.contact).order_by(Office.key)
    for row in session.execute(query.execution_options(yield_per=500)):
        yield tuple("" if value is None else str(value).replace("\n", "、") for value in row)


def _keep(session: Session, table: type[Entry], key: Any, values: Mapping[str, Any], now: datetime) -> Outcome:
    found = session.scalar(select(table).where(table.key == key))
    if found is None:
        session.add(table(key=key, at=now, **values))
        session.flush()
        return "added"
    if not _set(found, values):
        return "unchanged"
    found.at = now
    return "changed"


def _set(row: object, values: Mapping[str, Any]) -> bool:
    """Put the values into the row; whether that changed anything."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)

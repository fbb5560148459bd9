"""One message a day instead of many: what a person is to be reminded of, gathered at the opening of his day.

The most urgent comes first, with the number of days; a line bears a number and a link, no name and no fact, since the
message leaves by channels that are not ours. What was settled since the sweep is dropped, and what is true now is
said, not what was true at midnight. The message bears a key of person and day, so that of several processes that
gather at once only one puts it; what comes later the same day waits for the next opening.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake import outbox, viewing
from intake.models import Case, Clock, Notice, Reminder, Staff
from routing import states
from routing.authorities import by_code
from routing.hours import EVERY, SUPERVISOR, audience
from routing.rules import Rules, legal_day
from routing.sweep import LIGHT
from routing.wording import long_day, say
from routing.workdays import Calendar

MOST = 30
"""Lines of one message: a channel takes only so many characters, and nobody reads more."""
GROUPS = ("reported", "overdue", "due", "soon")
"""From the most urgent to the least."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one step did: people looked at, messages put, and whether more wait."""

    people: int
    messages: int
    more: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One clock as it stands today; `days` over the due date in days, or left in working days."""

    group: str
    number: str
    authority: str
    clock: str
    due_on: date
    days: int


def gather(session: Session, *, rules: Rules, now: datetime, address: str = "", limit: int = 100) -> Gathered:
    """Put the messages of up to `limit` people whose day has begun; the caller commits.

    `address` is where the desk is reached, for the links; without one the numbers stand alone.
    """
    ready = (Reminder.settled_at.is_(None), Reminder.ready_at <= now)
    query = select(Reminder.staff_id).where(*ready).distinct().order_by(Reminder.staff_id).limit(limit)
    ids = session.scalars(query).all()
    messages = sum(_for(session, session.get_one(Staff, one), rules, now, address) for one in ids)
    session.flush()
    return Gathered(people=len(ids), messages=messages, more=len(ids) == limit)


def _for(session: Session, staff: Staff, rules: Rules, now: datetime, address: str) -> bool:
    """The message of one person; false where there is nothing to say, or not now."""
    query = (
        select(Reminder, Clock, Case)
        .options(*LIGHT)
        .join(Clock, Clock.id == Reminder.clock_id)
        .join(Case, Case.id == Clock.case_id)
        .where(Reminder.staff_id == staff.id, Reminder.settled_at.is_(None), Reminder.ready_at <= now)
        .with_for_update(of=Reminder, skip_locked=True)  # PostgreSQL: who gathers him just now has them
    )
    rows = session.execute(query).all()
    ids = [reminder.id for reminder, _, _ in rows]
    who, place = audience(staff.role), by_code(staff.authority).place
    calendar, today = rules.calendar.at(place), legal_day(now)
    opening = rules.hours.opening(who, EVERY, place, now, calendar)
    if opening > now:  # nobody gathered while his day was open
        _change(session, ids, ready_at=opening)
        return False
    matters = {clock.id: (clock, case) for _, clock, case in rows}
    lines = [*_lines(session, staff, matters.values(), rules, today)]
    if not lines:
        _change(session, ids, settled_at=now)
        return False
    key = f"digest-{today.isoformat()}-staff-{staff.id}"
    if not outbox.put(session, key=key, body=written(lines, staff, today, address), now=now, staff_id=staff.id):
        _change(session, ids, ready_at=rules.hours.after(who, place, today, calendar))
        return False
    notice_id = session.scalar(select(Notice.id).where(Notice.key == key))
    _change(session, ids, settled_at=now, notice_id=notice_id)
    return True


def _change(session: Session, ids: Sequence[int], **values: object) -> None:
    for start in range(0, len(ids), 400):
        session.execute(update(Reminder).where(Reminder.id.in_(ids[start : start + 400])).values(values))


def _lines(
    session: Session, staff: Staff, matters: Iterable[tuple[Clock, Case]], rules: Rules, today: date
) -> Iterator[Line]:
    """What is still true: a clock that runs, of a case that is open, which he may know of."""
    for clock, case in matters:
        outlives = clock.kind in states.of_rewards()
        if clock.state != "running" or (case.closed_at is not None and not outlives):
            continue
        if viewing.kept_out(session, case, viewer=staff):
            continue
        authority = by_code(case.authority)
        calendar = rules.calendar.at(authority.place)
        stage, _ = rules.ladder.at(clock.due_on, today, calendar, authority.place)
        if stage is None:  # extended meanwhile
            continue
        group = stage.name if stage.name in GROUPS else "soon"
        days = (today - clock.due_on).days if today > clock.due_on else left(clock.due_on, today, calendar)
        elsewhere = case.authority != staff.authority or audience(staff.role) == SUPERVISOR
        where = authority.name if elsewhere else ""
        yield Line(group, case.number, where, rules.law.kind(clock.kind).name, clock.due_on, days)


def left(due_on: date, today: date, calendar: Calendar) -> int:
    """The working days from tomorrow to the due date."""
    days, day = 0, today
    while (day := calendar.add_working_days(day, 1).due_on) <= due_on:
        days += 1
    return days


def written(lines: Sequence[Line], staff: Staff, today: date, address: str = "") -> str:
    """The message: a head, the groups in the order of their urgency, and what is asked."""
    told = [say("staff.digest.head", day=long_day(today), n=len(lines))]
    room = MOST
    for group in GROUPS:
        mine = sorted((one for one in lines if one.group == group), key=lambda one: (one.due_on, one.number))
        if not mine:
            continue
        told += ["", say(f"staff.digest.{group}", n=len(mine))]
        told += [_line(one, address) for one in mine[: max(room, 0)]]
        room -= len(mine)
    if room < 0:
        told += ["", say("staff.digest.more", n=-room)]
    return "\n".join([*told, "", *_asked(lines, staff)])


def _asked(lines: Sequence[Line], staff: Staff) -> Iterator[str]:
    """What he is asked to do: to act, to see that others do, or as a citizen to urge."""
    if audience(staff.role) == SUPERVISOR:
        yield say("staff.digest.end_supervisor")
        return
    if any(not one.authority for one in lines):
        yield say("staff.digest.end_own")
    if any(one.authority for one in lines):
        yield say("staff.digest.end_above")


def _line(line: Line, address: str) -> str:
    key = "late" if line.group in {"reported", "overdue"} else "today" if line.group == "due" else "left"
    told = say(f"staff.digest.{key}", number=line.number, clock=line.clock, n=line.days)
    if line.authority:
        told = say("staff.digest.elsewhere", line=told, authority=line.authority)
    return f"{told}\n{address}/desk/cases/{line.number}" if address else told

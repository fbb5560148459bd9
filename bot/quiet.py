"""When the courier may speak to somebody: by who he is, where he works and by which channel (routing/hours.toml)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake import outbox
from intake.models import Staff
from intake.outbox import Due
from routing.authorities import by_code
from routing.hours import TELLER, audience
from routing.rules import Rules


def opening(session: Session, due: Due, rules: Rules, now: datetime) -> datetime:
    """The next moment at which this notice may go; `now` itself where it may go at once, as what is urgent always may."""
    if due.key.startswith(outbox.URGENT):
        return now
    staff = session.get(Staff, due.staff_id) if due.staff_id is not None else None
    if staff is None:
        return rules.hours.opening(TELLER, due.channel, None, now, rules.calendar)
    place = by_code(staff.authority).place
    return rules.hours.opening(audience(staff.role), due.channel, place, now, rules.calendar.at(place))

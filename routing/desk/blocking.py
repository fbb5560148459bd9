"""What has to wait: while a case is offered to another authority, or owed to the superior that assigned it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake import handovers
from intake.models import Case, Clock
from routing.authorities import by_code
from routing.desk import clocks
from routing.errors import HandoverOpen, ReportBackFirst
from routing.lives import life


def blocked(session: Session, case: Case) -> frozenset[str]:
    """The acts that have to wait now: what the desk does not offer."""
    names = [name for name, open_one in (("handover", handovers.standing), ("assignment", handovers.owed))
             if open_one(session, case.id)]  # fmt: skip
    return frozenset(verb for name in names for verb in life(name).table["case"]["blocks"])


def check(session: Session, case: Case, verb: str) -> None:
    """Refuse an act that would settle what another authority is just asked about, or leave a superior without report."""
    if verb not in blocked(session, case):
        return
    name = life("case").moves[verb].name
    if verb in life("handover").table["case"]["blocks"] and (asked := handovers.standing(session, case.id)):
        raise HandoverOpen(taker=by_code(asked.taker).name, verb=name)
    if owed := handovers.owed(session, case.id):
        raise ReportBackFirst(assigner=by_code(owed.assigner).name, verb=name)


def end(session: Session, case: Case, now: datetime) -> None:
    """A teller ended the case: nobody has to answer or to report any more."""
    if open_one := handovers.standing(session, case.id):
        open_one.state, open_one.settled_at = "withdrawn", now
    if owed := handovers.owed(session, case.id):
        owed.state, owed.reported_at = "ended", now
        clocks.stop_own(session.get_one(Clock, owed.clock_id), now=now, state="cancelled")

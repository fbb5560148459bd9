"""What every act on a suspected crime stands on: its case, its transfer if one is open, and one move made true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from intake import audit, remarks
from intake.masks import masked
from intake.models import Case, CrimeTransfer, Event, Staff
from intake.remarks import Words
from intake.viewing import may_see
from routing.authorities import by_code
from routing.desk import clocks, crimeguard, moves, people
from routing.errors import AccusedMayNotHandle, BadMoment, BadName, BadReference, NotSuspectedNow, NotYourCase
from routing.lives import Move, life
from routing.rules import SHANGHAI, Rules, legal_day

ORGAN_LIMIT, RECEIPT_LIMIT = 80, 60


@dataclass(slots=True)
class Subject:
    """A case and its open transfer, if there is one."""

    case: Case
    crime: CrimeTransfer | None

    @property
    def state(self) -> str:
        """The state of the open transfer; `none` while there is none."""
        return self.crime.state if self.crime else crimeguard.NONE

    @property
    def open(self) -> CrimeTransfer:
        """The transfer of a state that only a row can have."""
        assert self.crime is not None
        return self.crime


def begin(session: Session, case_id: int, officer: Staff, verb: str) -> tuple[Subject, Move]:
    """The case with its transfer and the move, after every question whether this officer may make it now."""
    case = people.case_for(session, case_id)
    may(session, case, officer, verb)
    it = Subject(case, crimeguard.open_transfer(session, case))
    move = life("crime").check(verb, it.state, officer.role)
    if it.crime is None and case.state in life("crime").table["case"]["never"]:
        raise NotSuspectedNow(state=life("case").state_name(case.state))
    return it, move


def may(session: Session, case: Case, officer: Staff, verb: str) -> None:
    """Refuse whoever may not handle the case; what the head decides, a leader of the authority above may stand in for."""
    if life("crime").moves[verb].roles != ("leader",) or officer.authority == case.authority:
        people.may_handle(officer, case)
    elif officer.authority in people.excluded(case):
        raise AccusedMayNotHandle(authority=by_code(officer.authority).name)
    elif not may_see(session, case, viewer=officer):
        raise NotYourCase


def change(
    session: Session,
    it: Subject,
    move: Move,
    officer: Staff,
    *,
    rules: Rules,
    now: datetime,
    words: str = "",
    on: date | None = None,
    data: Mapping[str, object] | None = None,
) -> Event:
    """One move of a transfer: state, clocks, queue date and event together; it counts from the day `on`, hours from now."""
    case, transfer, day = it.case, it.open, on or legal_day(now)
    restarted = {kind for kinds in move.starts.values() for kind in kinds} & set(move.stops)
    stopped = [clock for clock in clocks.running(session, case) if clock.kind in move.stops]
    for clock in stopped:
        clocks.stop_own(clock, now=now, state="cancelled" if clock.kind in restarted else "met")
    late = [clock.kind for clock in stopped if clock.due_on < day]
    session.flush()
    transfer.state = str(move.target)
    transfer.ended_at = now if transfer.state in life("crime").table["case"]["ended"] else None
    started = _start(session, case, move, rules, day, now)
    clocks.settle(session, case)
    told = {"crime": transfer.id, **({"late": late} if late else {}), **(data or {})}
    told |= {"started": started} if started else {}
    said = Words.of(words) if words else None
    actor = moves.by(officer)
    event = audit.append(session, case.id, move.verb, actor, told | ({"words": said.commitment} if said else {}), now)
    session.flush()
    if said:
        remarks.keep(session, event, said)
    return event


def _start(session: Session, case: Case, move: Move, rules: Rules, on: date, now: datetime) -> dict[str, str]:
    """The clocks of a move, unless they run already; gives their days."""
    runs = {clock.kind for clock in clocks.running(session, case)}
    kinds = [kind for kind in move.clocks(case.side, named=False) if kind not in runs]
    begun = [clocks.start_own(session, case, kind, rules=rules, on=on, now=now, at=now) for kind in kinds]
    session.flush()
    return {clock.kind: clock.due_on.isoformat() for clock in begun}


def organ_of(typed: str, now: datetime) -> str:
    """The name of an organ as it was typed; BadName where it is none."""
    name = " ".join(typed.split())
    if not name or len(name) > ORGAN_LIMIT or masked(name, now=now) != name:
        raise BadName(limit=ORGAN_LIMIT)
    return name


def receipt_of(typed: str, now: datetime) -> str:
    """The number of a receipt; BadReference where it is empty, too long, or holds what looks like a person's number."""
    number = " ".join(typed.split())
    if not number or len(number) > RECEIPT_LIMIT or masked(number, now=now) != number:
        raise BadReference(limit=RECEIPT_LIMIT)
    return number


def moment_of(typed: str, *, since: datetime, now: datetime) -> datetime:
    """A moment as a form gives it (2026-11-25T14:30, in Shanghai), or midnight of a day; neither before nor to come."""
    try:
        moment = datetime.fromisoformat(typed.strip())
    except ValueError as wrong:
        raise BadMoment(typed=typed.strip()[:20]) from wrong
    moment = moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment
    if not _floor(since) <= moment <= now:
        raise BadMoment(typed=typed.strip()[:20])
    return moment


def day_of(typed: str, *, since: date, now: datetime) -> date:
    """The day on which a paper came in, today where nothing was typed; neither before `since` nor to come."""
    if not typed.strip():
        return legal_day(now)
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError as wrong:
        raise BadMoment(typed=typed.strip()[:20]) from wrong
    if not since <= day <= legal_day(now):
        raise BadMoment(typed=typed.strip()[:20])
    return day


def _floor(moment: datetime) -> datetime:
    """The minute of a moment: forms know no seconds."""
    return moment.replace(second=0, microsecond=0)

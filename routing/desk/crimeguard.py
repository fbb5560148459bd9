"""What a case may not do while a suspected crime of it is followed: no penalty and no other end in place of a transfer.

State Council Decree 310 Art. 3 and 11. Every act on a case asks here, so that no way leads round the transfer.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from intake import crime
from intake.models import Case, CrimeTransfer
from routing.errors import CrimeOpen, NoTransferYet
from routing.lives import life

POLICE = "police"
NONE = "none"


def open_transfer(session: Session, case: Case) -> CrimeTransfer | None:
    """The transfer of a case that has not ended, held against other writers."""
    return crime.open_of(session, case.id)


def check(session: Session, case: Case, verb: str) -> None:
    """Refuse an act that the table bars while a transfer is open; CrimeOpen names where it stands."""
    told = life("crime")
    if verb not in told.table["case"]["bars"]:
        return
    found = open_transfer(session, case)
    if found is None or (verb == "close" and found.state in told.table["case"]["unhurried"]):
        return
    raise CrimeOpen(state=told.state_name(found.state))


def check_outcome(session: Session, case: Case, outcome: str) -> None:
    """Refuse any other outcome while a transfer is open, and `police` before the police have the case."""
    told = life("crime")
    found = open_transfer(session, case)
    state = found.state if found else NONE
    if outcome == POLICE:
        if state not in told.table["case"]["stands"]:
            raise NoTransferYet(state=told.state_name(state))
    elif found is not None:
        raise CrimeOpen(state=told.state_name(state))

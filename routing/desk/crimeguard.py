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


def check(session: Session, case: Case, verb: str, outcome: str = "") -> None:
    """Refuse an act that the table bars while a transfer is open, and an `outcome` that takes its place or runs ahead.

    Raises CrimeOpen, which names where the transfer stands, and NoTransferYet for `police` before the police have it.
    """
    told = life("crime")
    rules = told.table["case"]
    if verb not in (*rules["bars"], *rules["decides"]):
        return
    found = open_transfer(session, case)
    state = found.state if found else NONE
    if verb in rules["decides"] and outcome == POLICE:
        if state not in rules["stands"]:
            raise NoTransferYet(state=told.state_name(state))
    elif found is not None and not (verb == "close" and state in rules["unhurried"]):
        raise CrimeOpen(state=told.state_name(state))

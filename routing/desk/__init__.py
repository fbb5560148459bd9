"""What people do to a case: each verb one transaction of its caller, which commits; nobody here does.

`file_report` receives; officers accept, decline, ask, transfer, extend, decide, reply and close;
they merge and part cases, and say what a suggestion is worth;
tellers add, rate, urge and withdraw.
"""

from routing.desk.acts import accept, ask, close, decide, decline, extend, reply
from routing.desk.file import file_report
from routing.desk.merge import merge, unmerge
from routing.desk.split import confirm, refuse, split
from routing.desk.teller import add_to_report, promised, rate, urge, withdraw
from routing.desk.transfer import transfer

__all__ = [
    "accept", "add_to_report", "ask", "close", "confirm", "decide", "decline", "extend", "file_report", "merge",
    "promised", "rate", "refuse", "reply", "split", "transfer", "unmerge", "urge", "withdraw",
]  # fmt: skip

"""What people do to a case: each verb one transaction of its caller, which commits; nobody here does.

`file_report` receives; officers accept, decline, ask, transfer, extend, decide, reply and close, each through
`attempt`, which keeps a text that may tell who reported; tellers add, rate, urge and withdraw; `unmasking` opens an
identity with a second person.
"""

from routing.desk.acts import accept, ask, close, decide, decline, extend, reply
from routing.desk.file import file_report
from routing.desk.held import attempt
from routing.desk.teller import add_to_report, promised, rate, urge, withdraw
from routing.desk.transfer import transfer

__all__ = [
    "accept", "add_to_report", "ask", "attempt", "close", "decide", "decline", "extend", "file_report", "promised",
    "rate", "reply", "transfer", "urge", "withdraw",
]  # fmt: skip

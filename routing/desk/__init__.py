"""What people do to a case: each verb one transaction of its caller, which commits; nobody here does.

`file_report` receives; officers accept, decline, ask, transfer, extend, decide, reply and close, merge and part cases,
and say what a suggestion is worth, each through `attempt`, which keeps a text that may tell who reported; tellers add,
rate, urge and withdraw. Rewards are proposed, approved by a second person, told, claimed or given up, and paid by a
third; `unmasking` opens an identity with a second person.
"""

from routing.desk.acts import accept, ask, close, decide, decline, extend, reply
from routing.desk.claiming import claim_reward, own_reward, waive_reward
from routing.desk.counter import Counter, Steps, Wish
from routing.desk.file import Draft, Filed, draft, file_drafts, file_report, receipt_of
from routing.desk.held import attempt
from routing.desk.merge import merge, unmerge
from routing.desk.paying import pay_reward, payee, recover_reward
from routing.desk.rewarding import approve_reward, notify_reward, propose_reward, refuse_reward, renew_reward
from routing.desk.split import confirm, refuse, split
from routing.desk.teller import add_to_report, promised, rate, urge, withdraw
from routing.desk.transfer import transfer

__all__ = [
    "Counter", "Draft", "Filed", "Steps", "Wish", "accept", "add_to_report", "approve_reward", "ask", "attempt", "claim_reward", "close",
    "confirm", "decide", "decline", "draft", "extend", "file_drafts", "file_report", "merge", "notify_reward",
    "own_reward", "pay_reward", "payee", "promised", "propose_reward", "rate", "receipt_of", "recover_reward",
    "refuse", "refuse_reward", "renew_reward", "reply", "split", "transfer", "unmerge", "urge", "waive_reward",
    "withdraw",
]  # fmt: skip

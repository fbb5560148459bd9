"""What people do to a case: each verb one transaction of its caller, which commits; nobody here does.

`file_report` receives. Officers accept, decline, ask, suspend, decide, reply and close, merge and part cases; leaders
extend and open penalty cases; all through `attempt`, which keeps a text that may tell who reported. Tellers add, rate,
urge and withdraw. Rewards are proposed, approved by a second person, claimed or given up, and paid by a third.
Authorities agree on who is competent: offer, take, send back, dispute, designate, assign, refer. A suspected crime is
looked into by two, decided on by the head, and taken to the police and back. `unmasking` opens an identity with a
second person. A leader oversees a case, a superior summons its head.
"""

from routing.desk.acts import accept, ask, close, decide, decline, reply
from routing.desk.assigning import assign, note_assignment, report_back
from routing.desk.claiming import claim_reward, own_reward, waive_reward
from routing.desk.counter import Counter, Steps, Wish
from routing.desk.extending import ask_extension, extend
from routing.desk.file import Draft, Filed, draft, file_drafts, file_report, receipt_of
from routing.desk.handover import designate, dispute, offer, send_back, take, take_back
from routing.desk.held import attempt
from routing.desk.merge import merge, unmerge
from routing.desk.opening import conclude, not_open, open_case, tell_opened
from routing.desk.oversight import answer_oversight, close_oversight, open_oversight, record_talk, summon_head
from routing.desk.paying import pay_reward, payee, recover_reward
from routing.desk.police import (
    accept_answer,
    ask_reconsider,
    ask_supervision,
    hand_goods,
    police_declines,
    police_files,
    police_passes,
    police_upholds,
    receive_back,
    send_crime,
    supervision_ends,
)
from routing.desk.referring import refer
from routing.desk.reopening import reopen
from routing.desk.rewarding import approve_reward, notify_reward, propose_reward, refuse_reward, renew_reward
from routing.desk.split import confirm, refuse, split
from routing.desk.suspecting import approve_crime, name_team, pack_crime, refuse_crime, report_crime
from routing.desk.suspending import resume, suspend
from routing.desk.teller import add_to_report, promised, rate, urge, withdraw
from routing.desk.tickets import close_ticket, reopen_ticket, supervise_ticket

__all__ = [
    "Counter", "Draft", "Filed", "Steps", "Wish", "accept", "accept_answer", "add_to_report", "answer_oversight",
    "approve_crime", "approve_reward", "ask", "ask_extension", "ask_reconsider", "ask_supervision", "assign",
    "attempt", "claim_reward", "close", "close_oversight", "close_ticket", "conclude", "confirm", "decide",
    "decline", "designate", "dispute", "draft", "extend", "file_drafts", "file_report", "hand_goods", "merge",
    "name_team", "not_open", "note_assignment", "notify_reward", "offer", "open_case", "open_oversight",
    "own_reward", "pack_crime", "pay_reward", "payee", "police_declines", "police_files", "police_passes",
    "police_upholds", "promised", "propose_reward", "rate", "receipt_of", "receive_back", "record_talk", "recover_reward", "refer",
    "refuse", "refuse_crime", "refuse_reward", "renew_reward", "reopen", "reopen_ticket", "reply", "report_back",
    "report_crime", "resume", "send_back", "send_crime", "split", "summon_head", "supervise_ticket",
    "supervision_ends", "suspend", "take", "take_back", "tell_opened", "unmerge", "urge", "waive_reward", "withdraw",
]  # fmt: skip

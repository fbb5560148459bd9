"""What the dialogue's commands do to the ledger, and how their results are put into words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import enquiry, reception
from bot.app import App
from bot.channels.message import Inbound, Reply
from bot.dialogue import phrases
from bot.dialogue.afterwards import remember
from bot.dialogue.state import Add, Command, File, LookUp, Rate, Talk, Urge, Withdraw
from bot.dialogue.store import Answer
from bot.dialogue.turn import Outcome
from intake.models import FiledReport
from intake.report import Receipt
from routing import desk
from routing.desk import Steps, Wish
from routing.errors import DeskError

CODE_GROUP = 4


def look_up(app: App, talk: Talk, code: str, inbound: Inbound) -> tuple[Talk, tuple[Reply, ...]]:
    """The status behind a query code in words, the talk knowing that report; a wrong code gets its sentence."""
    try:
        status = enquiry.look_up(app, code, origin=_origin(app, inbound), now=inbound.at)
    except enquiry.EnquiryError as wrong:
        return talk, (phrases.reply("say", "query_wrong", reason=str(wrong), asks="query_code"),)
    replies = [phrases.reply("say", "status", status=enquiry.in_words(status))]
    talk = remember(talk, status.number)
    if status.can_rate:
        replies.append(phrases.reply("say", "rate_ask", asks="rating", number=status.number))
    return talk, tuple(replies)


def run(app: App, session: Session, inbound: Inbound, outcome: Outcome, now: datetime) -> Steps[tuple[Talk, Answer]]:
    """Carry the commands out in the message's own transaction; the talk and the answer after them."""
    for file in inbound.files:
        reception.enter(app, session, file.digest, now)
    talk, replies = outcome.talk, outcome.replies
    receipts: tuple[Receipt, ...] = ()
    for command in outcome.commands:
        if isinstance(command, File):
            talk, more, receipts = yield from _file(app, session, talk, command, now)
            for receipt in receipts:  # who has filed from here will ask from here
                enquiry.know_owner(app, session, receipt.query_code, origin=_origin(app, inbound), now=now)
        elif not isinstance(command, LookUp):
            more = _verb(app, session, command, talk, now)
        else:
            continue
        replies = (*replies, *more)
    return talk, Answer(replies, receipts)


def _origin(app: App, inbound: Inbound) -> str:
    """Where it comes from: on the web a new sender costs nothing, what counts there is the address, as on the page."""
    return inbound.origin or app.vault.fingerprint(f"{inbound.channel}:{inbound.sender}", "origin")


def _file(
    app: App, session: Session, talk: Talk, command: File, now: datetime
) -> Steps[tuple[Talk, tuple[Reply, ...], tuple[Receipt, ...]]]:
    home, names = app.settings.home, command.file_names
    filed = yield Wish(
        [desk.draft(report, vault=app.vault, home=home, file_names=names) for report in command.reports], now
    )
    receipts = tuple(desk.receipt_of(session, one) for one in filed)
    talk = talk.fresh()
    for receipt in receipts:
        talk = remember(talk, receipt.case_number)
    side = command.reports[0].side
    replies = [_receipt(receipt, side) for receipt in receipts]
    if len(receipts) > 1:
        replies.append(phrases.reply("say", "receipt_linked", count=len(receipts)))
    return talk, tuple(replies), receipts


def _receipt(receipt: Receipt, side: str) -> Reply:
    code = receipt.query_code
    return phrases.reply(
        "say",
        "receipt_again" if receipt.already_told else "receipt",
        number=receipt.case_number,
        code=" ".join(code[start : start + CODE_GROUP] for start in range(0, len(code), CODE_GROUP)),
        authority=receipt.authority,
        due_on=phrases.day(receipt.due_on),
        first_step=phrases.sentence("summary", f"first_step_{side}"),
    )


def _verb(app: App, session: Session, command: Command, talk: Talk, now: datetime) -> tuple[Reply, ...]:
    """One act of the teller on a report that he knows; where the desk refuses, its sentence is the answer."""
    if isinstance(command, File | LookUp):
        return ()
    report = session.scalars(select(FiledReport).where(FiledReport.number == command.number)).one()
    rules, vault = app.rules, app.vault
    try:
        match command:
            case Add(_, text, files, kind):
                desk.add_to_report(
                    session,
                    report,
                    text,
                    files,
                    kind=kind,
                    file_names=talk.file_names,
                    rules=rules,
                    vault=vault,
                    now=now,
                )
                return ()
            case Rate(_, stars, comment):
                desk.rate(session, report, stars, comment, rules=rules, vault=vault, now=now)
                return (phrases.reply("say", "rated"),)
            case Withdraw(_, text, pressed):
                desk.withdraw(session, report, text, pressed=pressed, rules=rules, vault=vault, now=now)
                return ()
            case Urge(number):
                due_on = phrases.day(desk.urge(session, report, rules=rules, vault=vault, now=now))
                return (phrases.reply("say", "urged", number=number, due_on=due_on),)
    except DeskError as refused:
        return (Reply(str(refused)),)

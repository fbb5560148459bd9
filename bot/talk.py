"""The one door through which every channel's message passes: heard, answered, filed and committed here."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import errands
from bot.app import App
from bot.channels.message import File, Inbound, Reply
from bot.dialogue import machine, phrases, store
from bot.dialogue.afterwards import remember
from bot.dialogue.state import File as Filing
from bot.dialogue.state import LookUp, Talk
from bot.dialogue.store import Answer, Remembered, Said
from bot.dialogue.turn import Outcome, Turn
from intake.errors import LedgerBusy, LedgerUncertain
from nlu.meaning import Understanding
from routing.desk import Steps

CHINA = ZoneInfo("Asia/Shanghai")
LANES = 256
TRIES = 5

_lanes = tuple(threading.Lock() for _ in range(LANES))


class _OvertakenError(Exception):
    """Another process answered in this conversation meanwhile; the message is thought over again."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that the desk said into a conversation; ask for what comes after `cursor`."""

    cursor: int
    reply: Reply


def new_sender() -> str:
    """A web conversation's public number: 128 random bits."""
    return secrets.token_urlsafe(16)


def begin(app: App, channel: str, sender: str, now: datetime, token: str | None = None) -> Answer:
    """Open a conversation with the greeting; one that exists is left as it is and greeted again."""
    outcome = machine.begin()
    conversation = _key(app, channel, sender)
    app.database.write(
        lambda session: store.create(session, app.vault, conversation, channel, outcome.talk, now, token)
    )
    return Answer(outcome.replies)


def converse(app: App, inbound: Inbound) -> Answer:
    """Answer one message; a message that was answered before gets the same answer and has no second effect.

    Several processes may serve one person: whoever finds the talk changed when he writes it thinks again. Raises
    LedgerBusy or LedgerFull where nothing could be written: nothing is half done then.
    """
    conversation = _key(app, inbound.channel, inbound.sender)
    trouble: Exception = LedgerBusy()
    with _lane(conversation):
        for _ in range(TRIES):
            try:
                return _attempt(app, inbound, conversation)
            except _OvertakenError:
                trouble = LedgerBusy()
            except LedgerUncertain as uncertain:
                trouble = uncertain
            # What was remembered is old, or the message was answered before: the ledger knows.
            app.recent.forget(conversation)
    raise trouble


def _attempt(app: App, inbound: Inbound, conversation: str) -> Answer:
    known = app.recent.get(conversation)
    if known is None:
        known = app.database.look(
            lambda connection: store.recall(connection, app.vault, conversation, inbound.message_id)
        )
    if known and known.answer:
        return known.answer
    talk = known.talk if known and known.talk else machine.begin().talk
    inbound, notes = _bounded(app, inbound)
    outcome = _think(app, inbound, talk, conversation)
    # A look-up counts wrong tries in a transaction of its own, so it comes before ours.
    looked = [
        errands.look_up(app, outcome.talk, one.code, inbound) for one in outcome.commands if isinstance(one, LookUp)
    ]

    def write(session: Session) -> Steps[tuple[Answer, Remembered]]:
        talk, answer = yield from errands.run(app, session, inbound, outcome, inbound.at.astimezone(CHINA))
        for looked_talk, replies in looked:
            talk = replace(talk, filed=looked_talk.filed, asks=looked_talk.asks)
            answer = replace(answer, replies=(*answer.replies, *replies))
        answer = replace(answer, replies=(*notes, *answer.replies))
        if known is None:
            kept = store.create(session, app.vault, conversation, inbound.channel, talk, inbound.at)
        else:
            kept = store.save(session, app.vault, conversation, talk, known.version, inbound.at)
        if not kept:
            raise _OvertakenError
        files = tuple(file.digest for file in inbound.files)
        try:
            store.remember(
                session, app.vault, conversation, inbound.message_id, inbound.text, files, answer, inbound.at
            )
        except IntegrityError as twice:
            raise _OvertakenError from twice
        return answer, Remembered(talk, known.version + 1 if known else 1, None)

    files = any(isinstance(one, Filing) for one in outcome.commands)
    answer, remembered = app.counter.file(write) if files else app.counter.write(write)
    app.recent.put(conversation, remembered)
    return answer


def _bounded(app: App, inbound: Inbound) -> tuple[Inbound, tuple[Reply, ...]]:
    """A very long text is kept whole as a file and heard by its first part, so that nothing is lost."""
    inbound = replace(inbound, text=_writable(inbound.text))
    if len(inbound.text) <= app.settings.max_text:
        return inbound, ()
    name = phrases.sentence("summary", "text_file")
    stored = app.evidence.store(BytesIO(inbound.text.encode("utf-8", "replace")), name)
    file = File(stored.digest, name, stored.media_type, stored.size)
    note = phrases.reply("say", "long", count=len(inbound.text))
    return replace(inbound, text=inbound.text[: app.settings.max_text], files=(*inbound.files, file)), (note,)


def _writable(text: str) -> str:
    """The text without what no file and no database can hold: halves of an emoji that was cut, and NUL."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "")


def _think(app: App, inbound: Inbound, talk: Talk, conversation: str) -> Outcome:
    now = inbound.at.astimezone(CHINA)

    def hear(text: str) -> Understanding:
        return app.ear.parse(text, now=now, home=app.settings.home)

    meaning = app.ear.parse(inbound.text, now=now, asked=talk.asks, home=app.settings.home)
    turn = Turn(talk, inbound, meaning, hear, now, app.settings.silence, conversation)
    return machine.step(turn)


def authorised(app: App, channel: str, sender: str, token: str) -> bool:
    """Whether the bearer token is the one given out with this conversation."""
    conversation = _key(app, channel, sender)
    mark = store.token_mark(app.vault, token)
    if app.tokens.get(conversation) == mark:
        return True
    with app.database.reading() as session:
        fits = store.kept_token(session, conversation) == mark
    if fits:
        app.tokens.put(conversation, mark)
    return fits


def tell(
    app: App,
    channel: str,
    sender: str,
    told: Reply,
    key: str,
    report_number: str | None,
    kind: str,
    now: datetime,
) -> None:
    """Put a message of the desk into a conversation, once for one key; a `question` awaits an answer, `closed` a rating."""
    conversation = _key(app, channel, sender)

    def write(session: Session) -> None:
        stored = store.hold(session, app.vault, conversation)
        mark = store.next_mark(session, conversation, key) if stored else None
        if stored is None or mark is None:
            return
        talk, version = stored
        if report_number:
            talk = remember(talk, report_number)
        replies: tuple[Reply, ...] = (told,)
        if kind in ("question", "closed") and not talk.telling:
            talk = replace(talk, asks="letter" if kind == "question" else "rating", choosing=None, options=())
        if kind == "closed" and report_number:
            replies = (told, phrases.reply("say", "rate_ask", asks="rating", number=report_number))
        store.save(session, app.vault, conversation, talk, version, now)
        store.remember(session, app.vault, conversation, mark, "", (), Answer(replies), now)

    with _lane(conversation):
        app.database.write(write)
    app.recent.forget(conversation)


def waiting(app: App, channel: str, sender: str, after: int) -> tuple[Told, ...]:
    """What the desk told this person since the cursor."""
    conversation = _key(app, channel, sender)
    with app.database.reading() as session:
        told = store.told_since(session, app.vault, conversation, after)
    return tuple(Told(cursor, reply) for cursor, answer in told for reply in answer.replies)


def history(app: App, channel: str, sender: str) -> tuple[Said, ...]:
    """The whole conversation, for a page that is opened again; messages of the desk have an empty text."""
    with app.database.reading() as session:
        return store.turns(session, app.vault, _key(app, channel, sender))


def _key(app: App, channel: str, sender: str) -> str:
    return store.key_of(app.vault, channel, sender)


def _lane(conversation: str) -> threading.Lock:
    return _lanes[hash(conversation) % LANES]

"""Conversations in the ledger: sealed, one row each, every answered message remembered by its number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, and_, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from bot.channels.message import Reply
from bot.dialogue import state
from bot.dialogue.state import Talk
from intake.confidentiality import Vault
from intake.db import insert_into
from intake.models import Conversation, Turn
from intake.report import Receipt

MARK = "~"
"""First character of the number of a turn that did not answer a message: what the desk told the person."""


_conversation = cast("Table", Conversation.__table__)
_turn = cast("Table", Turn.__table__)

# Every message runs these: they are built once, below the object-relational layer.
_RECALL = (
    select(_conversation.c.sealed_state, _conversation.c.version, _turn.c.sealed)
    .select_from(
        _conversation.outerjoin(
            _turn,
            and_(_turn.c.conversation_id == _conversation.c.id, _turn.c.message_id == bindparam("message")),
        )
    )
    .where(_conversation.c.id == bindparam("conversation"))
)
# On SQLite whoever writes is alone, and the lock is left out.
_HOLD = select(_conversation.c.version).where(_conversation.c.id == bindparam("conversation")).with_for_update()
_SAVE = (
    update(_conversation)
    .where(_conversation.c.id == bindparam("conversation"), _conversation.c.version == bindparam("old"))
    .values(sealed_state=bindparam("sealed"), version=bindparam("new"), spoken_at=bindparam("now"))
)
_REMEMBER = insert(_turn)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a message is answered with; receipts stand also in the replies, as words."""

    replies: tuple[Reply, ...]
    receipts: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a conversation: the talk, or the answer that this message had already."""

    talk: Talk | None
    version: int
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Said:
    """One turn as it is shown again: what the person wrote, and what came back."""

    message_id: str
    at: datetime
    text: str
    files: tuple[str, ...]
    answer: Answer


def key_of(vault: Vault, channel: str, sender: str) -> str:
    """The conversation's number: a keyed hash, since a sender's account is nobody's business."""
    return vault.fingerprint(f"{channel}:{sender}", "conversation")[:40]


def recall(connection: Connection, vault: Vault, conversation: str, message_id: str) -> Remembered | None:
    """The talk, and the answer given to this very message before; None where the person never spoke."""
    row = connection.execute(_RECALL, {"conversation": conversation, "message": message_id}).first()
    if row is None:
        return None
    state_sealed, version, turn_sealed = row
    if turn_sealed is not None:
        return Remembered(None, version, _open(vault, conversation, turn_sealed).answer)
    return Remembered(state.load(vault.unseal(state_sealed, f"talk {conversation}")), version, None)


def hold(session: Session, vault: Vault, conversation: str) -> tuple[Talk, int] | None:
    """The talk and its version, which nobody else changes until the transaction ends; None where the person never spoke."""
    session.connection().execute(_HOLD, {"conversation": conversation})
    known = recall(session.connection(), vault, conversation, "")
    return (known.talk, known.version) if known and known.talk else None


def save(session: Session, vault: Vault, conversation: str, talk: Talk, version: int, now: datetime) -> bool:
    """Write the talk over the version it came from; false where another process was faster."""
    values = {
        "conversation": conversation,
        "old": version,
        "sealed": _seal_talk(vault, conversation, talk),
        "new": version + 1,
        "now": now,
    }
    return session.connection().execute(_SAVE, values).rowcount == 1


def create(
    session: Session, vault: Vault, conversation: str, channel: str, talk: Talk, now: datetime, token: str | None = None
) -> bool:
    """Write a new conversation; false where it exists already."""
    values: dict[str, Any] = {
        "id": conversation,
        "channel": channel,
        "token_hash": token_mark(vault, token) if token else None,
        "sealed_state": _seal_talk(vault, conversation, talk),
        "version": 1,
        "created_at": now,
        "spoken_at": now,
    }
    connection = session.connection()
    fresh = insert_into(connection.dialect.name, _conversation).on_conflict_do_nothing()
    # Not by the row count, which an INSERT does not tell on every database.
    return connection.execute(fresh.returning(_conversation.c.id), values).first() is not None


def remember(
    session: Session,
    vault: Vault,
    conversation: str,
    message_id: str,
    text: str,
    files: tuple[str, ...],
    answer: Answer,
    now: datetime,
) -> None:
    """Keep what was said and answered under the message's number."""
    body = {
        "text": text,
        "files": files,
        "replies": [[reply.text, reply.choices, reply.asks] for reply in answer.replies],
        "receipts": [
            [r.case_number, r.query_code, r.authority, r.due_on.isoformat(), r.derivation, r.already_told, r.proof]
            for r in answer.receipts
        ],
    }
    sealed = vault.seal(json.dumps(body, ensure_ascii=False).encode(), f"turn {conversation}")
    values = {"conversation_id": conversation, "message_id": message_id, "sealed": sealed, "at": now}
    session.connection().execute(_REMEMBER, values)


def token_mark(vault: Vault, token: str) -> str:
    """The keyed hash under which a conversation's bearer token is kept."""
    return vault.fingerprint(token, "conversation token")


def kept_token(session: Session, conversation: str) -> str | None:
    """The mark of the token given out with this conversation; None where there is none."""
    return session.execute(select(Conversation.token_hash).where(Conversation.id == conversation)).scalar()


def turns(session: Session, vault: Vault, conversation: str) -> tuple[Said, ...]:
    """Everything said in a conversation, in order."""
    rows = session.execute(
        select(Turn.message_id, Turn.at, Turn.sealed).where(Turn.conversation_id == conversation).order_by(Turn.at)
    )
    said = []
    for message_id, at, sealed in rows:
        opened = _open(vault, conversation, sealed)
        said.append(Said(message_id, at, opened.text, opened.files, opened.answer))
    return tuple(said)


def told_since(session: Session, vault: Vault, conversation: str, after: int) -> tuple[tuple[int, Answer], ...]:
    """What the desk told this person after the given cursor, each with its own cursor."""
    rows = session.execute(
        select(Turn.message_id, Turn.sealed)
        .where(Turn.conversation_id == conversation, Turn.message_id.startswith(MARK))
        .order_by(Turn.message_id)
    )
    found = ((int(message_id[1:9]), sealed) for message_id, sealed in rows)
    return tuple((cursor, _open(vault, conversation, sealed).answer) for cursor, sealed in found if cursor > after)


def next_mark(session: Session, conversation: str, key: str) -> str | None:
    """The number for a message of the desk under `key`; None where that key was told already."""
    told = select(Turn.message_id).where(Turn.conversation_id == conversation, Turn.message_id.startswith(MARK))
    if session.scalar(told.where(Turn.message_id.endswith(f":{key}"))) is not None:
        return None
    count = session.scalar(select(func.count()).select_from(told.subquery())) or 0
    return f"{MARK}{count + 1:08d}:{key}"


def _seal_talk(vault: Vault, conversation: str, talk: Talk) -> bytes:
    return vault.seal(state.dump(talk), f"talk {conversation}")


def _open(vault: Vault, conversation: str, sealed: bytes) -> Said:
    raw = json.loads(vault.unseal(sealed, f"turn {conversation}"))
    replies = tuple(Reply(text, tuple(choices), asks) for text, choices, asks in raw["replies"])
    receipts = tuple(
        # Turns of an older release have no proof.
        Receipt(number, code, authority, date.fromisoformat(due_on), derivation, told, *proof)
        for number, code, authority, due_on, derivation, told, *proof in raw["receipts"]
    )
    return Said("", datetime.min, raw["text"], tuple(raw["files"]), Answer(replies, receipts))  # noqa: DTZ901 — not shown

"""How values look to other programs: the keys of DESIGN.md §8, the same over HTTP and on the command line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.channels.message import Reply
from intake.report import Receipt
from nlu.meaning import Category, Understanding

if TYPE_CHECKING:  # the ledger behind it is not needed by who only understands text
    from bot.enquiry import Proof, RewardTold, Status

CHINA = ZoneInfo("Asia/Shanghai")


def reply(said: Reply) -> dict[str, Any]:
    """One thing said to the person."""
    return {"text": said.text, "choices": list(said.choices), "asks": said.asks}


def receipt(held: Receipt) -> dict[str, Any]:
    """What the teller holds in hand."""
    return {
        "case_number": held.case_number,
        "query_code": held.query_code,
        "authority": held.authority,
        "due_on": held.due_on.isoformat(),
        "derivation": held.derivation,
        "already_told": held.already_told,
        "proof": held.proof,
    }


def status(found: Status) -> dict[str, Any]:
    """How a report stands, for its teller."""
    return {
        "case_number": found.number,
        "state": found.state,
        "state_name": found.state_name,
        "explanation": found.explanation,
        "authority": found.authority,
        "received_at": found.received_at.isoformat(),
        "due_on": found.due_on.isoformat() if found.due_on else None,
        "derivation": found.derivation,
        "outcome": found.outcome or None,
        "steps": [
            {"title": stage.title, "at": stage.at.isoformat() if stage.at else None, "state": stage.state}
            for stage in found.stages
        ],
        "messages": [
            {"from_person": letter.from_teller, "kind": letter.kind, "text": letter.text, "at": letter.at.isoformat()}
            for letter in found.letters
        ],
        "evidence": [
            {"name": file.name, "media_type": file.media_type, "size": file.size, "at": file.at.isoformat()}
            for file in found.files
        ],
        "papers": [
            {"number": one.number, "name": one.name, "at": one.at.isoformat()} for one in found.papers if not one.erased
        ],
        "may_rate": found.can_rate,
        "rating": found.stars,
        "reward": _reward(found.reward) if found.reward else None,
    }


def _reward(told: RewardTold) -> dict[str, Any]:
    own = told.own
    return {
        "state": own.state,
        "state_name": told.state_name,
        "text": told.sentence,
        "yuan": None if own.yuan is None else str(own.yuan),
        "claim_until": own.claim_until.isoformat() if own.claim_until else None,
        "may_claim": own.may_claim,
        "may_waive": own.may_waive,
    }


def proof(found: Proof) -> dict[str, Any]:
    """What proves a report, for its teller."""
    return {
        "commitment": found.commitment,
        "position": found.position,
        "rank": found.rank,
        "signed_at": found.signed_at.isoformat() if found.signed_at else None,
        "file": found.file,
    }


def understood(heard: Understanding) -> dict[str, Any]:
    """One message, understood; spans are half-open, in code points of the text as it was given."""
    return {
        "side": heard.side,
        "side_probability": heard.side_probability,
        "intents": [{"name": intent.name, "probability": intent.probability} for intent in heard.intents],
        "categories": [_category(category) for category in heard.categories],
        "entities": [
            {
                "kind": entity.kind,
                "start": entity.start,
                "end": entity.end,
                "text": entity.text,
                "value": plain(entity.value),
            }
            for entity in heard.entities
        ],
        "suggestions": [_category(category) for category in heard.suggestions],
        "flags": [{"name": flag.name, "words": [flag.words.start, flag.words.end]} for flag in heard.flags],
        "abstained": heard.abstained,
        "engine": heard.engine,
    }


def now_in(raw: str | None) -> datetime:
    """The moment that a program gave, in ISO 8601; without a zone it is China's; nothing given is the wall clock."""
    moment = datetime.fromisoformat(raw) if raw else datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _category(category: Category) -> dict[str, Any]:
    words = [[span.start, span.end] for span in category.words]
    return {"code": category.code, "probability": category.probability, "words": words}


def plain(value: Any) -> Any:
    """Only what JSON knows: dates become ISO, decimals numbers, tuples lists."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if hasattr(value, "items"):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return float(value)

"""After filing: progress, additions, urging, withdrawing, rating, disagreeing."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import phrases
from bot.dialogue.listen import INTENT_SURE, query_code
from bot.dialogue.matters import is_correction
from bot.dialogue.state import Add, LookUp, Option, Rate, Talk, Urge
from bot.dialogue.turn import Outcome, Turn, choice_reply


def look_up(turn: Turn) -> Outcome | None:
    """A query code, wherever it is typed, opens the status of its report."""
    code = query_code(turn.text)
    if code is not None:
        return Outcome(
            replace(turn.talk, asks=None if turn.talk.asks == "query_code" else turn.talk.asks), (), (LookUp(code),)
        )
    if turn.talk.asks == "query_code" and any(c.isdigit() for c in turn.text) and len(turn.text) <= 24:
        digits = "".join(c for c in turn.text if c.isdigit())
        return Outcome(turn.talk, (), (LookUp(digits),))
    return None


def wish_after(turn: Turn) -> Outcome | None:
    """Rating, urging, withdrawing, asking how it stands: told by intent, while nothing is being filled in."""
    if turn.talk.telling:
        return None
    if turn.talk.asks == "rating":
        return _rate(turn)
    if turn.talk.filed and is_correction(turn):
        return _add(turn)
    intent = turn.meaning.intents[0] if turn.meaning.intents else None
    if intent is None or intent.probability < INTENT_SURE or intent.name not in _WISHES:
        return None
    if not turn.talk.filed:
        asked = replace(turn.talk, asks="query_code")
        return Outcome(asked, (phrases.reply("say", "no_report_here", asks="query_code"),))
    return _WISHES[intent.name](turn)


def after_filing(turn: Turn) -> Outcome | None:
    """Whatever else is said or sent once something was filed goes to its handler."""
    if not turn.talk.filed or turn.talk.telling or turn.talk.asks in ("side", "query_code"):
        return None
    wants_in = (
        turn.files
        or turn.talk.asks == "letter"
        or turn.meaning.intent in ("add_evidence", "inform", "correct_previous")
    )
    return _add(turn) if wants_in else None


def _add(turn: Turn) -> Outcome:
    talk, filed = turn.talk, turn.talk.filed
    if len(filed) > 1 and talk.asks != "letter":
        options = tuple(Option(number, {"number": number, "text": turn.text, "files": turn.files}) for number in filed)
        talk = replace(talk, asks="choice", choosing="report", options=options)
        return Outcome(talk, (phrases.reply("say", "added_which"), choice_reply(talk)))
    kind = "answer" if talk.asks == "letter" else "supplement"
    add = Add(filed[-1], turn.text, turn.files, kind)
    return Outcome(replace(talk, asks=None), (phrases.reply("say", "added", number=filed[-1]),), (add,))


def _progress(turn: Turn) -> Outcome:
    return Outcome(replace(turn.talk, asks="query_code"), (phrases.reply("say", "query_ask", asks="query_code"),))


def _urge(turn: Turn) -> Outcome:
    return Outcome(turn.talk, (), (Urge(turn.talk.filed[-1]),))


def _withdraw(turn: Turn) -> Outcome:
    asked = phrases.reply("say", "withdraw_ask", asks="reason", number=turn.talk.filed[-1])
    return Outcome(replace(turn.talk, asks="reason"), (asked,))


def _rate(turn: Turn) -> Outcome:
    stars = phrases.stars(turn.text)
    if stars is None:
        return Outcome(replace(turn.talk, asks="rating"), (phrases.reply("say", "rate_unclear", asks="rating"),))
    return Outcome(replace(turn.talk, asks=None), (), (Rate(turn.talk.filed[-1], stars, turn.text),))


def _disagree(turn: Turn) -> Outcome:
    number = turn.talk.filed[-1]
    note = phrases.reply("say", "disagree", number=number)
    return Outcome(turn.talk, (note,), (Add(number, turn.text, turn.files, "disagreement"),))


def _reward(turn: Turn) -> Outcome:
    return Outcome(replace(turn.talk, asks="query_code"), (phrases.reply("say", "claim_reward", asks="query_code"),))


def _fear(turn: Turn) -> Outcome:
    number = turn.talk.filed[-1]
    return Outcome(turn.talk, (phrases.reply("say", "fear"),), (Add(number, turn.text, turn.files, "fear"),))


def _supplement(turn: Turn) -> Outcome:
    return _add(turn)


_WISHES = {
    "query_progress": _progress,
    "urge": _urge,
    "withdraw": _withdraw,
    "rate_result": _rate,
    "disagree_result": _disagree,
    "claim_reward": _reward,
    "retaliation_fear": _fear,
    "add_evidence": _supplement,
}


def remember(talk: Talk, number: str) -> Talk:
    """The talk knowing a report that was opened by its code, as the latest."""
    return replace(talk, filed=(*(one for one in talk.filed if one != number), number))

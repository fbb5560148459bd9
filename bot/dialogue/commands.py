"""What a person may say at any time: danger, restart, cancel, help, a human, questions about the rules, small talk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.channels.message import Reply
from bot.dialogue import phrases
from bot.dialogue.listen import INTENT_SURE, ends_in_question, tells
from bot.dialogue.state import Add, Option, Talk
from bot.dialogue.turn import Outcome, Turn, ask_again, go_on

DANGER_SURE = 0.8
COMMAND_SURE = 0.6
COMMAND_LENGTH = 20
STORY_LENGTH = 25
ANSWERED_BESIDE = 0.3
ANSWERED_IF_PLAIN = 0.15
PLAIN_QUESTION = 24
FEAR = "retaliation_fear"


def nothing_said(turn: Turn) -> Outcome | None:
    """An empty message gets a clear sentence."""
    if turn.text or turn.files:
        return None
    return ask_again(turn.talk, phrases.reply("say", "empty"))


def emergency(turn: Turn) -> Outcome | None:
    """Danger to life comes before everything; whatever was told stays."""
    sure = turn.meaning.intent == "emergency" and turn.meaning.intents[0].probability >= DANGER_SURE
    if not (sure or (phrases.mentions("danger", turn.text) and turn.meaning.intent == "emergency")):
        return None
    return ask_again(turn.talk, phrases.reply("say", "emergency"))


def closed_command(turn: Turn) -> Outcome | None:
    """The commands that are known for certain by their words."""
    if turn.talk.asks == "cancel":
        return _answer_cancel(turn)
    for word, act in _CLOSED.items():
        if phrases.means(word, turn.text):
            return act(turn)
    return None


def heard_command(turn: Turn) -> Outcome | None:
    """The same commands in free words, where the ear is sure and the message is short."""
    intent = turn.meaning.intents[0] if turn.meaning.intents else None
    if (
        intent is None
        or intent.probability < COMMAND_SURE
        or len(turn.text) > COMMAND_LENGTH
        or turn.talk.asks == "name"
    ):
        return None
    act = _HEARD.get(intent.name)
    return act(turn) if act and not turn.meaning.categories else None


def _restart(turn: Turn) -> Outcome:
    talk = replace(turn.talk.fresh(), asks="side")
    return Outcome(talk, (phrases.reply("say", "restarted", asks="side"),))


def _cancel(turn: Turn) -> Outcome:
    if not turn.talk.telling:
        return Outcome(replace(turn.talk.fresh(), asks=None), (phrases.reply("say", "cancel_nothing"),))
    return Outcome(replace(turn.talk, asks="cancel"), (phrases.reply("say", "cancel_ask", asks="cancel"),))


def _answer_cancel(turn: Turn) -> Outcome:
    if phrases.means("cancel", turn.text) or phrases.means("affirm", turn.text):
        return Outcome(replace(turn.talk.fresh(), asks=None), (phrases.reply("say", "cancelled"),))
    return go_on(replace(turn.talk, asks=None), phrases.reply("say", "kept"))


def _human(turn: Turn) -> Outcome:
    if turn.talk.filed and not turn.talk.telling:
        wish = Add(turn.talk.filed[-1], turn.text, kind="human")
        return Outcome(turn.talk, (phrases.reply("say", "human_filed"),), (wish,))
    return ask_again(turn.talk, phrases.reply("say", "human"))


def _help(turn: Turn) -> Outcome:
    return ask_again(turn.talk, phrases.reply("say", "help"))


def _greet(turn: Turn) -> Outcome:
    if turn.talk.telling:
        return ask_again(turn.talk, phrases.reply("say", "noted"))
    return Outcome(replace(turn.talk, asks="side"), (phrases.reply("say", "greet", asks="side"),))


def _thanks(turn: Turn) -> Outcome:
    return ask_again(turn.talk, phrases.reply("say", "thanks"))


def _goodbye(turn: Turn) -> Outcome:
    key = "goodbye_filed" if turn.talk.filed and not turn.talk.telling else "goodbye"
    return Outcome(turn.talk, (phrases.reply("say", key),))


def _progress(turn: Turn) -> Outcome:
    return Outcome(replace(turn.talk, asks="query_code"), (phrases.reply("say", "query_ask", asks="query_code"),))


_CLOSED: dict[str, Callable[[Turn], Outcome]] = {
    "restart": _restart,
    "cancel": _cancel,
    "human": _human,
    "help": _help,
    "greet": _greet,
    "thanks": _thanks,
    "progress": _progress,
}

_HEARD: dict[str, Callable[[Turn], Outcome]] = {
    "restart": _restart,
    "cancel": _cancel,
    "human_agent": _human,
    "help": _help,
    "goodbye": _goodbye,
    "thanks": _thanks,
}


def policy_question(turn: Turn) -> Outcome | None:
    """A question about the rules is answered, then the conversation goes on where it was; a story beside it is kept."""
    name = _asked_policy(turn)
    if name is None:
        return None
    answer = phrases.reply("say", "fear") if name == FEAR else phrases.reply("answer", name)
    told = tells(turn.meaning) or bool(turn.meaning.of_kind("institution"))
    telling = told and len(turn.text) >= STORY_LENGTH
    if telling and (not turn.talk.matters or turn.talk.asks == "act"):
        from bot.dialogue.matters import narrate  # noqa: PLC0415 — matters imports turn, as this module does

        return narrate(turn, replace(turn.talk, files=(*turn.talk.files, *turn.files)), turn.meaning, answer)
    return _told_the_rule(turn, answer)


def _told_the_rule(turn: Turn, answer: Reply) -> Outcome:
    """The answer; a question that is open is asked again, the greeting's is not."""
    if turn.talk.telling or turn.talk.asks == "query_code":
        return ask_again(turn.talk, answer)
    return Outcome(turn.talk, (answer,))


def _asked_policy(turn: Turn) -> str | None:
    if not ends_in_question(turn.text):
        return None
    # Heard by itself: what was just asked must not turn a question into an answer.
    heard = turn.hear(turn.text)
    plain = len(turn.text) <= PLAIN_QUESTION and not heard.categories
    for rank, intent in enumerate(heard.intents[:3]):
        least = INTENT_SURE if rank == 0 else ANSWERED_IF_PLAIN if plain else ANSWERED_BESIDE
        if (phrases.has("answer", intent.name) or intent.name == FEAR) and intent.probability >= least:
            return intent.name
    return None


def small_talk(turn: Turn) -> Outcome | None:
    """Greetings, thanks, fear, abuse, advertising, matters that belong elsewhere."""
    intent = turn.meaning.intent
    if intent == "out_of_scope":
        return _elsewhere(turn)
    if intent == "appeal_penalty":
        talk = turn.talk if turn.talk.telling else replace(turn.talk, side="enterprise", asks="act")
        return ask_again(talk, phrases.reply("say", "penalty_remedy", asks=talk.asks))
    if intent in ("report_fraud", "complain_inspection"):
        return go_on(replace(turn.talk, side="citizen" if intent == "report_fraud" else "enterprise"))
    if phrases.has("answer", intent):
        # A wish or a grievance about the rules, told without a question mark.
        return _told_the_rule(turn, phrases.reply("answer", intent))
    path = _SMALL.get(intent)
    return ask_again(turn.talk, phrases.reply("say", path)) if path else None


_SMALL = {
    "greet": "greet",
    "thanks": "thanks",
    "goodbye": "goodbye",
    "abuse": "abuse",
    "spam_ad": "spam",
    "chitchat": "chitchat",
    "retaliation_fear": "fear",
    "human_agent": "human",
    "help": "help",
}


def _elsewhere(turn: Turn) -> Outcome:
    where = phrases.hotline(turn.text)
    if turn.talk.matters:
        return ask_again(turn.talk)
    told = phrases.reply("say", "out_of_scope", asks="choice", where=where)
    yes, no = told.choices
    talk: Talk = replace(
        turn.talk,
        asks="choice",
        choosing="insist",
        options=(Option(yes, {"insist": True, "text": turn.text}), Option(no, {"insist": False})),
    )
    return Outcome(talk, (told,))

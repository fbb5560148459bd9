"""The conversation as a pure machine: the talk so far and one message in, the talk afterwards and replies out.

Listeners stand in a table, most urgent first; the first that has something to say answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.channels.message import Reply
from bot.dialogue import draft, phrases
from bot.dialogue.afterwards import after_filing, look_up, wish_after
from bot.dialogue.answers import answer_choice, answer_confirm, answer_question, answer_side, answer_withdrawal
from bot.dialogue.commands import closed_command, emergency, heard_command, nothing_said, policy_question, small_talk
from bot.dialogue.listen import side_of, tells
from bot.dialogue.matters import another_matter, correct, is_correction, narrate, take_files
from bot.dialogue.state import Talk
from bot.dialogue.turn import Outcome, Turn, ask_again, go_on

Listener = Callable[[Turn], Outcome | None]


def begin() -> Outcome:
    """The greeting of a new conversation."""
    return Outcome(Talk(asks="side"), (phrases.reply("say", "welcome", asks="side"),))


def step(turn: Turn) -> Outcome:
    """Answer one message."""
    back = _welcome_back(turn)
    if turn.inbound.files:
        names = {**turn.talk.file_names, **{file.digest: file.name for file in turn.inbound.files}}
        turn = replace(turn, talk=replace(turn.talk, file_names=names))
    for listener in LISTENERS:
        outcome = listener(turn)
        if outcome is not None:
            talk = replace(outcome.talk, spoken_at=turn.now)
            return Outcome(talk, (*back, *outcome.replies), outcome.commands)
    raise AssertionError("the last listener answers everything")


def recap(talk: Talk) -> str:
    """What has been said so far, in one line."""
    side = talk.side or "citizen"
    titles = "；".join(draft.title(side, matter) for matter in talk.matters)
    return titles or phrases.sentence("summary", "unnamed_matter")


def _welcome_back(turn: Turn) -> tuple[Reply, ...]:
    talk = turn.talk
    if not talk.matters or talk.spoken_at is None or turn.now - talk.spoken_at < turn.silence:
        return ()
    if phrases.means("resume", turn.text) or turn.meaning.intent == "resume_where":
        return ()
    return (phrases.reply("say", "welcome_back", recap=recap(talk)),)


def _resume(turn: Turn) -> Outcome | None:
    sure = turn.meaning.intent == "resume_where" and turn.meaning.intents[0].probability >= 0.6
    if not (phrases.means("resume", turn.text) or (sure and not turn.meaning.categories)):
        return None
    if turn.talk.choosing == "leave":
        return None
    if not turn.talk.matters:
        return Outcome(replace(turn.talk, asks="side"), (phrases.reply("say", "resume_nothing", asks="side"),))
    return ask_again(turn.talk, phrases.reply("say", "resume", recap=recap(turn.talk)))


def _files(turn: Turn) -> Outcome | None:
    """Files of a telling; what was written beside them is heard as well."""
    if not turn.files or (turn.talk.filed and not turn.talk.matters):
        return None
    taken = take_files(turn)
    if taken is None:
        if turn.text:
            return None
        talk = replace(turn.talk, files=(*turn.talk.files, *turn.files))
        return go_on(talk, phrases.reply("say", "noted_files", count=len(turn.files)))
    if not turn.text or taken.talk.choosing == "file":
        return taken
    rest = Turn(
        taken.talk, replace(turn.inbound, files=()), turn.meaning, turn.hear, turn.now, turn.silence, turn.conversation
    )
    outcome = step(rest)
    return Outcome(outcome.talk, (*taken.replies, *outcome.replies), outcome.commands)


def _correction(turn: Turn) -> Outcome | None:
    return correct(turn) if turn.talk.matters and is_correction(turn) else None


def _new_telling(turn: Turn) -> Outcome | None:
    """A matter told when nothing is open yet."""
    if turn.talk.matters or not (tells(turn.meaning) or turn.talk.asks == "act"):
        return None
    files = (*turn.talk.files, *turn.files)
    side = turn.talk.side or side_of(turn.meaning)
    return narrate(turn, replace(turn.talk, side=side, files=files), turn.meaning)


def _anything_else(turn: Turn) -> Outcome:
    """Nothing fitted: with an open question it is asked again, otherwise a kind request to say it differently."""
    if turn.talk.telling:
        return ask_again(turn.talk, phrases.reply("say", "noted"))
    return Outcome(replace(turn.talk, asks="side"), (phrases.reply("say", "unclear", asks="side"),))


LISTENERS: tuple[Listener, ...] = (
    nothing_said,
    emergency,
    look_up,
    closed_command,
    _resume,
    answer_withdrawal,
    _files,
    answer_side,
    answer_choice,
    _correction,
    answer_confirm,
    heard_command,
    policy_question,
    another_matter,
    answer_question,
    wish_after,
    _new_telling,
    after_filing,
    small_talk,
    _anything_else,
)

"""What the machine is given for one message and what it gives back; and how it goes on to the next question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels.message import Inbound, Reply
from bot.dialogue import draft, phrases
from bot.dialogue.state import Command, Matter, Option, Slot, Talk
from bot.dialogue.steps import STEPS, Step
from nlu.meaning import Understanding
from nlu.places import by_code, children

MAX_OPTIONS = 24


@dataclass(frozen=True, slots=True)
class Turn:
    """One message to be answered: `hear` understands a text by itself, whatever was asked; `now` is Chinese time."""

    talk: Talk
    inbound: Inbound
    meaning: Understanding
    hear: Callable[[str], Understanding]
    now: datetime
    silence: timedelta
    conversation: str

    @property
    def text(self) -> str:
        """What was typed."""
        return self.meaning.text.strip()

    @property
    def files(self) -> tuple[str, ...]:
        """The digests of the files that came with it."""
        return tuple(file.digest for file in self.inbound.files)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The talk as it stands now, what is said, and what the door has to do."""

    talk: Talk
    replies: tuple[Reply, ...]
    commands: tuple[Command, ...] = ()


def missing(talk: Talk) -> tuple[int, Step] | None:
    """The next thing to ask: matter by matter, then about the person; None when all is said."""
    side = talk.side or "citizen"
    for index, matter in enumerate(talk.matters or (Matter(),)):
        for step in STEPS[side]:
            if not step.of_teller and _wanted(step, matter) and not matter.has(step.asks):
                return index, step
    for step in STEPS[side]:
        if step.of_teller and step.asks not in talk.teller and not _needless(step, talk):
            return talk.current, step
    return None


def _wanted(step: Step, matter: Matter) -> bool:
    return not step.only_for or any(claim.code in step.only_for for claim in matter.claims)


def _needless(step: Step, talk: Talk) -> bool:
    """Whoever stays anonymous is asked for neither name nor telephone."""
    mode = (talk.teller.get("identity", Slot("")).value or {}).get("mode")
    return step.asks in ("name", "phone") and mode == "anonymous"


def go_on(talk: Talk, *lead: Reply) -> Outcome:
    """Say `lead`, then ask for the next missing thing, or read the summary out."""
    if talk.side is None:
        return Outcome(replace(talk, asks="side", choosing=None), (*lead, phrases.reply("ask", "side", asks="side")))
    if talk.choosing and talk.options:
        return Outcome(replace(talk, asks="choice"), (*lead, choice_reply(talk)))
    talk, ambiguous = _place_choice(_one_enterprise(talk))
    if ambiguous:
        return Outcome(replace(talk, asks="choice"), (*lead, choice_reply(talk)))
    wanted = missing(talk)
    if wanted is None:
        text = phrases.reply("ask", "confirm", asks="confirm", summary=draft.summary(talk))
        return Outcome(replace(talk, asks="confirm", choosing=None, options=(), tries=0), (*lead, text))
    index, step = wanted
    if index != talk.current and not step.of_teller:
        note = phrases.reply(
            "say", "next_matter", number=index + 1, matter=draft.title(talk.side or "citizen", talk.matters[index])
        )
        lead = (*lead, note)
    tries = talk.tries + 1 if talk.asks == step.asks else 0
    talk = replace(talk, asks=step.asks, current=index, choosing=None, options=(), tries=tries)
    return Outcome(talk, (*lead, phrases.reply(*_question(talk, step), asks=step.asks)))


def _one_enterprise(talk: Talk) -> Talk:
    """An enterprise that complains of two inspections is the same one in both: its name and place are told once."""
    if talk.side != "enterprise" or len(talk.matters) < 2:
        return talk
    for name in ("enterprise", "place"):
        told = next((matter.slots[name] for matter in talk.matters if _exact(name, matter.slots.get(name))), None)
        if told is not None:
            matters = (
                matter if _exact(name, matter.slots.get(name)) else matter.with_slots({name: told})
                for matter in talk.matters
            )
            talk = replace(talk, matters=tuple(matters))
    return talk


def _exact(name: str, slot: Slot | None) -> bool:
    """Whether the slot needs no other matter's answer: any name, but of places only a county."""
    if slot is None or name != "place":
        return slot is not None
    return not str((slot.value or {}).get("code") or "00").endswith("00")


def _question(talk: Talk, step: Step) -> tuple[str, ...]:
    """Where the question stands: a shorter one where a part of the answer is known."""
    path = ("ask", talk.side or "citizen", step.asks)
    return (*path, "rest") if step.asks == "amount" and talk.matter.has("people") else path


def ask_again(talk: Talk, *lead: Reply) -> Outcome:
    """Say `lead`, then repeat the question that is open; only `lead` where none is."""
    if talk.asks is None or not (talk.telling or talk.asks in ("side", "query_code")):
        return Outcome(talk, lead)
    if talk.asks == "confirm":
        return Outcome(talk, (*lead, phrases.reply("ask", "confirm_again", asks="confirm")))
    if talk.asks == "choice" and talk.options:
        return Outcome(talk, (*lead, choice_reply(talk)))
    if talk.asks in ("side", "query_code"):
        path = ("ask", "side") if talk.asks == "side" else ("say", "query_ask")
        return Outcome(talk, (*lead, phrases.reply(*path, asks=talk.asks)))
    return go_on(talk, *lead)


def choice_reply(talk: Talk) -> Reply:
    """The open choice as a question with its options as quick replies."""
    choices = tuple(option.label for option in talk.options)
    place = talk.matter.slots.get("place")
    value = (str((place.value or {}).get("name") or place.text) if place else "") if talk.choosing else ""
    return phrases.reply("ask", "choice", talk.choosing or "report", asks="choice", choices=choices, value=value)


def _place_choice(talk: Talk) -> tuple[Talk, bool]:
    """An ambiguous place becomes a choice of its candidates; a whole city, once, a choice of its counties."""
    for index, matter in enumerate(talk.matters):
        slot = matter.slots.get("place")
        value = slot.value if slot else None
        if not slot or not value or value.get("asked"):
            continue
        options = _candidates(value)
        choosing = "place"
        code = str(value.get("code") or "")
        if not options and code.endswith("00"):
            options, choosing = tuple(_option(child.code) for child in children(code)[:MAX_OPTIONS]), "county"
        if len(options) > 1:
            unknown = Option(phrases.sentence("ask", "choice", "unknown"), {"unknown": True})
            asked = matter.with_slots({"place": Slot(slot.text, {**value, "asked": True})})
            talk = replace(talk, current=index, choosing=choosing, options=(*options, unknown)).with_matter(asked)
            return talk, True
    return talk, False


def _candidates(value: object) -> tuple[Option, ...]:
    raw = value.get("candidates") if isinstance(value, dict) and not value.get("code") else None
    codes = [str(candidate["code"]) for candidate in raw or () if candidate.get("code")]
    return tuple(_option(code) for code in codes[:MAX_OPTIONS])


def _option(code: str) -> Option:
    place = by_code(code)
    return Option(place.full_name if place else code, {"code": code, "name": place.full_name if place else code})

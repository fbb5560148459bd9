"""Answers to what was just asked: side, a choice, the summary, a slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue import asides, draft, listen, phrases, readers
from bot.dialogue.matters import narrate, put_files
from bot.dialogue.state import Add, File, Matter, Option, Slot, Talk, Withdraw
from bot.dialogue.steps import STEPS, Step
from bot.dialogue.turn import Outcome, Turn, ask_again, choice_reply, go_on
from intake.report import Claim, Side

ANSWER_LENGTH = 60
MODES = ("anonymous", "confidential", "named")

_SIDES: dict[str, Side] = {"report_fraud": "citizen", "complain_inspection": "enterprise"}


def answer_side(turn: Turn) -> Outcome | None:
    """Which side speaks; whatever was told before it was clear is heard again."""
    if turn.talk.side is not None and turn.talk.matters:
        return None
    for group, side in (("report", "citizen"), ("complain", "enterprise")):
        if phrases.means(group, turn.text):
            return _with_side(turn, "citizen" if side == "citizen" else "enterprise")
    if turn.talk.asks != "side" or listen.tells(turn.meaning) or listen.ends_in_question(turn.text):
        return _second_guess(turn)
    intents = turn.meaning.intents
    if intents and intents[0].probability >= listen.INTENT_SURE and intents[0].name in _SIDES:
        return _with_side(turn, _SIDES[intents[0].name])
    return _second_guess(turn)


def _second_guess(turn: Turn) -> Outcome | None:
    """A story was told without a clear side; asked once, the likelier one is taken, so that nobody goes in circles."""
    if turn.talk.side is not None or not turn.talk.matters:
        return None
    side = listen.side_of(turn.meaning)
    if side is None and turn.text and not listen.ends_in_question(turn.text):
        side = listen.likely_side(turn.hear("\n".join(words.text for words in turn.talk.matter.words)))
    return _with_side(turn, side, turn.text) if side else None


def _with_side(turn: Turn, side: Side, more: str = "") -> Outcome:
    stories = [words.text for words in turn.talk.matter.words]
    kept = replace(turn.talk, side=side, files=(*turn.talk.files, *turn.talk.matter.files), matters=(), asks="act")
    if not stories:
        return go_on(kept)
    return narrate(turn, kept, turn.hear("\n".join((*stories, more)).strip()))


def answer_choice(turn: Turn) -> Outcome | None:
    """One of the options that were offered: by its words, its number, or a part of it."""
    if turn.talk.asks != "choice" or not turn.talk.options:
        return None
    chosen = _chosen(turn)
    talk = replace(turn.talk, options=(), choosing=None, asks=None, tries=0)
    if chosen is not None:
        return _CHOSEN[turn.talk.choosing or ""](turn, talk, chosen.value)
    if turn.talk.choosing in ("place", "county"):
        places = turn.meaning.of_kind("place")
        if places:
            slot = Slot(places[0].text, dict(places[0].value))
            return go_on(talk.with_matter(talk.matter.with_slots({"place": slot})))
    if turn.talk.choosing == "act" and listen.tells(turn.meaning) and len(turn.text) > listen.SHORT:
        return narrate(turn, talk, turn.meaning)
    if turn.talk.choosing == "insist":
        return _insist(turn, talk, {"insist": not phrases.means("deny", turn.text), "text": turn.text})
    if phrases.means("skip", turn.text) or phrases.means("deny", turn.text):
        return go_on(talk)
    if _is_aside(turn):
        return None
    told = listen.found_slots(turn.meaning, talk.side) if talk.side else {}
    news = {name: slot for name, slot in told.items() if not talk.matter.has(name)}
    if turn.talk.tries or turn.talk.choosing == "edit":
        # Asked twice is enough: the choice is left open for the handler, what else was said is kept.
        return go_on(talk.with_matter(talk.matter.with_slots(news)) if talk.matters else talk)
    again = replace(turn.talk, tries=1)
    again = again.with_matter(again.matter.with_slots(news)) if again.matters else again
    return Outcome(again, (phrases.reply("say", "choose_again"), choice_reply(again)))


def _is_aside(turn: Turn) -> bool:
    """A question or a wish in the middle of a choice is heard by the later listeners."""
    intent = turn.meaning.intents[0] if turn.meaning.intents else None
    return bool(intent and intent.probability >= listen.INTENT_SURE and intent.name not in ("inform", "affirm", "deny"))


def _chosen(turn: Turn) -> Option | None:
    text = turn.text
    plain = phrases.bare(text)
    options = turn.talk.options
    for option in options:
        if phrases.bare(option.label) == plain:
            return option
    number = readers.count_in(text) if len(plain) <= 3 else None
    if number is not None and 1 <= number <= len(options):
        return options[number - 1]
    near = [option for option in options if plain and (plain in phrases.bare(option.label))]
    if not near and len(plain) >= 2:
        near = [option for option in options if phrases.bare(option.label) in plain]
    return near[0] if len(near) == 1 else None


def _choose_place(turn: Turn, talk: Talk, value: Mapping[str, Any]) -> Outcome:
    old = talk.matter.slots["place"]
    if value.get("unknown"):
        return go_on(
            talk.with_matter(talk.matter.with_slots({"place": Slot(old.text, {**(old.value or {}), "asked": True})}))
        )
    return go_on(talk.with_matter(talk.matter.with_slots({"place": Slot(old.text, {**value, "asked": True})})))


def _choose_act(turn: Turn, talk: Talk, value: Mapping[str, Any]) -> Outcome:
    if value["code"] is None:
        return go_on(talk)
    claims = (*talk.matter.claims, Claim(str(value["code"]), 1.0))
    return go_on(talk.with_matter(replace(talk.matter, claims=claims)))


def _choose_edit(turn: Turn, talk: Talk, value: Mapping[str, Any]) -> Outcome:
    name = str(value["slot"])
    if value.get("teller"):
        kept = {slot: answer for slot, answer in talk.teller.items() if slot != name}
        return go_on(replace(talk, teller=kept))
    talk = replace(talk, current=int(value["matter"]))
    matter = talk.matter
    slots = {slot: answer for slot, answer in matter.slots.items() if slot != name}
    if name == "act":
        matter = replace(matter, words=(), claims=(), claims_settled=False)
    return go_on(talk.with_matter(replace(matter, slots=slots)))


def _choose_file(turn: Turn, talk: Talk, value: Mapping[str, Any]) -> Outcome:
    return go_on(put_files(talk, tuple(value["matters"]), tuple(value["files"])), phrases.reply("say", "noted"))


def _insist(turn: Turn, talk: Talk, value: Mapping[str, Any]) -> Outcome:
    if not value["insist"]:
        return Outcome(talk, (phrases.reply("say", "out_of_scope_end"),))
    return narrate(turn, replace(talk, side=talk.side or "citizen"), turn.hear(str(value["text"])))


def _choose_report(turn: Turn, talk: Talk, value: Mapping[str, Any]) -> Outcome:
    number = str(value["number"])
    add = Add(number, str(value["text"]), tuple(value["files"]))
    return Outcome(talk, (phrases.reply("say", "added", number=number),), (add,))


_CHOSEN = {
    "place": _choose_place,
    "county": _choose_place,
    "act": _choose_act,
    "edit": _choose_edit,
    "file": _choose_file,
    "insist": _insist,
    "report": _choose_report,
}


def answer_confirm(turn: Turn) -> Outcome | None:
    """Nothing is filed without this: yes files, edit offers what to change, anything new changes it."""
    talk = turn.talk
    if talk.asks != "confirm" or not talk.matters:
        return None
    if phrases.means("affirm", turn.text):
        account = turn.inbound.sender
        reports = draft.reports(
            talk, channel=turn.inbound.channel, account=account, conversation=turn.conversation, now=turn.now
        )
        return Outcome(talk, (), (File(reports, talk.file_names),))
    if phrases.means("edit", turn.text) or phrases.means("deny", turn.text):
        return go_on(_edit(talk))
    side: Side = talk.side or "citizen"
    if mode := next((one for one in MODES if phrases.means(one, turn.text)), None):
        return go_on(replace(talk, teller={**talk.teller, "identity": Slot(turn.text, {"mode": mode})}))
    found = listen.found_slots(turn.meaning, side)
    if found and len(turn.text) <= ANSWER_LENGTH and not listen.ends_in_question(turn.text):
        return go_on(talk.with_matter(talk.matter.with_slots(found)))
    if listen.tells(turn.meaning) and not listen.ends_in_question(turn.text):
        return narrate(turn, talk, turn.meaning)
    return None


def _edit(talk: Talk) -> Talk:
    side: Side = talk.side or "citizen"
    options: list[Option] = []
    for index, matter in enumerate(talk.matters):
        lead = f"{index + 1}. " if len(talk.matters) > 1 else ""
        options.extend(
            Option(lead + draft.label(side, step.asks), {"matter": index, "slot": step.asks})
            for step in STEPS[side]
            if not step.of_teller and matter.has(step.asks)
        )
    options.extend(
        Option(draft.label(side, step.asks), {"teller": True, "slot": step.asks})
        for step in STEPS[side]
        if step.of_teller and step.asks in talk.teller
    )
    return replace(talk, choosing="edit", options=tuple(options))


def answer_question(turn: Turn) -> Outcome | None:
    """The message as the answer to the open question; everything else that it says is taken in as well."""
    step = listen.pending_step(turn.talk)
    if step is None or turn.talk.side is None:
        return None
    talk, side = turn.talk, turn.talk.side
    if step.kind == "story":
        return narrate(turn, replace(talk, files=(*talk.files, *turn.files)), turn.meaning)
    found = listen.found_slots(turn.meaning, side)
    slot = readers.answer(step, turn.meaning, found)
    if slot is not None and step.kind == "time" and listen.in_future(slot, turn.now.date()):
        return go_on(talk, phrases.reply("say", "future", value=slot.text))
    if listen.tells(turn.meaning) and len(turn.text) > listen.SHORT and turn.meaning.intent != "inform":
        return narrate(turn, talk.with_matter(_answered(talk.matter, step, found, slot)), turn.meaning)
    found = {**asides.of_matter(turn.meaning), **found}
    if step.asks != "place" and "place" in found and talk.matter.has("place"):
        found["place"] = listen.narrower(talk.matter.slots["place"], found["place"])
    ahead = [value for value in found.values() if listen.in_future(value, turn.now.date())]
    found = {name: value for name, value in found.items() if value not in ahead}
    lead = tuple(phrases.reply("say", "future", value=value.text) for value in ahead)
    others = {name: value for name, value in found.items() if name != step.asks and _is_news(talk.matter, name, value)}
    if slot is None and readers.answers_something_else(step, turn.meaning):
        others = {name: value for name, value in found.items() if name != step.asks}
    said = asides.of_teller(turn.meaning)
    others.pop("phone", None)
    if step.asks != "phone":
        talk = replace(talk, teller=asides.told(talk.teller, said))
    if slot is None and (others or said or lead):
        return go_on(talk.with_matter(talk.matter.with_slots(others)), *(lead or (phrases.reply("say", "noted"),)))
    if slot is None:
        return _not_understood(turn, step.asks)
    if step.of_teller:
        talk = replace(talk, teller=_about_person(talk, turn, step.asks, slot))
    else:
        talk = talk.with_matter(talk.matter.with_slots({**others, step.asks: slot}))
    return go_on(talk, *lead)


def _is_news(matter: Matter, name: str, new: Slot) -> bool:
    """A slot that is empty, holds only words that nobody could read, or a smaller sum: that was a price."""
    slot = matter.slots.get(name)
    if slot and name == "amount" and (slot.value or {}).get("yuan") and (new.value or {}).get("yuan"):
        return float((new.value or {})["yuan"]) > float((slot.value or {})["yuan"])
    if slot and name in ("time", "inspection_date") and slot.value and new.value:
        return listen.days_of(new.value) < listen.days_of(slot.value)
    return slot is None or (slot.value is None and not slot.skipped)


def _about_person(talk: Talk, turn: Turn, asks: str, slot: Slot) -> dict[str, Slot]:
    """What an answer says about the person: a name and a number in one breath are both heard."""
    said = {asks: slot}
    if phones := turn.meaning.of_kind("phone"):
        said.setdefault("phone", Slot(phones[0].text, dict(phones[0].value)))
    if names := turn.meaning.of_kind("person_name"):
        said["name"] = Slot(str(names[0].value.get("name") or names[0].text))
    if asks == "name" and not names:
        alone = "".join(turn.text.split(phones[0].text)) if phones else turn.text
        said["name"] = Slot(readers.plain_name(alone)[:30], skipped=slot.skipped)
    return {**talk.teller, **said}


def _answered(matter: Matter, step: Step, found: Mapping[str, Slot], slot: Slot | None) -> Matter:
    """A telling that also answers: by what it names, or, where words are asked for, by itself."""
    if step.asks in found:
        return matter.with_slots({step.asks: found[step.asks]})
    in_words = step.kind == "free" and step.asks != "evidence" and not step.of_teller
    return matter.with_slots({step.asks: slot}) if in_words and slot is not None else matter


def _not_understood(turn: Turn, asks: str) -> Outcome | None:
    """Asked once more with a hint; the second time the words are kept as they are, and the flow goes on."""
    talk = turn.talk
    if _is_aside(turn) and turn.meaning.intent not in ("report_fraud", "complain_inspection", "out_of_scope"):
        return None
    if talk.tries and asks != "identity":
        raw = Slot(turn.text[:200], None, skipped=asks == "phone")
        if asks in ("phone", "reward"):
            return go_on(replace(talk, teller={**talk.teller, asks: raw}))
        return go_on(talk.with_matter(talk.matter.with_slots({asks: raw})))
    hint = {"place": "place_unknown", "phone": "phone_wrong", "officers": "count_unclear", "visits": "count_unclear"}
    lead = (phrases.reply("say", hint[asks], value=turn.text[:30]),) if asks in hint else ()
    return go_on(talk, *lead) if lead else ask_again(talk, phrases.reply("say", "choose_again"))


def answer_withdrawal(turn: Turn) -> Outcome | None:
    """Whether a report is really taken back, and whether somebody presses for it."""
    if turn.talk.asks != "reason" or not turn.talk.filed:
        return None
    talk, number = replace(turn.talk, asks=None), turn.talk.filed[-1]
    if phrases.means("keep", turn.text) or phrases.means("deny", turn.text):
        return Outcome(talk, (phrases.reply("say", "withdraw_kept"),))
    pressed = phrases.mentions("threat", turn.text) or turn.meaning.intent == "retaliation_fear"
    lead = (phrases.reply("say", "pressure"),) if pressed else ()
    done = phrases.reply("say", "withdrawn", number=number)
    return Outcome(talk, (*lead, done), (Withdraw(number, turn.text, pressed),))

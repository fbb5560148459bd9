"""Hearing a matter told: one or several at once, corrections, additions, files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.channels.message import Reply
from bot.dialogue import asides, draft, listen, phrases, readers
from bot.dialogue.state import Matter, Option, Slot, Talk
from bot.dialogue.turn import Outcome, Turn, go_on
from intake.report import Side
from nlu.meaning import Understanding

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_NOT_BUT = re.compile(r"不是(?P<old>[^，,。；;]{1,30}?)[，,、。；;\s]*(?:而|应该|应)?是(?P<new>.+)$", re.DOTALL)
_AFTER_MARK = re.compile(
    r"(?:改成|改为|应该是|我是说|更正为|更正[：:]?|说错了[，,。]?|记错了[，,。]?)(?P<new>.+)$", re.DOTALL
)
MAX_MATTERS = 5
LETTER = 300
LONG_ENOUGH = 14
PENALTY = "X00"
OFFICIALS = frozenset({"F38", "F39", "F40", "F41"})
"""What only offices and their people do: the office that is named is the one accused."""


def narrate(turn: Turn, talk: Talk, meaning: Understanding, *lead: Reply) -> Outcome:
    """Take a telling in: split it where it holds several matters, then go on to what is missing."""
    meaning = _story_alone(turn, meaning)
    side = talk.side or listen.side_of(meaning)
    if side is None:
        # The story is kept and heard again once it is clear whose side speaks.
        kept = replace(talk, matters=(Matter(words=(listen.words_of(meaning),), files=talk.files),), files=())
        return go_on(kept, *lead)
    talk = replace(talk, side=side, teller=asides.told(talk.teller, asides.of_teller(meaning)))
    parts = split(turn, meaning, side) if not talk.matter.words else ()
    if len(parts) > 1:
        talk = replace(talk, matters=tuple(_new_matter(part, side) for part in parts), current=0)
        talk = _give_files(talk, (*talk.files, *turn.files))
        titles = "\n".join(f"{number}. {draft.title(side, matter)}" for number, matter in enumerate(talk.matters, 1))
        return go_on(talk, *lead, phrases.reply("say", "two_matters", count=len(parts), list=titles))
    talk = _give_files(talk.with_matter(_tell(talk.matter, meaning, side)), talk.files)
    talk, warning = _without_future(talk, turn)
    remedy = _remedy(meaning) if len(talk.matter.words) == 1 else ()
    return go_on(_offer_acts(talk, meaning), *lead, *remedy, *warning)


def _story_alone(turn: Turn, meaning: Understanding) -> Understanding:
    """The telling judged without what was said beside it: "no proof, no reward" says nothing of the act."""
    story = asides.without(meaning)
    return meaning if story == meaning.text else replace(turn.hear(story), text=meaning.text, entities=meaning.entities)


def _remedy(meaning: Understanding) -> tuple[Reply, ...]:
    """Whoever fights a penalty as such hears first that another road, with a period of its own, leads there."""
    if PENALTY in {claim.code for claim in listen.claims_of(meaning, "enterprise")}:
        return (phrases.reply("say", "penalty_remedy"),)
    return ()


def _tell(matter: Matter, meaning: Understanding, side: Side) -> Matter:
    """The matter with this telling added; what was answered before stays."""
    found = {**asides.of_matter(meaning), **listen.found_slots(meaning, side)}
    found.pop("phone", None)  # it is the person's, not the matter's
    fresh = {name: slot for name, slot in found.items() if name not in matter.slots or _refines(matter, name, slot)}
    words = (*matter.words, listen.words_of(meaning))
    claims = listen.merge_claims(matter.claims, listen.claims_of(meaning, side))
    if "organ" in fresh and "institution" not in found and OFFICIALS & {claim.code for claim in claims}:
        fresh.setdefault("institution", fresh["organ"])
    told = replace(matter, words=words, claims=claims)
    return told.with_slots({**fresh, "act": Slot(words[0].redacted)})


def _refines(matter: Matter, name: str, slot: Slot) -> bool:
    """A county within the city already given makes the place more exact, it does not contradict it."""
    old, new = (matter.slots[name].value or {}).get("code"), (slot.value or {}).get("code")
    return name == "place" and bool(old and new and old != new and str(new).startswith(str(old).rstrip("0")))


def _new_matter(meaning: Understanding, side: Side) -> Matter:
    return _tell(Matter(), meaning, side)


def _offer_acts(talk: Talk, meaning: Understanding) -> Talk:
    """Where no category is sure, the three likeliest become a choice in everyday words."""
    matter = talk.matter
    letter = "F" if talk.side == "citizen" else "X"
    likely = [one for one in meaning.suggestions if one.code.startswith(letter) and one.code != "F00"]
    if matter.claims or matter.claims_settled or not likely:
        return talk
    options = tuple(Option(draft.everyday(one.code), {"code": one.code}) for one in likely[:3])
    other = Option(phrases.sentence("ask", "choice", "act", "other"), {"code": None})
    talk = talk.with_matter(replace(matter, claims_settled=True))
    return replace(talk, choosing="act", options=(*options, other))


def _without_future(talk: Talk, turn: Turn) -> tuple[Talk, tuple[Reply, ...]]:
    """A time that lies ahead is not taken, and said so."""
    for name in ("time", "inspection_date"):
        slot = talk.matter.slots.get(name)
        if slot and listen.in_future(slot, turn.now.date()):
            kept = {other: value for other, value in talk.matter.slots.items() if other != name}
            warning = phrases.reply("say", "future", value=slot.text)
            return talk.with_matter(replace(talk.matter, slots=kept)), (warning,)
    return talk, ()


def _give_files(talk: Talk, files: tuple[str, ...]) -> Talk:
    """Files that came before or with the telling go to the matter being told."""
    if not files:
        return talk
    matter = talk.matter
    merged = tuple(dict.fromkeys((*matter.files, *files)))
    return replace(talk.with_matter(replace(matter, files=merged)), files=())


def split(turn: Turn, meaning: Understanding, side: Side) -> tuple[Understanding, ...]:
    """The telling cut into matters: each with its own subject and its own alleged act; one where they are one."""
    kind = "institution" if side == "citizen" else "organ"
    subjects = {str(entity.value.get("name", entity.text)) for entity in meaning.of_kind(kind)}
    marks = sum(meaning.text.count(mark) for mark in phrases.within("enumerators"))
    if len(subjects) < 2 and not (side == "citizen" and marks):
        return ()
    # A long letter names many offices and hospitals; it is one matter unless it counts them itself.
    if len(meaning.text) > LETTER and not phrases.mentions("counted", meaning.text):
        return ()
    groups: list[str] = []
    owners: list[str | None] = []
    for sentence in _sentences(meaning.text):
        heard = turn.hear(sentence)
        named = [str(entity.value.get("name", entity.text)) for entity in heard.of_kind(kind)]
        subject = named[0] if named else None
        starts = any(mark in sentence[:8] for mark in phrases.within("enumerators"))
        another = subject is not None and subject not in owners
        if (
            groups
            and not (another and owners[-1] is not None)
            and not (starts and heard.categories and subject is None)
        ):
            groups[-1] += sentence
            owners[-1] = owners[-1] or subject
        elif subject in owners and subject is not None:
            groups[owners.index(subject)] += sentence
        else:
            groups.append(sentence)
            owners.append(subject)
    parts = tuple(turn.hear(group) for group in groups[:MAX_MATTERS])
    if len(parts) < 2 or not all(_alleges(part, side) for part in parts):
        return ()
    return parts


def _alleges(part: Understanding, side: Side) -> bool:
    """Whether a part of a telling is a matter of its own: it names an act, or reports somebody by name."""
    return bool(listen.claims_of(part, side)) or (listen.tells(part) and len(part.text) <= LETTER)


def _sentences(text: str) -> list[str]:
    """Sentences, cut also before words that open another matter."""
    pieces: list[str] = []
    marks = sorted(phrases.within("another"), key=len, reverse=True)
    opener = re.compile(r"(?<=[，,、\s])(?=" + "|".join(map(re.escape, marks)) + ")")
    for sentence in _SENTENCE.findall(text):
        pieces.extend(part for part in opener.split(sentence) if part.strip())
    return pieces


def is_correction(turn: Turn) -> bool:
    """Whether the message takes something back that was said before."""
    if phrases.means("deny", turn.text) or phrases.means("edit", turn.text):
        return False
    sure = turn.meaning.intent == "correct_previous" and turn.meaning.intents[0].probability >= listen.INTENT_SURE
    return bool(sure or _NOT_BUT.search(turn.text) or phrases.mentions("correction", turn.text))


def correct(turn: Turn) -> Outcome | None:
    """Put the corrected answer in the place of the earlier one; None where nothing earlier fits."""
    talk, side = turn.talk, turn.talk.side
    if side is None or not talk.matter.words:
        return None
    match = _NOT_BUT.search(turn.text) or _AFTER_MARK.search(turn.text)
    newer = turn.hear(match["new"]) if match else turn.meaning
    found = listen.found_slots(newer, side)
    fits = {name: slot for name, slot in found.items() if talk.matter.has(name)}
    if not fits and match and "old" in match.groupdict():
        fits = dict(_by_old_words(talk.matter, match["old"], newer.text))
    if fits:
        talk = replace(talk.with_matter(talk.matter.with_slots(fits)), choosing=None, options=())
        talk, warning = _without_future(talk, turn)
        notes = tuple(
            phrases.reply("say", "corrected", label=_label(side, name), value=draft.shown(side, name, slot))
            for name, slot in fits.items()
            if talk.matter.has(name) and name != "people"
        )
        return go_on(talk, *notes, *warning)
    claims = listen.claims_of(newer, side)
    if claims and not found:
        words = (*talk.matter.words, listen.words_of(turn.meaning))
        talk = talk.with_matter(replace(talk.matter, claims=claims, words=words))
        told = "、".join(draft.everyday(claim.code) for claim in claims)
        return go_on(replace(talk, choosing=None, options=()), phrases.reply("say", "corrected_act", value=told))
    return None


def _by_old_words(matter: Matter, old: str, new: str) -> Mapping[str, Slot]:
    """The slot whose earlier answer held the old words, with the new ones in their place."""
    for name, slot in matter.slots.items():
        if name != "act" and old.strip() and old.strip() in slot.text:
            plain = readers.plain_name(new)
            if name in ("officers", "visits", "people"):
                return {name: Slot(plain, {"count": readers.count_in(plain)})}
            return {name: Slot(plain, {"name": plain} if name in ("institution", "organ", "enterprise") else None)}
    return {}


def _label(side: Side, name: str) -> str:
    path = ("ask", side, name, "label")
    return phrases.sentence(*path) if phrases.has(*path) else phrases.sentence("ask", side, "act", "label")


def another_matter(turn: Turn) -> Outcome | None:
    """A second matter told in the middle of the first: kept apart, asked about afterwards."""
    talk, side = turn.talk, turn.talk.side
    if side is None or not talk.matter.words or len(talk.matters) >= MAX_MATTERS:
        return None
    kind = "institution" if side == "citizen" else "organ"
    named = {str(entity.value.get("name", entity.text)) for entity in turn.meaning.of_kind(kind)}
    known = {draft.shown(side, kind, matter.slots[kind]) for matter in talk.matters if matter.has(kind)}
    told = listen.claims_of(turn.meaning, side) or len(turn.text) > LONG_ENOUGH
    if not (told and named - known and phrases.mentions("another", turn.text)):
        return None
    matter = replace(_new_matter(turn.meaning, side), files=turn.files)
    talk = replace(talk, matters=(*talk.matters, matter))
    return go_on(talk, phrases.reply("say", "added_matter", matter=draft.title(side, matter)))


def take_files(turn: Turn) -> Outcome | None:
    """Files to the matter they belong to: by the caption's institution, else the only one, else ask."""
    talk, files = turn.talk, turn.files
    count = len(files)
    if not talk.matters:
        return None
    index = _by_caption(turn)
    if index is None and len(talk.matters) > 1 and talk.asks != "evidence":
        labels = [draft.title(talk.side or "citizen", matter) for matter in talk.matters]
        options = tuple(Option(label, {"matters": [i], "files": files}) for i, label in enumerate(labels))
        every = Option(
            phrases.sentence("ask", "choice", "file", "all"), {"matters": list(range(len(labels))), "files": files}
        )
        talk = replace(talk, choosing="file", options=(*options, every))
        return go_on(talk, phrases.reply("say", "noted_files", count=count))
    index = talk.current if index is None else index
    talk = put_files(talk, (index,), files)
    if len(talk.matters) > 1:
        title = draft.title(talk.side or "citizen", talk.matters[index])
        note = phrases.reply("say", "noted_files_for", count=count, matter=title)
    else:
        note = phrases.reply("say", "noted_files", count=count)
    if turn.text:
        return Outcome(talk, (note,))
    answered = talk.asks == "evidence" and index == talk.current
    if answered:
        talk = talk.with_matter(talk.matter.with_slots({"evidence": Slot(note.text)}))
    return go_on(talk, note)


def _by_caption(turn: Turn) -> int | None:
    side = turn.talk.side or "citizen"
    kind = "institution" if side == "citizen" else "organ"
    for index, matter in enumerate(turn.talk.matters):
        name = draft.shown(side, kind, matter.slots[kind]) if matter.has(kind) else ""
        if name and turn.text and (name in turn.text or any(e.text in name for e in turn.meaning.of_kind(kind))):
            return index
    return None


def put_files(talk: Talk, indexes: tuple[int, ...], files: tuple[str, ...]) -> Talk:
    """The talk with these files given to these matters."""
    matters = tuple(
        replace(matter, files=tuple(dict.fromkeys((*matter.files, *files)))) if index in indexes else matter
        for index, matter in enumerate(talk.matters)
    )
    return replace(talk, matters=matters)

"""What people say beside their story: how they want to be named, a reward, that there is no proof, how to reach them.

An answer given is never asked for again, also where it was given before its question; a clause that asks, or hesitates,
gives none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.dialogue import phrases
from bot.dialogue.state import Slot
from nlu.meaning import Understanding

_CLAUSE = re.compile(r"[^，,、。；;！!？?\n]+[？?]?")
_MODES = ("anonymous", "confidential", "named")
CLAUSE_LENGTH = 12
_BESIDE = (*(f"says_{mode}" for mode in _MODES), "rewards", "no_proof", "witnessed")


def of_teller(meaning: Understanding) -> dict[str, Slot]:
    """What the message says about the person: identity, reward, telephone, own name."""
    said: dict[str, Slot] = {}
    for clause in _clauses(meaning.text):
        for mode in _MODES:
            if phrases.mentions(f"says_{mode}", clause):
                said["identity"] = Slot(clause, {"mode": mode})
        if phrases.mentions("rewards", clause):
            wants = [yes for group, yes in (("declines", False), ("wants", True)) if phrases.mentions(group, clause)]
            if wants:
                said["reward"] = Slot(clause, {"yes": wants[0]})
    if phones := meaning.of_kind("phone"):
        said["phone"] = Slot(phones[0].text, dict(phones[0].value))
    for name in meaning.of_kind("person_name"):
        if phrases.pattern("own_name").search(meaning.text[: name.start]):
            said["name"] = Slot(str(name.value.get("name") or name.text))
            break
    return said


def of_matter(meaning: Understanding) -> dict[str, Slot]:
    """What the message says about the matter without an entity: that it was witnessed, that there is no proof."""
    said: dict[str, Slot] = {}
    for clause in _clauses(meaning.text):
        if len(clause) > CLAUSE_LENGTH:
            continue
        if clause in phrases.choices("ask", "citizen", "how_known") and not phrases.means("skip", clause):
            said["how_known"] = Slot(clause)
        for name, group in (("evidence", "no_proof"), ("how_known", "witnessed")):
            if phrases.mentions(group, clause):
                said[name] = Slot(clause)
    return said


def without(meaning: Understanding) -> str:
    """The message with what was said beside the story blanked, so that places in it stay where they are."""
    text = meaning.text
    for clause in _clauses(text):
        beside = len(clause) <= CLAUSE_LENGTH and any(phrases.mentions(group, clause) for group in _BESIDE)
        if beside:
            text = text.replace(clause, " " * len(clause))
    return text


def told(teller: Mapping[str, Slot], said: Mapping[str, Slot]) -> dict[str, Slot]:
    """What is known of the person with this added; who first stayed anonymous and then leaves a number is no longer."""
    merged = {**teller, **said}
    mode = (merged["identity"].value or {}).get("mode") if "identity" in merged else None
    if mode == "anonymous" and "identity" not in said and said.keys() & {"phone", "name"}:
        merged["identity"] = Slot(merged["identity"].text, {"mode": "confidential"})
    return merged


def _clauses(text: str) -> Iterator[str]:
    for found in _CLAUSE.finditer(text):
        clause = found.group().strip()
        if not (phrases.mentions("question", clause) or phrases.mentions("hesitates", clause)):
            yield clause

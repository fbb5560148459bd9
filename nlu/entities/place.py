"""Places in running text: every way to write them, chains read as one, and which of several is meant.

A name that several places bear is settled by what stands near it, then by the channel's home region;
what remains open stays open (code None) so that the dialogue can ask instead of guessing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import ahocorasick

from nlu import places
from nlu.entities.heard import Found, Heard, lexicon
from nlu.places import Name


@dataclass(frozen=True, slots=True)
class Mention:
    """One written name; `codes` shrink as the neighbours speak."""

    start: int
    end: int
    name: Name
    codes: tuple[str, ...]


Chain = tuple[Mention, ...]


@cache
def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for name in places.names().values():
        automaton.add_word(name.text, name)
    automaton.make_automaton()
    return automaton


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {key: re.compile(pattern) for key, pattern in lexicon("place")["patterns"].items()}


def _mentions(text: str) -> list[Mention]:
    """All names in the text without overlap: official names before short ones, longer before shorter."""
    hits = [Mention(end + 1 - len(name.text), end + 1, name, name.codes) for end, name in _automaton().iter(text)]
    hits = [hit for hit in hits if hit.name.full or not _crossed(text, hit)]
    if len(hits) > 1:
        hits = _trimmed(hits)
        hits.sort(key=lambda hit: (not hit.name.full, hit.start - hit.end, hit.start))
    road = _patterns()["road"]
    official = {hit.start for hit in hits if hit.name.full}
    kept: list[Mention] = []
    taken = bytearray(len(text))
    for hit in hits:
        if not hit.name.full and hit.end not in official and road.match(text, hit.end):
            continue
        if not any(taken[hit.start : hit.end]):
            kept.append(hit)
            taken[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
    return sorted(kept, key=lambda hit: hit.start)


def _crossed(text: str, hit: Mention) -> bool:
    """Whether a word of the language reaches over an edge of the name: 保定 in 医保定点."""
    begin = max(0, hit.start - 3)
    for word in _patterns()["crossing"].finditer(text, begin, hit.end + 3):
        if word.start() < hit.start < word.end() < hit.end or hit.start < word.start() < hit.end < word.end():
            return True
    return False


def _trimmed(hits: list[Mention]) -> list[Mention]:
    """济南市中区 is 济南 and 市中区: drop 济南市 where its 市 begins the name of a district of its own."""
    starts = {hit.start: hit for hit in hits if hit.name.full and hit.name.text[0] == "市"}
    return [
        hit
        for hit in hits
        if not ((inner := starts.get(hit.end - 1)) and inner.start != hit.start and _below(inner.codes, hit.codes))
    ]


def _below(codes: Sequence[str], above: Sequence[str]) -> tuple[str, ...]:
    return tuple(code for code in codes if any(code != top and places.within(code, top) for top in above))


def _chains(heard: Heard) -> list[Chain]:
    """Names that follow one another from the larger to the smaller, each as one chain."""
    chains: list[Chain] = []
    for mention in _mentions(heard.text):
        last = chains[-1][-1] if chains else None
        if last and _adjacent(heard.text, last, mention) and (codes := _below(mention.codes, last.codes)):
            narrowed = tuple(top for top in last.codes if _below(codes, (top,)))
            chains[-1] = (*chains[-1][:-1], replace(last, codes=narrowed), replace(mention, codes=codes))
        elif last and mention.codes == last.codes and heard.text[last.end : mention.start].strip() == "":
            if mention.name.full or not last.name.full:
                chains[-1] = (*chains[-1][:-1], mention)
        elif _supported(heard, mention, after=bool(chains)):
            chains.append((mention,))
    return chains


def _adjacent(text: str, last: Mention, mention: Mention) -> bool:
    gap = text[last.end : mention.start]
    return not gap or _patterns()["gap"].fullmatch(gap) is not None


def _part_of_other(heard: Heard, mention: Mention, *, after: bool) -> bool:
    """A short name that is a piece of a street address, of a town's name or of a firm's, and tells no place by itself.

    So are two characters inside a longer word: 和县 in 本县和县医院.
    """
    patterns = _patterns()
    before = heard.text[max(0, mention.start - 1) : mention.start]
    word = mention.name.text
    if (word[0] == "镇" or word[-1] == "镇") and patterns["town_before"].search(before):
        return not patterns["clause_before"].search(before)
    if len(word) == 2 and mention.name.full:
        return before.isalpha() and not patterns["clause_before"].search(before)
    if patterns["address_before"].search(before) and heard.asked != "place":
        return True
    inside = bool(before) and not patterns["clause_before"].search(before) and (before.isalnum() or before == "_")
    return (after or inside) and patterns["firm"].match(heard.text, mention.end) is not None


def _supported(heard: Heard, mention: Mention, *, after: bool) -> bool:
    """Whether a name may stand by itself; everyday words need a cue on both sides or the question about the place."""
    patterns = _patterns()
    before = heard.text[max(0, mention.start - 4) : mention.start]
    if mention.name.text[0] == "市" and patterns["whole"].search(before):
        return False
    if not mention.name.full and patterns["thing"].match(heard.text, mention.end):
        return False
    if (not mention.name.full or len(mention.name.text) == 2) and _part_of_other(heard, mention, after=after):
        return False
    if not mention.name.everyday:
        return True
    if heard.asked == "place" and patterns["answer"].match(heard.text, mention.end):
        return True
    if mention.name.text in lexicon("place")["never_alone"]:
        return False
    return bool(patterns["before"].search(before) and patterns["after"].match(heard.text, mention.end))


def _settle(chains: list[Chain], home: str | None) -> list[tuple[str, ...]]:
    """The candidates of each chain, narrowed by the other chains of the text, then by home, then by size."""
    open_codes = [chain[-1].codes for chain in chains]
    for index, codes in enumerate(open_codes):
        if len(codes) > 1:
            others = [_containing(other) for at, other in enumerate(open_codes) if at != index]
            open_codes[index] = _by_neighbours(codes, [other[0] for other in others if len(other) == 1])
    return [_by_home(codes, home) if len(codes) > 1 else codes for codes in open_codes]


def _containing(codes: tuple[str, ...]) -> tuple[str, ...]:
    """淮安 the city and 淮安 its district: the larger stands for both."""
    for code in codes:
        if all(places.within(other, code) for other in codes):
            return (code,)
    return codes


def _by_neighbours(codes: tuple[str, ...], known: Iterable[str]) -> tuple[str, ...]:
    for length in (4, 2):
        prefixes = {code[:length] for code in known if length == 2 or not code.endswith("0000")}
        near = tuple(code for code in codes if code[:length] in prefixes)
        if near:
            return near
    return codes


def _by_home(codes: tuple[str, ...], home: str | None) -> tuple[str, ...]:
    ranked = places.rank(codes, home)
    nearness = [places.nearness(code, home) for code in ranked]
    if nearness[0] > nearness[1]:
        return ranked[:1]
    top = tuple(code for code, near in zip(ranked, nearness, strict=True) if near == nearness[0])
    containing = _containing(top)
    return containing if len(containing) == 1 else ranked


def _prefer_large(chain: Chain, codes: tuple[str, ...]) -> tuple[str, ...]:
    """A bare short form means the province or prefecture of that name rather than a county elsewhere."""
    name = chain[-1].name
    if len(codes) < 2 or name.full or name.text in lexicon("place")["contested"]:
        return codes
    for level in ("province", "city"):
        large = tuple(code for code in codes if places.level_of(code) == level)
        if large:
            return large if len(large) == 1 else codes
    return codes


def _value(text: str, chain: Chain, codes: tuple[str, ...], zone: str | None) -> dict[str, object]:
    settled = places.by_code(codes[0]) if len(codes) == 1 else None
    found = [place for code in codes if (place := places.by_code(code))]
    shared = {place.name for place in found}
    value: dict[str, object] = {
        "code": settled.code if settled else None,
        "name": settled.name if settled else (shared.pop() if len(shared) == 1 else text),
        "candidates": [{"code": place.code, "name": place.full_name} for place in found],
        "parts": [
            {"start": one.start, "end": one.end, "level": places.level_of(one.codes[0])}
            for one in chain
            if not one.name.zone
        ],
    }
    if zone or chain[-1].name.zone:
        value["zone"] = zone or chain[-1].name.text
    return value


def find(heard: Heard) -> list[Found]:
    """The places of a text."""
    chains = _chains(heard)
    found: list[Found] = []
    settled = _settle(chains, heard.home)
    zone_word = _patterns()["zone"]
    for chain, codes in zip(chains, settled, strict=True):
        narrowed = _prefer_large(chain, codes)
        end = chain[-1].end
        zone = zone_word.match(heard.text, end)
        if zone:
            end = zone.end()
        text = heard.text[chain[0].start : end]
        found.append(Found("place", chain[0].start, end, _value(text, chain, narrowed, zone and zone.group())))
    return found


def candidates(name: str, home: str | None) -> tuple[str, ...]:
    """The codes a written name may mean: exactly, or read as a chain whose last link counts."""
    known = places.names().get(name)
    if known:
        return known.codes
    chains = _chains(Heard(name, today=date.min, home=home, asked="place"))
    return chains[-1][-1].codes if chains else ()

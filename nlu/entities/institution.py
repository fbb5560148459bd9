"""Institutions that no register names: found by how their names end, how they are introduced, and where they stand.

The span is the name as written, without the place before it (商河县的鑫佑医院 → 鑫佑医院) unless what remains
would name nobody (庆城县人民医院 stays whole). 这家医院, 某药店 and 我们医院 are no names.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import ahocorasick

from nlu.entities.heard import Found, Heard, alternatives, lexicon

_LONGEST = 20
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z0-9·]")
_QUOTES = "“”\"'「」《》【】"


@cache
def _suffixes() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for suffix in lexicon("institution")["suffixes"]:
        automaton.add_word(suffix, suffix)
    automaton.make_automaton()
    return automaton


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words: Any = lexicon("institution")
    generic = alternatives(words["generic"])
    kinds = alternatives(words["suffixes"])
    characters = words["name_characters"]
    guarded = set(words["guarded"])
    return {
        "stop": re.compile(rf".*(?:{alternatives(words['stops'])})", re.DOTALL),
        "generic": re.compile(rf"(?:{generic}|{kinds}|[一二三四五六七八九十两几\d]+)*"),
        "with_place": re.compile(rf"(?:{alternatives(words['with_place'])})*"),
        "introduced": re.compile(
            rf"(?:{'|'.join(words['introductions'])})[{_QUOTES}]?(?P<name>[\u4e00-\u9fffA-Za-z0-9·]{{2,18}}?)[{_QUOTES}]?(?={words['introduced_ends']})"
        ),
        "brand": re.compile(
            rf"(?:(?P<brand>{alternatives([b for b in words['brands'] if b not in guarded])})|(?P<guarded>{alternatives(list(guarded))}))"
            rf"(?:连锁)?(?P<kind>{kinds})?(?P<branch>{words['patterns']['branch']})?"
        ),
        "behind_place": re.compile(
            rf"(?:的|那边的?|这边的?|那个|那家|那块的?|有个|有家|里的?)?(?P<name>[{characters}]{{2,6}})(?={words['introduced_ends']})"
        ),
        "branch": re.compile(words["patterns"]["short_branch"]),
        "not_after": re.compile(words["patterns"]["not_after"]),
    }


def _ends(text: str) -> list[tuple[int, int, str]]:
    """Where names end: start and end of the last suffix, joined where suffixes follow on one another."""
    ends: list[tuple[int, int, str]] = []
    for last, suffix in _suffixes().iter(text):
        start, end = last + 1 - len(suffix), last + 1
        while ends and ends[-1][1] > start and ends[-1][0] >= start:
            ends.pop()
        if ends and ends[-1][1] >= start and ends[-1][0] < start:
            start = ends.pop()[0]
        ends.append((start, end, suffix))
    return ends


def _core_start(text: str, start: int, floor: int) -> int:
    """How far back the name reaches: to a stop word, a place that is not part of it, or the edge of the Chinese run."""
    left = start
    while left > floor and start - left < _LONGEST and _NAME.match(text[left - 1]):
        left -= 1
    run = text[left:start]
    stop = _patterns()["stop"].match(run)
    if not stop:
        return left
    return left + _past_soft_stop(run, stop.end())


@cache
def _long_stops() -> tuple[str, ...]:
    return tuple(word for word in lexicon("institution")["stops"] if len(word) > 1)


def _past_soft_stop(run: str, stop: int) -> int:
    """和 in 杏和中医馆 and 里 in 仁里大药房 belong to the name: everything back to the stop before is name characters."""
    words = lexicon("institution")
    if run[stop - 1] not in words["soft_stops"] or run[:stop].endswith(_long_stops()):
        return stop
    earlier = _patterns()["stop"].match(run[: stop - 1])
    begin = earlier.end() if earlier else 0
    longer = run[begin:]
    fits = all(char in words["name_characters"] or char in words["soft_stops"] for char in longer)
    opens = longer[:1] not in words["soft_stops"] or longer[0] in words["soft_openers"]
    return begin if len(longer) >= 2 and fits and opens else stop


def _by_suffix(heard: Heard, places: list[Found]) -> list[Found]:
    found: list[Found] = []
    floor = 0
    for start, end, suffix in _ends(heard.text):
        one = _named(heard.text, start, end, suffix, floor, places)
        if one:
            found.append(one)
        floor = end
    return found


def _named(text: str, start: int, end: int, suffix: str, floor: int, places: list[Found]) -> Found | None:
    before = [place for place in places if floor <= place.start and place.end <= start and start - place.end < _LONGEST]
    place = before[-1] if before else None
    left = _core_start(text, start, max(floor, place.end if place else 0))
    core = text[left:start]
    if place and left == place.end:
        full_name = text[place.end - 1] in "省市区县旗州"
        remains = core and not _patterns()["generic"].fullmatch(core) and len(core) >= 2
        if not remains and not _patterns()["with_place"].fullmatch(core):
            return None
        if not remains or (not full_name and len(core) < 2):
            if not core and suffix in lexicon("institution")["weak"]:
                return None
            left = place.start
    elif not _names_somebody(core, suffix) and not (core and _named_by_rank(core, suffix, bool(places))):
        return None
    if branch := _patterns()["branch"].match(text, end):
        end = branch.end()
    name = text[left:end]
    return Found("institution", left, end, {"name": name}, 45)


def _names_somebody(core: str, suffix: str) -> bool:
    if len(core) < (2 if suffix in lexicon("institution")["weak"] else 1):
        return False
    if len(core) == 1:
        return False
    return _patterns()["generic"].fullmatch(core) is None


def _named_by_rank(core: str, suffix: str, has_place: bool) -> bool:
    """市第一人民医院 names one, 县医院 only where the text tells which county."""
    if suffix not in lexicon("institution")["public"] or not _patterns()["with_place"].fullmatch(core):
        return False
    return has_place or "第" in core


def _introduced(heard: Heard) -> list[Found]:
    """叫X: the name ends where the sentence goes on."""
    found = []
    for match in _patterns()["introduced"].finditer(heard.text):
        name = match["name"]
        if not _refused(name):
            found.append(Found("institution", match.start("name"), match.end("name"), {"name": name}, 42))
    return found


def _refused(name: str) -> bool:
    """A phrase that goes on is no name: 叫我去…, 叫他…."""
    stop = _patterns()["stop"].match(name)
    whole_kind = _patterns()["generic"].fullmatch(name) or re.search(r"\d{2,}|[年月日]$", name)
    return bool(whole_kind) or bool(stop and stop.end() >= 1 and not _only_inside(name))


def _only_inside(name: str) -> bool:
    """Stop characters that also make names (上, 地, 和, 家 …) are no reason to refuse a name of name characters."""
    characters = lexicon("institution")["name_characters"]
    return all(char in characters for char in name)


def _brands(heard: Heard) -> list[Found]:
    found = []
    for match in _patterns()["brand"].finditer(heard.text):
        if match["guarded"] and not match["kind"] and not match["branch"]:
            continue
        found.append(Found("institution", match.start(), match.end(), {"name": match.group()}, 46))
    return found


def _behind_places(heard: Heard, places: list[Found]) -> list[Found]:
    """城关区的桂芝堂: a short word of name characters right behind a place, and then the sentence ends or goes on."""
    found = []
    ends = lexicon("institution")["name_ends"]
    for place in places:
        match = _patterns()["behind_place"].match(heard.text, place.end)
        if match and match["name"][-1] in ends and not _patterns()["generic"].fullmatch(match["name"]):
            found.append(Found("institution", match.start("name"), match.end("name"), {"name": match["name"]}, 41))
    return found


def find(heard: Heard, places: list[Found]) -> list[Found]:
    """The institutions of a text, given its places."""
    return _by_suffix(heard, places) + _introduced(heard) + _brands(heard) + _behind_places(heard, places)

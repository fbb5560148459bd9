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
_USUAL = 5
"""Characters before the suffix up to which a name outside a place is believed."""
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z0-9·]")
_OPENED = re.compile('[“"「『《]')
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
            rf"(?:连锁)?(?P<kind>(?:{kinds})+)?(?P<branch>{words['patterns']['branch']})?"
        ),
        "behind_place": re.compile(
            rf"(?:的|那边的?|这边的?|那个|那家|那块的?|有个|有家|里的?)?(?P<name>[{characters}]{{2,6}})(?={words['introduced_ends']})"
        ),
        "owner": re.compile(rf"(?![那别万时安全老自])[{lexicon('person')['surnames']}](?:家|大夫|医生|氏|记)$"),
        "pointed": re.compile(rf"(?:那家|这家|那个|有家|一家)(?P<name>[{characters}]{{2,5}})(?=[,。.!?;:、\s]|$)"),
        "hall": re.compile(
            rf"(?P<name>(?:(?<![{characters}])[{characters}])?[{characters}]{{2}}堂)(?![课皇而哥弟姐妹兄])"
        ),
        "names": re.compile("[叫名称写挂]"),
        "shop_word": re.compile(words["patterns"]["shop_word"]),
        "not_hall": re.compile(words["not_halls"]),
        "town": re.compile(r"[\u4e00-\u9fff]{1,5}?(?:新区|开发区|园区|街道|社区|镇|乡|村)"),
        "size": re.compile(words["patterns"]["size"]),
        "quoted": re.compile(
            rf"[“\"「『《](?P<name>[\u4e00-\u9fffA-Za-z0-9·]{{2,10}})[”\"」』》](?=(?:{kinds}|店|医院|药))"
        ),
        "person": re.compile(words["patterns"]["person"]),
        "branch": re.compile(words["patterns"]["short_branch"]),
        "not_after": re.compile(words["patterns"]["not_after"]),
    }


def _ends(text: str) -> list[tuple[int, int, str]]:
    """Where names end: start and end of the last suffix, joined where suffixes follow on one another."""
    ends: list[tuple[int, int, str]] = []
    for last, suffix in _suffixes().iter(text):
        start, end = last + 1 - len(suffix), last + 1
        if text[start - 1 : start] == "院" and suffix in lexicon("institution")["departments"]:
            continue
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
    if owner := _patterns()["owner"].search(run):
        return left + owner.start()
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
    # 永和镇中心卫生院: a town's name says nothing of what follows it.
    stem = re.split("[镇乡]", longer)[0] if stop <= begin + 3 else longer
    fits = all(char in words["name_characters"] or char in words["soft_stops"] for char in stem)
    opens = longer[:1] not in words["soft_stops"] or longer[0] in words["soft_openers"]
    if len(longer) >= 2 and fits and opens:
        return begin
    # 我们和康医院: a single character is no name, so the one before it belongs to it.
    alone = len(run) - stop == 1 and run[stop] in words["name_characters"] and run[stop - 1] in words["one_openers"]
    return stop - 1 if alone else stop


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
    if place and left == place.end:
        at = _behind_place(text, place, start, suffix)
        if at is None:
            return None
        left = at
    else:
        left += _before_name(text[left:start])
        core = text[left:start]
        if not _names_somebody(core, suffix) and not (core and _named_by_rank(core, suffix, bool(places))):
            return None
    if branch := _patterns()["branch"].match(text, end):
        end = branch.end()
    guessed = place is None and start - left > _USUAL and not _only_inside(text[left:start])
    return Found("institution", left, end, _value(text[left:end], sure=not guessed), 45)


def _value(name: str, *, sure: bool) -> dict[str, object]:
    """The name, and that it is a guess where it is one: a word that only looks like a name, or a long stretch."""
    return {"name": name} if sure else {"name": name, "sure": False}


def _behind_place(text: str, place: Found, start: int, suffix: str) -> int | None:
    """Where a name begins that stands right behind a place: at the place where nothing else would name it."""
    core = text[place.end : start]
    if inner := _before_name(core):
        return place.end + inner
    remains = core and not _patterns()["generic"].fullmatch(core) and len(core) >= 2
    whole = _patterns()["with_place"].fullmatch(core) is not None
    # 惠安堂药房 is no shop of 惠安: the short name of a place and one more character of a name.
    one_word = len(core) == 1 and core in lexicon("institution")["name_ends"] and place.end - place.start == 2
    if not remains and not whole and not one_word:
        return None
    if not remains or (text[place.end - 1] not in "省市区县旗州" and len(core) < 2):
        return None if not core and suffix in lexicon("institution")["weak"] else place.start
    return place.end if _names_somebody(core, suffix) else None


def _before_name(core: str) -> int:
    """How much of what precedes the suffix is a town, a zone or the rank of the place: 洪水镇|康乐诊所, 县|仁爱医院."""
    town = _patterns()["town"].match(core)
    at = town.end() if town else 1 if core[:1] in tuple("县市区镇") else 2 if core[:2] in ("咱县", "省城") else 0
    rest = core[at:]
    ranked = _patterns()["with_place"].match(rest)
    proper = len(rest) >= 2 and not _patterns()["generic"].fullmatch(rest) and not (ranked and ranked.group())
    return at if proper else 0


def _names_somebody(core: str, suffix: str) -> bool:
    """Two characters at least, that are not only a kind, a rank or a size; a weak suffix needs characters of names."""
    words = lexicon("institution")
    if len(core) < 2 or _patterns()["generic"].fullmatch(core):
        return False
    if all(char in words["name_characters"] for char in core) or re.match("[A-Z]", core):
        return True
    return suffix not in words["weak"] and not _patterns()["size"].search(core)


def _named_by_rank(core: str, suffix: str, has_place: bool) -> bool:
    """市第一人民医院 names one, 县医院 only where the text tells which county."""
    if suffix not in lexicon("institution")["public"] or not _patterns()["with_place"].fullmatch(core):
        return False
    return has_place or "第" in core


def _introduced(heard: Heard) -> list[Found]:
    """叫X: the name ends where the sentence goes on; without a word for a shop before it, X must look like a name."""
    found = []
    for match in _patterns()["introduced"].finditer(heard.text) if _patterns()["names"].search(heard.text) else ():
        name = match["name"]
        sure = _patterns()["shop_word"].match(match.group()) is not None
        if not _refused(name) and (sure or _looks_named(heard.text, match.start("name"), match.end("name"))):
            found.append(Found("institution", *match.span("name"), _value(name, sure=sure), 42))
    found += [
        Found("institution", *match.span("name"), {"name": match["name"]}, 42)
        for match in (_patterns()["quoted"].finditer(heard.text) if _OPENED.search(heard.text) else ())
        if not _patterns()["generic"].fullmatch(match["name"])
    ]
    found += [
        Found("institution", *match.span("name"), _value(match["name"], sure=False), 41)
        for match in _patterns()["pointed"].finditer(heard.text)
        if _ends_as_name(match["name"])
    ]
    return found


def _ends_as_name(name: str) -> bool:
    words = lexicon("institution")
    usual = name[-1] in words["name_ends"] and name not in words["not_names"]
    return usual and not _patterns()["generic"].fullmatch(name)


def _looks_named(text: str, start: int, end: int) -> bool:
    """Most characters are those of names, and it is nobody's own name: 一个叫江帆的医生."""
    name = text[start:end]
    if _patterns()["person"].match(text, end):
        return False
    if any(name.endswith(suffix) for suffix in lexicon("institution")["suffixes"]):
        return True
    usual = sum(char in lexicon("institution")["name_characters"] for char in name)
    return usual >= len(name) - (len(name) > 2) and len(name) <= 6


def _halls(heard: Heard) -> list[Found]:
    """仁济堂 wherever it stands; 食堂 and 一堂课 are none."""
    if "堂" not in heard.text:
        return []
    found = []
    for match in _patterns()["hall"].finditer(heard.text):
        if _patterns()["not_hall"].search(match["name"][:-1]):
            continue
        end = match.end()
        if branch := _patterns()["branch"].match(heard.text, end):
            end = branch.end()
        found.append(Found("institution", match.start(), end, _value(heard.text[match.start() : end], sure=False), 40))
    return found


def _refused(name: str) -> bool:
    """A phrase that goes on is no name: 叫我去…, 叫他…."""
    stop = _patterns()["stop"].match(name)
    whole_kind = _patterns()["generic"].fullmatch(name) or re.search(r"\d{2,}|[年月日]$", name)
    return bool(whole_kind) or bool(stop and stop.end() >= 1 and not _only_inside(name))


def _only_inside(name: str) -> bool:
    """Stop characters that also make names (上, 地, 和, 家 …) are no reason to refuse a name of name characters."""
    words = lexicon("institution")
    return name[0] not in "来又要能会" and all(
        char in words["name_characters"] or (char in words["inside"] and len(name) <= 4) for char in name
    )


@cache
def _brand_words() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for brand in lexicon("institution")["brands"]:
        automaton.add_word(brand, len(brand))
    automaton.make_automaton()
    return automaton


def _brands(heard: Heard) -> list[Found]:
    found = []
    for at in sorted({last + 1 - length for last, length in _brand_words().iter(heard.text)}):
        match = _patterns()["brand"].match(heard.text, at)
        if not match or (match["guarded"] and not match["kind"] and not match["branch"]):
            continue
        found.append(Found("institution", match.start(), match.end(), {"name": match.group()}, 46))
    return found


def _behind_places(heard: Heard, places: list[Found]) -> list[Found]:
    """城关区的桂芝堂: a short word of name characters right behind a place, and then the sentence ends or goes on."""
    found = []
    for place in places:
        match = _patterns()["behind_place"].match(heard.text, place.end)
        if match and _ends_as_name(match["name"]):
            found.append(Found("institution", *match.span("name"), _value(match["name"], sure=False), 41))
    return found


def find(heard: Heard, places: list[Found]) -> list[Found]:
    """The institutions of a text, given its places."""
    return (
        _by_suffix(heard, places) + _introduced(heard) + _brands(heard) + _halls(heard) + _behind_places(heard, places)
    )

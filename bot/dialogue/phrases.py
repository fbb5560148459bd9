"""The sentences and closed word lists, read from their TOML files."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from bot.channels.message import Reply

_NOISE = re.compile(r"[\s，。！？、,.!?~～…：:；;\"“”'‘’（）()🙏😊👌👍]+")
_PARTICLES = re.compile(r"(吧|啊|呀|了|呢|哦|嘛|哈|哩|嘞|呗|哟|喽|噢|啦|的呀|诶)+$")


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("bot.dialogue") / name).read_text("utf-8"))


def sentence(*path: str) -> str:
    """One sentence or template by its path in phrases.toml; raises KeyError where there is none."""
    node: Any = _read("phrases.toml")
    for part in path:
        node = node[part]
    return str(node["text"] if isinstance(node, dict) else node).strip()


def day(moment: date) -> str:
    """A date as it is spoken, after the pattern in phrases.toml."""
    return sentence("summary", "day").format(year=moment.year, month=moment.month, day=moment.day)


def has(*path: str) -> bool:
    """Whether phrases.toml knows this path."""
    node: Any = _read("phrases.toml")
    for part in path:
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True


def reply(*path: str, asks: str | None = None, choices: tuple[str, ...] | None = None, **values: object) -> Reply:
    """The reply under a path, its braces filled; its own quick replies unless others are given."""
    node: Any = _read("phrases.toml")
    for part in path:
        node = node[part]
    own = tuple(node.get("choices", ())) if isinstance(node, dict) else ()
    return Reply(sentence(*path).format(**values), own if choices is None else choices, asks)


def choices(*path: str) -> tuple[str, ...]:
    """The quick replies under a question."""
    node: Any = _read("phrases.toml")
    for part in path:
        node = node[part]
    return tuple(node["choices"])


def bare(text: str) -> str:
    """The message without punctuation and closing particles, in lower case: for comparing with closed lists."""
    folded = _NOISE.sub("", text).lower()
    return _PARTICLES.sub("", folded) or folded


def without_tail(text: str) -> str:
    """An answer without the particle that joined it to what followed in the sentence."""
    return text.removesuffix(sentence("summary", "joining_particle"))


@cache
def _closed(group: str) -> frozenset[str]:
    return frozenset(bare(word) for word in _read("words.toml")[group])


def means(group: str, text: str) -> bool:
    """Whether the whole message is one of the closed words of this group."""
    return bare(text) in _closed(group)


def mentions(group: str, text: str) -> bool:
    """Whether one of the words of [within] occurs in the message."""
    return _any_of(group).search(text) is not None


@cache
def _any_of(group: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, within(group))))


def opens(group: str, text: str) -> bool:
    """Whether the message begins with one of the words of [opening]."""
    return text.startswith(tuple(_read("words.toml")["opening"][group]))


@cache
def pattern(name: str) -> re.Pattern[str]:
    """One regular expression of [patterns]."""
    return re.compile(_read("words.toml")["patterns"][name])


def within(group: str) -> tuple[str, ...]:
    """The words of one group of [within]."""
    return tuple(_read("words.toml")["within"][group])


def stars(text: str) -> int | None:
    """The number of stars that a message gives, None where it gives none; the strongest wording wins."""
    plain = bare(text)
    table: dict[str, list[str]] = _read("words.toml")["stars"]
    for count, words in table.items():
        if plain in words:
            return int(count)
    for count in ("1", "5", "2", "3", "4"):
        if any(len(word) > 1 and word in plain for word in table[count]):
            return int(count)
    lit = text.count("⭐") or text.count("★")
    return lit if 1 <= lit <= 5 else None


def hotline(text: str) -> str:
    """Where a matter outside the fund belongs, judged by its words."""
    table: dict[str, list[str]] = _read("words.toml")["elsewhere"]
    scores = {place: sum(word in text for word in words) for place, words in table.items()}
    best = max(scores, key=lambda place: scores[place])
    return sentence("elsewhere", best if scores[best] else "default")

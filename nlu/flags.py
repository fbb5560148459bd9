"""What a handler should know of a message before reading on: proof at risk, a teller who took part, hearsay.

Words only, no model: every flag points at what was said, and the list of wordings is all there is to it.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from nlu import features
from nlu.features import Lexicon
from nlu.meaning import Flag, Span


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    path = Path(__file__).parent / "data" / "lexicon" / "flags.toml"
    table: dict[str, list[str]] = tomllib.loads(path.read_text("utf-8"))["flags"]
    return Lexicon(table)


def names() -> tuple[str, ...]:
    """Every flag that can be raised, in the order of the alphabet."""
    return _lexicon().names


def find(text: str) -> tuple[Flag, ...]:
    """The flags of a text, each with its first words, in the order of the text."""
    lexicon = _lexicon()
    spots = features.locate(text, lexicon)
    found = [Flag(lexicon.names[number], Span(start, end)) for number, (start, end) in spots.items()]
    return tuple(sorted(found, key=lambda flag: (flag.words.start, flag.name)))

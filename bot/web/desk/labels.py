"""The desk's own words, read once from `labels.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("bot.web.desk").joinpath("labels.toml").read_text("utf-8"))


def label(section: str, key: str, default: str | None = None) -> str:
    """The word for `key`; the default, or the key itself, where there is none: an unknown word is shown, not hidden."""
    return str(_table()[section].get(key, key if default is None else default))


def reasons(match: Mapping[str, Any]) -> tuple[str, ...]:
    """The short marks of a comparison (`same_place`, `wording:0.62`) in words."""
    marks = (str(mark).partition(":") for mark in match.get("reasons", ()))
    return tuple(label("mark", name).format(share=f"{float(value):.0%}" if value else "") for name, _, value in marks)


def section(name: str) -> Mapping[str, Any]:
    """All words of one section, in the order of the file."""
    found: Mapping[str, Any] = _table()[name]
    return found


def told_of(done: str) -> str | None:
    """The sentence that confirms what was just done: an act by its name, or a word of the section "told"."""
    acts, told = section("acts"), section("told")
    return str(acts[done]["done"]) if done in acts else told.get(done)

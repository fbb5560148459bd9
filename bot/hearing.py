"""A whole file understood, on every core: what `jianting understand` prints, line by line and in order."""

from __future__ import annotations

import json
import multiprocessing
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any

from bot.wire import understood
from nlu.engine import Ear

_FEW = 256
"""Fewer messages are heard sooner than a second process starts."""
_PORTION = 64
_HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Task:
    """One message of a file, with what the ear needs to know beside it."""

    number: Any
    """The `id` of its line, given back as it was."""
    text: str
    now: datetime
    asked: str | None
    home: str | None


_ears: list[Ear] = []
"""The forked hands find the ear here: its arrays are mapped once for all."""


def hear(tasks: Iterable[Task], ear: Ear, workers: int) -> Iterator[str]:
    """One JSON object for each task, in the order of the tasks; an exception while reading them is passed on."""
    coming = iter(tasks)
    first = list(islice(coming, _FEW))
    _ears[:] = [ear]
    if len(first) < _FEW or workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(_answer, chain(first, coming))
        return
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield from _in_turn(pool.imap, chain(first, coming))


def _in_turn(imap: Callable[..., Iterable[str]], tasks: Iterator[Task]) -> Iterator[str]:
    """A portion for every hand at a time, so that a file of any length is never held whole."""
    while portion := list(islice(tasks, _PORTION * 64)):
        yield from imap(_answer, portion, _PORTION)


def _answer(task: Task) -> str:
    heard = _ears[0].parse(task.text, now=task.now, asked=task.asked, home=task.home)
    answer = {"id": task.number, **understood(heard)}
    written = json.dumps(answer, ensure_ascii=False)
    # Half a surrogate pair, as a cut-off emoji leaves it, has no UTF-8; escaped it comes back as it was.
    return json.dumps(answer) if _HALVES.search(written) else written

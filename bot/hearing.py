"""A whole file worked through on every core and in its order: what `jianting understand` and `import` stand on."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, islice
from multiprocessing.connection import wait
from typing import Any, TypeVar

from bot.wire import understood
from nlu.engine import Ear

T = TypeVar("T")
R = TypeVar("R")

_FEW = 256
"""Fewer messages are heard sooner than a second process starts."""
_PORTION = 64
_AHEAD = 4
"""Portions that wait for each hand: enough that none is idle, few enough that memory stays flat."""
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


_works: list[Callable[[Any], Any]] = []
"""The forked hands find their work here: the ear's arrays are mapped once for all."""


def hear(tasks: Iterable[Task], ear: Ear, workers: int) -> Iterator[str]:
    """One JSON object for each task, in the order of the tasks; an exception while reading them is passed on."""
    return spread(partial(_answer, ear), tasks, workers)


def spread(work: Callable[[T], R], tasks: Iterable[T], workers: int) -> Iterator[R]:
    """`work` done on every task by several processes, in order, a bounded number of tasks ahead of the reader."""
    coming = iter(tasks)
    first = list(islice(coming, _FEW))
    if len(first) < _FEW or workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, chain(first, coming))
        return
    _works[:] = [work]
    coming = chain(first, coming)
    under_way: deque[Future[list[R]]] = deque()
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), initializer=_begin) as hands:
        try:
            while portion := list(islice(coming, _PORTION)):
                under_way.append(hands.submit(_portion, portion))
                if len(under_way) > workers * _AHEAD:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()
        finally:
            for unread in under_way:
                unread.cancel()


def _begin() -> None:
    """A hand leaves the keyboard to its parent, and ends when the parent is gone, killed or not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _portion(tasks: list[Any]) -> list[Any]:
    return [_works[0](task) for task in tasks]


def _answer(ear: Ear, task: Task) -> str:
    heard = ear.parse(task.text, now=task.now, asked=task.asked, home=task.home)
    answer = {"id": task.number, **understood(heard)}
    written = json.dumps(answer, ensure_ascii=False)
    # Half a surrogate pair, as a cut-off emoji leaves it, has no UTF-8; escaped it comes back as it was.
    return json.dumps(answer) if _HALVES.search(written) else written

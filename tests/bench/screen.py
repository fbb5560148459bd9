"""How the sections of `make bench` time and show."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

screen = Console()


def table(title: str, *columns: str) -> Table:
    """A table whose figures stand under each other."""
    shown = Table(title=title, title_justify="left")
    for column in columns:
        shown.add_column(column, justify="right")
    return shown


def quantile(seconds: list[float], share: float) -> str:
    """The time within which this share was done, in milliseconds."""
    return f"{1000 * sorted(seconds)[int(share * (len(seconds) - 1))]:.2f} ms"


def timed(act: Callable[[], object]) -> float:
    """Seconds of one act."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started

"""A thousand invented people tell by every channel; how much was searched for them, and how often one was found."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.screen import screen, table
from tests.secrecy.town import live

PEOPLE = 1_000


def canaries(folder: Path) -> None:
    """Staff of every role at work, then every byte of ledger, dump, log, pages, exports, backups and a restored copy."""
    data = folder / "canaries"
    data.mkdir(mode=0o700)
    (data / "model").symlink_to(folder / "model")
    started = time.perf_counter()
    gathered = live(data, PEOPLE)
    shown = table("canaries", "people", "searched in", "MiB", "found in clear")
    for place, size in sorted(gathered.searched.items()):
        found = sum(1 for where, _, _ in gathered.leaks if where.split(" ", 1)[0] == place)
        shown.add_row(str(len(gathered.receipts)), place, f"{size / 2**20:.1f}", str(found))
    screen.print(shown)
    for place, times in sorted(gathered.excepted.items()):
        screen.print(f"allowed, with its reason in tests/secrecy/exceptions.toml: {place}, {times} times")
    screen.print(f"canaries: {time.perf_counter() - started:.0f} s in all; {len(gathered.leaks)} found")

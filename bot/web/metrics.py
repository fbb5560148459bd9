"""Counts and durations by route in Prometheus' text format; never a path, a name or an address."""

from __future__ import annotations

from bisect import bisect_left
from threading import Lock

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_Key = tuple[str, str, int]


class Metrics:
    """What this process served since its start."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[_Key, tuple[list[int], list[float]]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request, answered."""
        # A stranger can invent methods without end, and each would stay in memory.
        key = (method if method in METHODS else "other", route, status)
        with self._lock:
            row = self._rows.get(key)
            if row is None:
                row = self._rows[key] = ([0] * (len(BUCKETS_S) + 1), [0.0])
            row[0][bisect_left(BUCKETS_S, seconds)] += 1
            row[1][0] += seconds

    def text(self, gauges: dict[str, tuple[str, int]]) -> str:
        """The exposition; `gauges` are (help, value) by name."""
        lines: list[str] = []
        for name, (meaning, value) in gauges.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {value}"]
        name = "jianting_request_seconds"
        lines += [f"# HELP {name} Duration of requests by route.", f"# TYPE {name} histogram"]
        with self._lock:
            rows = sorted((key, list(counts), total[0]) for key, (counts, total) in self._rows.items())
        for (method, route, status), counts, total in rows:
            labels = f'method="{method}",route="{route}",status="{status}"'
            running = 0
            for bound, count in zip((*BUCKETS_S, "+Inf"), counts, strict=True):
                running += count
                lines.append(f'{name}_bucket{{{labels},le="{bound}"}} {running}')
            lines += [f"{name}_sum{{{labels}}} {total:.6f}", f"{name}_count{{{labels}}} {running}"]
        return "\n".join(lines) + "\n"

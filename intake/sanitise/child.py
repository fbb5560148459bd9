"""The process that takes one stranger's file apart: little memory, little time, no secrets, and one answer.

It is given two open files (what came, and where the copy goes) and writes its answer, a line of JSON, to its output.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from intake.sanitise.lock import lock
from intake.sanitise.verdict import Hostile, Limits, Withheld


def main(media_type: str, source: int, target: int, told: dict[str, Any]) -> None:
    """Clean what lies in `source` into `target`."""
    limits = Limits(**told)
    _bind(limits)
    with suppress(OSError):
        lock(Path(__file__).parents[1])
    try:
        answer = _answer(media_type, source, target, limits)
    except MemoryError:
        answer = {"withheld": "heavy"}
    except Exception:  # noqa: BLE001 - whatever a hostile file provokes is one answer: no copy
        answer = {"withheld": "damaged"}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)  # no library's farewell may turn an answer into a crash


def _answer(media_type: str, source: int, target: int, limits: Limits) -> dict[str, Any]:
    """What came of it, as the parent reads it."""
    from intake.sanitise.clean import clean  # noqa: PLC0415 - under the limits already

    with os.fdopen(source, "rb") as file:
        file.seek(0)
        content = file.read()
    try:
        found = clean(content, media_type, limits)
    except Hostile as trap:
        return {"hostile": trap.reason}
    except Withheld as unclean:
        return {"withheld": unclean.reason}
    with os.fdopen(target, "wb") as file:
        file.write(found.content)
    return {"media_type": found.media_type, "removed": {kind: n for kind, n in found.removed.items() if n > 0}}


def _bind(limits: Limits) -> None:
    """What the system enforces whatever the file does to us."""
    seconds = max(1, round(limits.seconds))
    bounds = {
        resource.RLIMIT_CORE: 0,  # no memory image with a citizen's photo is ever written
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: limits.unpacked,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_AS: limits.memory,
    }
    for what, bound in bounds.items():
        with suppress(ValueError, OSError):  # a system that knows no such limit, or has a lower one
            hard = resource.getrlimit(what)[1]
            resource.setrlimit(what, (bound, bound if hard == resource.RLIM_INFINITY else min(bound, hard)))
    with suppress(OSError):
        os.nice(5)  # chats go first

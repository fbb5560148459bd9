"""What may be written into a log about an error: its kind and its place, never its text, which can name a person."""

from __future__ import annotations

import traceback
from pathlib import Path


def described(trouble: BaseException) -> str:
    """Such as "ValueError at machine.py:120"."""
    frames = traceback.extract_tb(trouble.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(trouble).__name__}{where}"

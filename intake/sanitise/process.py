"""Cleaning in a process of its own: a file that kills, fills or delays it harms nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

from intake.sanitise.verdict import Hostile, Limits, Withheld

VERSION = 1
"""Raised whenever copies made before should be made anew."""
_ROOT = Path(__file__).parents[2]
_CODE = (
    "import json, sys; sys.path.insert(0, sys.argv[1]); from intake.sanitise.child import main; "
    "main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), json.loads(sys.argv[5]))"
)
_ANSWER = 1 << 16
_GRACE = 2.0
_LIBRARIES = {
    "image": ("pillow",), "application/pdf": ("pikepdf",), "audio/ogg": ("mutagen",),
    "application/vnd": ("lxml", "pillow"), "audio": (), "video": (), "text": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copy:
    """What came of cleaning: a file with the copy, or why there is none (`withheld`), and what made it."""

    tool: str
    file: BinaryIO | None = None
    media_type: str = ""
    removed: Mapping[str, int] = field(default_factory=dict)
    withheld: str = ""


class Cleaner:
    """Cleans files, at most `at_once` at a time; each in a process of its own."""

    def __init__(self, limits: Limits | None = None, at_once: int | None = None) -> None:
        self.limits = limits or Limits()
        self._few = threading.BoundedSemaphore(at_once or max(1, os.cpu_count() or 1))

    @contextmanager
    def clean(self, pieces: Iterable[bytes], media_type: str) -> Iterator[Copy]:
        """The copy of these bytes, for as long as the block lasts; raises Hostile for a trap."""
        with self._few, _scratch() as source, _scratch() as target, _scratch() as answer:
            for piece in pieces:
                source.write(piece)
            source.flush()
            told = self._told(source, target, answer, media_type)
            if reason := told.get("hostile"):
                raise Hostile(reason if reason in Hostile.REASONS else "bomb")
            tool = made_by(media_type)
            if "removed" not in told:
                reason = told.get("withheld")
                yield Copy(tool, withheld=reason if reason in Withheld.REASONS else "damaged")
                return
            target.seek(0)
            removed = {str(kind)[:40]: int(count) for kind, count in told["removed"].items()}
            yield Copy(tool, target, str(told["media_type"])[:80], removed)

    def _told(self, source: BinaryIO, target: BinaryIO, answer: BinaryIO, media_type: str) -> dict[str, Any]:
        """The child's answer; a child that was killed has said nothing, and then the file was too heavy or broken."""
        arguments = [
            str(_ROOT),
            media_type,
            str(source.fileno()),
            str(target.fileno()),
            json.dumps(asdict(self.limits)),
        ]
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and code; the file comes by handle
            [sys.executable, "-I", "-c", _CODE, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            pass_fds=(source.fileno(), target.fileno()),
            env={},
            cwd="/",
            start_new_session=True,
        )
        try:
            child.wait(self.limits.seconds + _GRACE)
        except subprocess.TimeoutExpired:
            return {"withheld": "heavy"}
        finally:
            child.kill()
            child.wait()
        if child.returncode in {-24, -9}:  # SIGXCPU, SIGKILL: out of time, or of memory
            return {"withheld": "heavy"}
        answer.seek(0)
        try:
            told = json.loads(answer.read(_ANSWER))
        except ValueError:
            return {"withheld": "damaged"}
        return told if isinstance(told, dict) else {"withheld": "damaged"}


def made_by(media_type: str) -> str:
    """What cleans files of this type, with versions, for the record of custody."""
    names = next((names for kind, names in _LIBRARIES.items() if media_type.startswith(kind)), ())
    if media_type == "image/heic":
        names = (*names, "pi-heif")
    return " ".join([f"jianting-sanitise/{VERSION}", *(f"{name}/{_version(name)}" for name in names)])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "0"


def _scratch() -> BinaryIO:
    """A file in memory, which no disk and no name ever bears; where the system has none, one without a name."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("evidence"), "w+b")
    return tempfile.TemporaryFile()

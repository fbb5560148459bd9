"""A JSONL file as the command line takes it: one object a line, and a sentence that names the line where it is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


class BadLine(ValueError):
    """A line is not what the command needs; the text names file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Line:
    """One object of the file, with where it stands."""

    where: str
    row: Mapping[str, Any]

    def text(self, key: str, fallback: str | None = None) -> str:
        """A text that must be there, unless there is a fallback."""
        found = self.row.get(key, fallback)
        if not isinstance(found, str):
            raise BadLine(f'{self.where}: "{key}" must be a text.')
        return found

    def text_or_none(self, key: str) -> str | None:
        """A text that may be missing or null."""
        return None if self.row.get(key) is None else self.text(key)

    def moment(self, key: str, fallback: datetime | None = None) -> datetime:
        """A moment in ISO 8601; without a zone it is meant in China's."""
        found = self.row.get(key)
        if found is None and fallback is not None:
            return fallback
        try:
            moment = datetime.fromisoformat(str(found))
        except ValueError:
            raise BadLine(f'{self.where}: "{key}" must be a moment such as 2026-03-01T09:30:00+08:00.') from None
        return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def read(file: Path) -> Iterator[Line]:
    """Every line that is not blank; BadLine where one is not a JSON object."""
    try:
        # Not splitlines: a text may hold the line separators of Unicode, as copied from a web page.
        with file.open(encoding="utf-8", newline="\n") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield Line(f"{file}:{number}", _object(line, f"{file}:{number}"))
    except UnicodeDecodeError:
        raise BadLine(f"{file}: the file is not UTF-8.") from None


def _object(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as broken:
        raise BadLine(f"{where}: not JSON: {broken.msg} at column {broken.colno}.") from None
    if not isinstance(row, dict):
        raise BadLine(f"{where}: not a JSON object.")
    return row

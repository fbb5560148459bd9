"""The record of custody as the case page shows it: every file with what happened to it, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.web.desk import history
from bot.web.desk.labels import label, section
from intake import custody
from intake.views import CustodyLine, FileView

KIB = 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of a file's record."""

    at: datetime
    words: str
    who: str
    detail: str


@dataclass(frozen=True, slots=True)
class Record:
    """One file: its digests, those of its copy where there is one, and its lines, oldest first."""

    name: str
    sha256: str
    sm3: str
    copy_sha256: str
    copy_sm3: str
    lines: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class CopyShown:
    """What staff can open of a file: type and size of the copy, or the sentence that says why there is none."""

    media_type: str
    size: int
    withheld: str
    removed: str


def copies(lines: Iterable[CustodyLine]) -> dict[str, CopyShown]:
    """By the original's digest, what its newest working copy is."""
    return {
        line.digest: CopyShown(
            media_type=str(line.data["media_type"]),
            size=int(line.data["size"]),
            withheld=label("withheld", str(line.data["withheld"])) if line.data["withheld"] else "",
            removed=removed(line.data["removed"]),
        )
        for line in lines
        if line.kind == custody.CLEANED
    }


def records(
    files: Sequence[tuple[str, FileView]], lines: Sequence[CustodyLine], names: Mapping[int, str]
) -> list[Record]:
    """The record of each file, under the name that the page gives it."""
    found = []
    for name, file in files:
        mine = [line for line in lines if (line.report_id, line.digest) == (file.report_id, file.digest)]
        made = next((line.data for line in reversed(mine) if line.kind == custody.CLEANED), {})
        copied = bool(made) and not made["withheld"]
        found.append(
            Record(
                name=name,
                sha256=file.digest,
                sm3=file.sm3,
                copy_sha256=str(made["copy"]) if copied else "",
                copy_sm3=str(made["sm3"]) if copied else "",
                lines=tuple(_line(line, names) for line in mine),
            )
        )
    return found


def removed(found: Mapping[str, Any]) -> str:
    """What was left out of a copy, by kind, in words."""
    return "、".join(dict.fromkeys(label("removed", kind) for kind in found))


def kind(media_type: str) -> str:
    """What a type is called on the page."""
    words = section("media")
    return str(words.get(media_type, words[media_type.partition("/")[0]]))


def size(count: int) -> str:
    """A length in bytes as people read it."""
    if count >= KIB * KIB:
        return label("form", "size_mb").format(n=round(count / KIB / KIB, 1))
    return label("form", "size_kb").format(n=max(1, round(count / KIB)))


def _line(line: CustodyLine, names: Mapping[int, str]) -> Kept:
    words = "withheld" if line.data.get("withheld") else line.kind
    return Kept(line.at, label("custody", words), history.who(line.actor, names), _detail(line))


def _detail(line: CustodyLine) -> str:
    data = line.data
    if line.kind == custody.RECEIVED:
        return label("custody", "received_detail").format(size=size(data["size"]), kind=kind(data["media_type"]))
    if line.kind == custody.CLEANED:
        if data["withheld"]:
            return label("withheld", str(data["withheld"]))
        gone = removed(data["removed"]) or label("custody", "nothing")
        return label("custody", "cleaned_detail").format(removed=gone, tool=data["tool"])
    return ""

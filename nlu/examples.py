"""Training and test sentences, read from Rasa's NLU YAML (version 3.1).

One set of files serves both engines. The intent may carry a code after a slash (`report_fraud/F01`);
further codes of one sentence stand in its metadata: `codes: [F01, F18]`, the one pressed hardest first.
A block's metadata names the hand that wrote it: `hand: g`, so that models can be tried across writers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\(([^)]*)\)|\{([^}]*)\})")
_ENTITY = re.compile(r"\"?entity\"?\s*:\s*\"?(\w+)")
_CODE = re.compile(r"[FX]\d\d")


class BadData(ValueError):
    """A data file is not Rasa NLU YAML; mend the file that is named."""


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence with its labels and the file it came from."""

    text: str
    intent: str
    codes: tuple[str, ...]
    source: str
    hand: str = ""
    """Who wrote it; nothing where the block does not say."""
    marked: tuple[str, ...] = ()
    """The kinds of entity that are annotated in it."""


def packaged() -> Path:
    """The folder of the sentences that come with the project."""
    return Path(__file__).parent / "data"


def files(place: Path) -> list[Path]:
    """Every YAML file at `place`, a folder or one file, in a fixed order."""
    return sorted([*place.rglob("*.yml"), *place.rglob("*.yaml")]) if place.is_dir() else [place]


def read(place: Path) -> list[Example]:
    """All examples at `place`, in the order of the files and their lines."""
    return [example for path in files(place) for example in _read_file(path)]


def _read_file(path: Path) -> Iterator[Example]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with path.open(encoding="utf-8") as stream:
            content = yaml.load(stream, Loader=loader)  # noqa: S506 — a safe loader, in C where there is one
    except yaml.YAMLError as error:
        raise BadData(f"{path}: {error}") from error
    if not isinstance(content, dict):
        raise BadData(f"{path}: not a mapping with the key nlu")
    for block in content.get("nlu") or ():
        if "intent" in block:
            yield from _read_block(block, path)


def _read_block(block: dict[str, Any], path: Path) -> Iterator[Example]:
    intent, _, detail = str(block["intent"]).partition("/")
    own = (detail,) if _CODE.fullmatch(detail) else ()
    hand = str((block.get("metadata") or {}).get("hand", ""))
    for text, metadata in _sentences(block.get("examples"), path):
        codes = tuple(str(code) for code in metadata.get("codes", own))
        marked = tuple(_kind(*found) for found in _ANNOTATION.findall(text))
        yield Example(_ANNOTATION.sub(r"\1", text), intent, codes, str(path), hand, marked)


def _kind(_: str, plain: str, detailed: str) -> str:
    """The kind in `[…](kind)` or `[…]{"entity": "kind", …}`; synonyms stand behind a colon."""
    found = _ENTITY.search(detailed)
    return found.group(1) if found else plain.partition(":")[0]


def _sentences(examples: object, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(examples, str):
        for line in examples.splitlines():
            if line.startswith("- "):
                yield line[2:].strip(), {}
    elif isinstance(examples, list):
        for example in examples:
            yield str(example["text"]).strip().removeprefix("- "), dict(example.get("metadata") or {})
    else:
        raise BadData(f"{path}: examples are missing")

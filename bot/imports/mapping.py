"""The mapping: which column is which field, how values and dates are written, what stands for all rows.

It is a TOML file that a bureau keeps for each source; two are packaged. Whatever is wrong in it is said before the
first row is read.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.imports.words import say, table
from bot.web.fields import fields_of

ANY = "*"
PACKAGED = "mappings"
_BRACKETED = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_SIGNS = re.compile(r"[\s*:：_]+")

Column = Annotated[str, Field(min_length=1, max_length=200)]


class MappingRefused(ValueError):
    """The mapping cannot be used; the sentence says where and why."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(say("mapping", key, **values))


class Where(BaseModel):
    """Where in the file the table begins."""

    model_config = ConfigDict(extra="forbid")

    sheet: str | None = None
    header: int | None = Field(None, ge=1, le=200, description="Row of the headings; found by itself otherwise.")
    levels: int = Field(1, ge=1, le=3, description="Rows of a heading that spans several, the last of them counted.")


class TableMapping(BaseModel):
    """A mapping as it stands in its file."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    source: Annotated[str, Field(min_length=1, max_length=60)]
    table: Where = Where()
    columns: dict[str, Column | list[Column]]
    constants: dict[str, str] = {}
    otherwise: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    dates: list[str] = []
    skip: dict[str, list[str]] = {}

    def of(self, field: str) -> tuple[str, ...]:
        """The columns that fill a field, in order."""
        found = self.columns.get(field, ())
        return (found,) if isinstance(found, str) else tuple(found)

    def all_columns(self) -> tuple[str, ...]:
        """Every column that is named, each once."""
        named = [column for field in self.columns for column in self.of(field)]
        return tuple(dict.fromkeys([*named, *self.skip]))

    def needed_columns(self) -> list[tuple[str, ...]]:
        """For each field that must be there the columns of which one must."""
        fields = table("fields.toml")[self.kind]
        return [self.of(name) for name, about in fields.items() if about.get("need")]

    def value(self, field: str, given: str) -> str | None:
        """What a cell means; None where the mapping has values for the field, but not this one."""
        known = self.values.get(field)
        if known is None or not given:
            return given
        return known.get(given, known.get(ANY))


def load(path: Path, kind: str) -> TableMapping:
    """The mapping in a file; raises MappingRefused with the place at fault."""
    try:
        return parse(path.read_text("utf-8-sig"), kind)
    except UnicodeDecodeError as broken:
        raise MappingRefused("toml", reason="UTF-8") from broken


def packaged(name: str) -> Path | None:
    """The file of a mapping that comes with the program, by its short name such as 12345."""
    with resources.as_file(resources.files("bot.imports").joinpath(PACKAGED, f"{name}.toml")) as path:
        return path if re.fullmatch(r"[\w-]+", name) and path.is_file() else None


def packaged_names() -> list[str]:
    """The short names of the packaged mappings."""
    return sorted(one.name.removesuffix(".toml") for one in resources.files("bot.imports").joinpath(PACKAGED).iterdir())


def kinds() -> list[str]:
    """What can be imported."""
    return [name for name in table("fields.toml") if name not in {"dates", "words"}]


def parse(text: str, kind: str) -> TableMapping:
    """A mapping from its text."""
    try:
        raw = tomllib.loads(text)
        found = TableMapping.model_validate(raw)
    except tomllib.TOMLDecodeError as broken:
        raise MappingRefused("toml", reason=broken) from None
    except ValidationError as invalid:
        where, reason = next(iter(fields_of(invalid.errors()).items()))
        raise MappingRefused("invalid", where=where, reason=reason) from None
    _check(found, kind)
    return found


def _check(found: TableMapping, kind: str) -> None:
    if found.kind != kind or kind not in kinds():
        raise MappingRefused("other_kind", found=found.kind, wanted=kind)
    fields = table("fields.toml")[kind]
    for field in (*found.columns, *found.constants, *found.otherwise, *found.values):
        if field not in fields:
            raise MappingRefused("unknown_field", field=field, known="、".join(fields))
    missing = [name for name, about in fields.items() if about.get("need") and not found.of(name)]
    if missing:
        raise MappingRefused("needed", fields="、".join(missing))
    for field, about in fields.items():
        meant = [
            *found.values.get(field, {}).values(),
            *(part[field] for part in (found.constants, found.otherwise) if field in part),
        ]
        for value in meant:
            if value and value not in about.get("allowed", [value]):
                raise MappingRefused("allowed", field=field, value=value, allowed="、".join(about["allowed"]))
    for written in found.dates:
        try:
            datetime.strptime(datetime(2026, 9, 18).strftime(written), written)  # noqa: DTZ001, DTZ007 — only a trial
        except ValueError:
            raise MappingRefused("date_format", format=written) from None


def plain(heading: str) -> str:
    """A heading as it is compared: half-width, without blanks, stars, colons and what stands in brackets."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return _SIGNS.sub("", _BRACKETED.sub("", folded)) or _SIGNS.sub("", folded)


def propose(headings: Sequence[str], kind: str) -> dict[str, list[str]]:
    """Which heading is most likely which field: those of the synonyms that are there, in the synonyms' order."""
    there: dict[str, str] = {}
    for heading in headings:
        if heading:
            there.setdefault(plain(heading), heading)
    taken: set[str] = set()
    found: dict[str, list[str]] = {}
    for field, about in table("fields.toml")[kind].items():
        named = [there[key] for name in about["names"] if (key := plain(name)) in there and there[key] not in taken]
        if named:
            found[field] = named if field in {"text", "received_at"} else named[:1]
            taken.update(found[field])
    return found


def written(source: str, kind: str, found: Mapping[str, Iterable[str]], headings: Iterable[str]) -> str:
    """A proposed mapping as TOML, with a remark on every field and on the columns that nothing uses."""
    fields = table("fields.toml")[kind]
    used = {column for columns in found.values() for column in columns}
    lines = [f'kind = "{kind}"', f"source = {_quoted(source)}", "", "[columns]"]
    for field, about in fields.items():
        note = f"# {about['title']}：{about['about']}"
        columns = [_quoted(one) for one in found.get(field, ())]
        value = columns[0] if len(columns) == 1 else f"[{', '.join(columns)}]"
        lines += [note, f"{field} = {value}" if columns else f"# {field} = "]
    for field, about in fields.items():
        if field in found and "values" in about:
            pairs = (f"{_quoted(given)} = {_quoted(meant)}" for given, meant in about["values"].items())
            lines += ["", f"[values.{field}]", *pairs]
    spare = [heading for heading in headings if heading and heading not in used]
    lines += ["", say("mapping", "spare", columns="、".join(spare))] if spare else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON writes the same."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

"""Writes the generated pages of `docs/reference/` and the READMEs' conversation anew: `make docs`.

A page that is made from the code or the law tables cannot lie about them; `tests/test_docs.py` fails when one is stale.
"""

from __future__ import annotations

import ast
import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import SecretStr

from bot.cli import cli
from bot.imports.mapping import kinds, packaged_names
from bot.settings import Settings
from bot.web.openapi import schema
from nlu import rasa_export, taxonomy
from routing import states
from routing.hours import Hours, Window
from routing.ladder import Ladder, Rung
from routing.lives import Move, life, names
from routing.wording import phrases, snake
from tests import access_page, conversation, law_page

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
LAW = ROOT / "routing" / "law"
READMES = ("README.md", "README.zh-CN.md")
ROOMS = ("bot", "routing", "intake", "nlu")


def head(title: str, source: str) -> list[str]:
    """The opening of a generated page."""
    return [f"# {title}", "", f"Generated from {source} by `make docs`; edit that, never this page.", ""]


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A Markdown table, and an empty line after it."""
    names = list(columns)
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for row in rows:
        cells = (str(cell).replace("|", "\\|").replace("\n", " ").strip() for cell in row)
        yield "| " + " | ".join(cells) + " |"
    yield ""


def page(lines: Iterable[str]) -> str:
    """The lines as one text with one newline at its end."""
    return "\n".join(lines).rstrip() + "\n"


def settings() -> str:
    """Every setting of the service with its default."""
    prefix = str(Settings.model_config["env_prefix"])
    rows = [
        (f"`{prefix}{name.upper()}`", _kind(field.annotation), _default(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    opening = (
        "The service reads them once, from the environment or from a file `.env` in the folder where it is started.",
        "Durations are written as ISO 8601 (`PT30M`) or as `HH:MM:SS`.",
        "",
    )
    columns = ("Variable", "Kind", "Default", "What it does")
    return page([*head("Settings", "`bot/settings.py`"), *opening, *table(columns, rows)])


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not NoneType]
    names = {SecretStr: "secret text", str: "text", int: "number", bool: "true or false", Path: "path"}
    return ", ".join(names.get(kind, "duration" if kind is timedelta else kind.__name__) for kind in kinds)


def _default(value: object) -> str:
    if value is None or value == "":
        return "—"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def commands() -> str:
    """Every command of `jianting` with its arguments and options."""
    group: Any = typer.main.get_command(cli)
    lines = head("Commands", "`bot/cli/`")
    lines += [
        "Inside a checkout the command is `.venv/bin/jianting`. Exit code 0: done; 2: the command or what it was given is",
        "wrong, and a sentence says why.",
        "",
    ]
    for name, command in sorted(leaves(group)):
        lines += [f"## `jianting {name}`", "", (command.help or "").strip(), ""]
        rows = [(f"`{_written(one)}`", "yes" if one.required else "", one.help or "") for one in command.params]
        if rows:
            lines += table(("Argument or option", "Needed", "What it is"), rows)
    return page(lines)


def leaves(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its whole name; a family such as `keys` is only the way to its own."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield before + name, command


def _written(one: Any) -> str:
    return ", ".join(one.opts) if one.opts[0].startswith("-") else one.name.upper()


def law() -> str:
    """The law book: every value and provision with its day, its source and how sure it is; the rules and the calendars."""
    return page([*head("Law values", "`routing/law/*.toml`"), *law_page.lines(table)])


def clocks() -> str:
    """Every kind of clock, what starts and stops it, and who is reminded when."""
    lines = head("Clocks", "`routing/law/clocks.toml`, `routing/life/*.toml` and `routing/ladder.toml`")
    lines += [
        "Where nothing is named under “started by”, no act starts the clock yet: it is only computed on request, with",
        "`jianting due KIND DATE`. How long each runs stands in [law values](law.md).",
        "",
    ]
    kinds = _read(LAW / "clocks.toml")
    rows = [
        (f"`{key}`", row["name"], row["starts"], _starters(key), _stoppers(key), row.get("extend_by", ""))
        for key, row in kinds.items()
    ]
    lines += table(("Kind", "Name", "Runs from", "Started by", "Stopped by", "Extended by"), rows)
    notes = [(f"`{key}`", row["exclude"]) for key, row in kinds.items() if "exclude" in row]
    lines += ["## What does not count", "", *table(("Kind", "Not counted"), notes)]
    lines += ["## Reminders", "", *table(("Stage", "When", "To whom"), map(_rung_row, Ladder.load().rungs()))]
    lines += ["## Hours", "", "From `routing/hours.toml`; outside of them a message waits for the next opening.", ""]
    lines += table(("Who", "Channel", "Days", "Hours"), map(_window_row, Hours.load().windows))
    lines += ["At once, whatever the hour: " + ", ".join(f"`{kind}`" for kind in sorted(Hours.load().urgent)) + ".", ""]
    return page(lines)


def _every_move() -> Mapping[str, Move]:
    return {verb: move for name in names() for verb, move in life(name).moves.items()}


def _starters(kind: str) -> str:
    filing = [f"receipt ({side})" for side, kinds in states.table()["filing"]["starts"].items() if kind in kinds]
    verbs = [
        f"`{verb}` ({', '.join(sides)})"
        for verb, move in _every_move().items()
        if (sides := [side for side, kinds in move.starts.items() if kind in kinds])
    ]
    return ", ".join([*filing, *verbs])


def _stoppers(kind: str) -> str:
    if not _starters(kind):
        return ""
    known = _every_move()
    return ", ".join(f"`{verb}`" for verb, move in known.items() if move.stops_clock(kind))


def _rung_row(rung: Rung) -> tuple[str, str, str]:
    many = f"{abs(rung.days)} working day{'s' if abs(rung.days) > 1 else ''}"
    when = f"{many} before" if rung.days < 0 else f"{many} after" if rung.days else "on the day"
    when = "the day after" if rung.next_day else when
    return (
        f"`{rung.stage}`",
        when + (f", then every {rung.every} working days" if rung.every else ""),
        ", ".join(rung.to),
    )


def _window_row(window: Window) -> tuple[str, ...]:
    hours = f"{window.first:%H:%M} to {window.last:%H:%M}" if window.first and window.last else "the whole day"
    days = "working days of the place" if window.days == "working" else "every day"
    return window.who, "any other" if window.channel == "*" else window.channel, days, hours


def moves() -> str:
    """The life of a case: its states, and who may do what from which."""
    lines = head("States and acts", "`routing/life/*.toml`")
    found = states.table()
    lines += table(("State", "People read"), ((f"`{key}`", name) for key, name in found["states"].items()))
    lines += ["## Acts of officers", "", *table(_MOVES, map(_move_row, states.moves().values()))]
    lines += ["## Acts of tellers", "", *table(_MOVES, map(_move_row, states.teller_moves().values()))]
    for own in map(life, names()[1:]):
        told = own.table["states"]
        lines += [f"## {own.table['page']['title']}", "", own.table["page"]["about"], ""]
        lines += table(("State", "People read"), ((f"`{key}`", name) for key, name in told.items()))
        lines += table(_MOVES, (_move_row(move, tuple(told)) for move in own.moves.values()))
    lines += ["## Grounds for declining", ""]
    reasons = ((f"`{code}`", name, states.remedy(code)) for code, name in states.decline_reasons().items())
    lines += table(("Ground", "People read", "What the teller can still do"), reasons)
    lines += ["## Outcomes", ""]
    return page([*lines, *table(("Outcome", "People read"), ((f"`{k}`", v) for k, v in states.outcomes().items()))])


_MOVES = ("Act", "People read", "By", "From", "To", "Needs")


def _move_row(move: Move, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    order = [state for state in known or states.table()["states"] if state in move.source]
    who = ", ".join(move.roles) or "teller"
    return f"`{move.verb}`", move.name, who, ", ".join(order), move.target or "stays", ", ".join(move.requires)


def errors() -> str:
    """Every error class with its meaning, and the sentence that people read where there is one."""
    lines = head("Errors", "the docstrings of the error classes and the sentences in the data files")
    said = phrases()["errors"]
    for room in ROOMS:
        rows = [
            (f"`{node.name}`", f"`{where}`", ast.get_docstring(node) or "", said.get(snake(node.name), ""))
            for where, node in error_classes(room)
        ]
        if rows:
            lines += [f"## {room}", "", *table(("Error", "Where", "Meaning", "People read"), rows)]
    answers = _read(ROOT / "bot" / "web" / "sentences.toml")["refused"]
    lines += ["## Codes of the HTTP interface", "", "Every refusal is `{code, message, fields}`.", ""]
    return page([*lines, *table(("Code", "People read"), ((f"`{code}`", text) for code, text in answers.items()))])


def error_classes(room: str) -> Iterator[tuple[str, ast.ClassDef]]:
    """The public classes of a room that derive from Exception, with the file in which they stand."""
    found = [
        (str(file.relative_to(ROOT)), node)
        for file in sorted((ROOT / room).rglob("*.py"))
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    errors = {"Exception", "RuntimeError", "ValueError", "DeskError", "IntakeError"}
    while more := {node.name for _, node in found if not errors.isdisjoint(map(ast.unparse, node.bases))} - errors:
        errors |= more
    return ((where, node) for where, node in found if not errors.isdisjoint(map(ast.unparse, node.bases)))


MAPPING_KEYS = (
    ("`kind`", "what the table holds: the name of a section below"),
    ("`source`", "whose numbers they are; one number of one source is filed once. At most 60 characters"),
    ("`[table] sheet`", "sheet of a workbook; default: the first visible one that holds anything"),
    ("`[table] header`", "row of the headings; default: found within the first 30 rows"),
    ("`[table] levels`", "rows of merged headings; a column is then named `upper/lower`, or by its lower part alone"),
    ("`[columns] FIELD`", "a heading, or a list: `text` joins them, every other field takes the first that is filled"),
    ("`[constants] FIELD`", "one value for every row, whatever the columns say"),
    ("`[otherwise] FIELD`", "the value where the columns are empty; for `side` also the text is heard before"),
    ("`[values.FIELD]`", 'what each value of the column means; `"*"` is any other; an unknown value is refused'),
    ("`dates`", "formats of `strptime`, tried before the common ways to write a date"),
    ("`[skip] COLUMN`", "a list of values: rows that bear one are passed over"),
)


def mapping() -> str:
    """Every key of a mapping file, and every field that a table can be mapped to."""
    fields = _read(ROOT / "bot" / "imports" / "fields.toml")
    lines = head("Mapping files", "`bot/imports/fields.toml` and `tests/generate.py`")
    lines += [
        "A mapping says which column of a table is which field. `jianting import mapping FILE` proposes one; how to use it",
        "stands in [成批导入](../how-to/import.md). Headings are compared without blanks, stars, colons and remarks in",
        "brackets. Packaged: " + ", ".join(f"`{name}`" for name in packaged_names()) + ".",
        "",
        *table(("Key", "What it is"), MAPPING_KEYS),
    ]
    for kind in kinds():
        rows = [
            (f"`{name}`", about["title"], "yes" if about.get("need") else "", about["about"], "、".join(about["names"]))
            for name, about in fields[kind].items()
        ]
        lines += [f"## `{kind}`", "", *table(("Field", "中文", "Needed", "What it is", "Known headings"), rows)]
    return page(lines)


def access() -> str:
    """Who may see what: role by object and field."""
    return page(
        [*head("Who may see what", "`intake/access.toml` and `routing/unmasking.toml`"), *access_page.lines(table)]
    )


def openapi() -> str:
    """The schema of the HTTP interface."""
    return json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings,
    "commands.md": commands,
    "law.md": law,
    "clocks.md": clocks,
    "moves.md": moves,
    "errors.md": errors,
    "access.md": access,
    "categories.md": taxonomy.reference,
    "mapping.md": mapping,
    "openapi.json": openapi,
}


def main() -> None:
    """Write every page that differs from what lies there."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        text, file = make(), REFERENCE / name
        if not file.exists() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8")
            sys.stdout.write(f"written: {file.relative_to(ROOT)}\n")
    for name, text in rasa_export.kept().items():
        file = rasa_export.PROJECT / name
        if not file.exists() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8")
            sys.stdout.write(f"written: {file.relative_to(ROOT)}\n")
    for file in conversation.refresh([ROOT / name for name in READMES], ROOT / ".venv" / "model"):
        sys.stdout.write(f"written: {file.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()

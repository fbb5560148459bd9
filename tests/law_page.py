"""The page of the law book: values, provisions, what is left out, rules of jurisdiction, calendars."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nlu import places
from routing.lawbook import LAW_FILES, NATION
from routing.provisions import Provision, left_out, provisions

LAW = Path(__file__).parent.parent / "routing" / "law"
Table = Callable[[Iterable[str], Iterable[Iterable[object]]], Iterable[str]]

MARKS = {
    "V": "read in the primary text",
    "v": "seen in a secondary page only",
    "S": "stands in a policy paper that the project implements",
    "M": "not verified",
    "D": "a default of this project, without a legal source",
}


def lines(table: Table) -> list[str]:
    """The page, line by line."""
    lines: list[str] = [
        "A value is never edited: a new one is added below with the day from which it holds, and an old case keeps the",
        "old law. A value for a division wins over the nation's; a bureau's own files in `law/` of its data folder win",
        "over both. Marks: " + "; ".join(f"**{mark}** {meaning}" for mark, meaning in MARKS.items()) + ".",
        "A value that is not verified is shown to staff with a remark.",
        "",
    ]
    for file in LAW_FILES:
        lines += [f"## `{file}`", "", *table(_VALUES, (_value_row(row) for row in _read(LAW / file)["value"]))]
    lines += [
        "## What else the law obliges, and what keeps it",
        "",
        "From `routing/law/provisions/`. A test reads the rules of the domain row by row and finds each one above, here,",
        "among the [categories](categories.md), or below among what is left out.",
        "",
        *table(_PROVISIONS, map(_provision_row, provisions().values())),
        "## What is left out, and why",
        "",
        "From `routing/law/left_out.toml`.",
        "",
        *table(
            ("Rule", "What it says", "Source", "Mark", "Why it is left out"),
            ((f"`{one.key}`", one.says, one.citation, one.mark, one.reason) for one in left_out().values()),
        ),
    ]
    lines += ["## Schemes of rewards", "", "How they are written and added to: [举报奖励](../how-to/rewards.md).", ""]
    lines += table(_SCHEMES, map(_scheme_row, _read(LAW / "reward_schemes.toml")["scheme"]))
    lines += ["## Conditions of a reward", "", "Each is asked; what is not known stays open, and a person decides.", ""]
    rules = _read(LAW / "reward_rules.toml")["rule"]
    asked = ((f"`{one['id']}`", f"`{one['fact']}`", one["name"], one["paper"], one["mark"]) for one in rules)
    lines += table(("Rule", "Fact", "What must be so", "Source", "Mark"), asked)
    lines += ["## What a bureau may not loosen", "", "From `routing/law/bounds.toml`.", ""]
    lines += table(
        ("Bound", "Keys"),
        ((may, ", ".join(f"`{key}`" for key in keys)) for may, keys in _read(LAW / "bounds.toml").items()),
    )
    lines += ["## Rules of jurisdiction", "", "Read from the top; the first that fits decides.", ""]
    rules = _read(LAW / "jurisdiction.toml")["rule"]
    lines += table(("Rule", "Holds when", "Goes to", "Basis", "Verified"), map(_rule_row, rules))
    lines += ["## Calendars", "", "A year without a paper is reckoned provisionally, and the derivation says so.", ""]
    years = [year for file in sorted((LAW / "calendar").glob("[0-9]*.toml")) for year in _calendar_rows(_read(file))]
    return [*lines, *table(("Year", "Paper", "Number", "Of"), years)]


_PROVISIONS = ("Rule", "From", "Where", "What it says", "Source", "Mark", "Verified", "Kept by")


def _provision_row(one: Provision) -> tuple[object, ...]:
    doubt = f" {one.doubt}" if one.doubt else ""
    kept = ", ".join(f"`{kept}`" for kept in one.kept_by)
    sure = "yes" if one.verified else f"no.{doubt}"
    return f"`{one.key}`", one.since, _where(one.layer), one.says, one.citation, one.mark, sure, kept


def _where(layer: str) -> str:
    found = places.by_code(layer)
    return f"{found.full_name} ({found.code})" if found else layer


_SCHEMES = ("Key", "From", "Until", "Where", "Rates", "At least", "At most", "Source", "Mark")


def _scheme_row(row: Mapping[str, Any]) -> tuple[object, ...]:
    key = f"`{row['key']}`" + (" (example)" if row.get("example") else "")
    rates = "; ".join(_rate(rate) for rate in row.get("rate", ())) or "none known"
    how = "progressive: " if row.get("how") == "progressive" and row.get("rate") else ""
    where, sums = _where(row.get("place", NATION)), (row.get("floor", ""), row.get("cap", ""))
    source = f"{row['paper']}{row.get('article', '')}"
    return key, row["from"], row.get("until", ""), where, how + rates, *sums, source, row["mark"]


def _rate(rate: Mapping[str, Any]) -> str:
    told = [f"grade {rate['grade']}"] if "grade" in rate else []
    told += [rate["accused"]] if "accused" in rate else []
    told += [f"up to {rate['up_to']:,}"] if "up_to" in rate else []
    plus = f" + {rate['plus']}" if "plus" in rate else ""
    least = f", at least {rate['floor']}" if "floor" in rate else ""
    return " ".join([*told, f"{rate['percent']}%"]) + plus + least


_VALUES = ("Key", "From", "Value", "Where", "Source", "Mark")


def _value_row(row: Mapping[str, Any]) -> tuple[object, ...]:
    where = _where(row.get("place", NATION))
    length = f"{row['value']} {row['unit'].replace('_', ' ')}" + ("s" if row["value"] > 1 else "")
    return f"`{row['key']}`", row["from"], length, where, f"{row['paper']}{row.get('article', '')}", row["mark"]


def _rule_row(rule: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"`{rule['id']}`",
        f"`{rule['when']}`",
        f"`{rule['to']}`",
        rule["citation"],
        "yes" if rule["verified"] else "no",
    )


def _calendar_rows(year: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for paper in year["papers"]:
        yield year["year"], f"《{paper['title']}》", paper.get("number", ""), paper.get("date", "")


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))

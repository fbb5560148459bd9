"""Commands of the law book: what holds when and where, what is wrong with it, what a reward would be."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from bot.cli.frame import cli, opened, told

law = typer.Typer(help="The law book: show a value, check the tables.", no_args_is_help=True)
cli.add_typer(law, name="law")

Day = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day on which it is to hold; default: today.")
]
Place = Annotated[str | None, typer.Option(help="Division code of the region, such as 621021.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


@law.command()
def show(
    key: Annotated[
        str,
        typer.Argument(
            help="A key, such as clue_verify, PN-06, hefei, reward_scheme, F01, 2026, or its Chinese name; all: docs/reference/law.md."
        ),
    ],
    on: Day = None,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """Print an entry of the law book: from which layer it comes, since when, on what it rests, what held before."""
    from bot.settings import Settings
    from routing.authorities import default_authority
    from routing.lawlook import look
    from routing.rules import Rules

    with told():
        if place is not None:
            default_authority(place)
        found = look(key, _day(on), place, Rules.load(Settings().data_folder))
    typer.echo(_json(dict(found.data)) if as_json else "\n".join(found.lines))


@law.command()
def check() -> None:
    """Look for holes, overlaps and missing citations, and list what is not verified; exit code 1 if one is grave."""
    from bot.settings import Settings
    from routing.lawcheck import check as faults
    from routing.rewards import RewardLaw
    from routing.rules import Rules

    with told():
        folder = Settings().data_folder
        rules = Rules.load(folder)
        found = faults(rules.law, RewardLaw.load(folder / "law"), rules.calendar)
    for one in found:
        typer.echo(f"{'!' if one.grave else ' '} {one.kind}  {one.sentence}")
    raise typer.Exit(1 if any(one.grave for one in found) else 0)


@law.command(name="import-calendar")
def import_calendar(
    year: Annotated[str, typer.Argument(help="A year's calendar as TOML, or a year that this release brings.")],
) -> None:
    """Take in a year's days off and work out every provisional due date again, with an event and a notice for each."""
    from bot.calendars import take_in

    with opened() as app:
        typer.echo(take_in(app, year, datetime.now(UTC)))


@cli.command()
def reward(
    value: Annotated[str, typer.Argument(help="Loss of the fund that was found, in yuan; - where it cannot be told.")],
    on: Day = None,
    place: Place = None,
    grade: Annotated[int | None, typer.Option(help="Grade of the report: 1, 2 or 3.")] = None,
    accused: Annotated[str | None, typer.Option(help="unit or individual.")] = None,
    insider: Annotated[bool, typer.Option("--insider", help="The reporter works or worked there.")] = False,
    competitor: Annotated[bool, typer.Option("--competitor", help="The reporter is in the same trade.")] = False,
    scheme: Annotated[str | None, typer.Option(help="Key of a scheme, instead of place and day.")] = None,
    as_json: AsJson = False,
) -> None:
    """Work out a reward by the law of a day and a place, step by step; a person decides, this only counts."""
    from bot.settings import Settings
    from routing.rewards import Matter, RewardLaw, amount

    with told():
        book = RewardLaw.load(Settings().data_folder / "law")
        schemes = (book.named(scheme),) if scheme else book.at(place, _day(on))
        kinds = frozenset(kind for kind, given in (("insider", insider), ("competitor", competitor)) if given)
        if accused not in {None, "unit", "individual"}:
            raise ValueError("--accused is unit or individual.")
        found = amount(Matter(_yuan(value), grade, accused, kinds), schemes)  # type: ignore[arg-type]
    if as_json:
        told_so = {"yuan": str(found.yuan), "steps": found.steps, "citations": found.citations}
        typer.echo(_json({**told_so, "schemes": found.schemes, "verified": found.verified}))
        return
    typer.echo(found.prose)


def _json(found: dict[str, object]) -> str:
    return json.dumps(found, ensure_ascii=False, indent=2)


def _day(on: datetime | None) -> date:
    from routing.rules import legal_day

    return on.date() if on is not None else legal_day(datetime.now(UTC))


def _yuan(text: str) -> Decimal | None:
    """The sum; ValueError for what is none."""
    if text == "-":
        return None
    try:
        yuan = Decimal(text)
    except InvalidOperation as wrong:
        raise ValueError(f"{text} is not a sum in yuan.") from wrong
    if not yuan.is_finite() or yuan < 0:
        raise ValueError(f"{text} is not a sum in yuan.")
    return yuan

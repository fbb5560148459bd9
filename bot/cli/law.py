"""Commands of the law book: what holds when and where, what is wrong with it, what a reward would be."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.frame import cli, opened, told

if TYPE_CHECKING:
    from routing.lawbook import LawValue

law = typer.Typer(help="The law book: show a value, check the tables.", no_args_is_help=True)
cli.add_typer(law, name="law")

Day = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day on which it is to hold; default: today.")
]
Place = Annotated[str | None, typer.Option(help="Division code of the region, such as 621021.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


@law.command()
def show(
    key: Annotated[str, typer.Argument(help="Such as clue_verify or case_decide.extend1; all: docs/reference/law.md.")],
    on: Day = None,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """Print a value of the law book: from which layer it comes, since when, on what it rests, what held before."""
    from bot.settings import Settings
    from routing.authorities import default_authority
    from routing.lawbook import LawBook

    with told():
        if place is not None:
            default_authority(place)
        book = LawBook.load(Settings().data_folder / "law")
        found = book.value(key, _day(on), place)
        former = [value for value in book.history(key, place) if value is not found and value.since <= _day(on)]
    if as_json:
        typer.echo(_json({"key": key, **_data(found), "former": [_data(one) for one in former]}))
        return
    typer.echo("\n".join(_prose(found, former)))


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


def _data(value: LawValue) -> dict[str, object]:
    return {
        "value": value.value,
        "unit": value.unit,
        "from": value.since.isoformat(),
        "layer": value.layer,
        "own": value.own,
        "citation": value.citation,
        "verified": value.verified,
    }


def _prose(found: LawValue, former: list[LawValue]) -> list[str]:
    from routing.wording import say

    lines = [say("lawshow.value", **_told(found)), say("lawshow.citation", citation=found.citation)]
    if not found.verified:
        lines.append(say("lawshow.unverified"))
    return lines + [say("lawshow.former", **_told(value)) for value in former]


def _told(value: LawValue) -> dict[str, object]:
    from routing.wording import say

    unit = say(f"lawshow.units.{value.unit}")
    return {"value": value.value, "unit": unit, "since": value.since.isoformat(), "layer": _layer(value)}


def _layer(value: LawValue) -> str:
    """The layer in words: the nation, a division by its name, or the bureau itself."""
    from routing.lawbook import NATION
    from routing.wording import say

    if value.own:
        return say("lawshow.own")
    return say("lawshow.nation") if value.layer == NATION else _division(value.layer)


def _division(code: str) -> str:
    """A division by its name, or by its code where no name is known."""
    from nlu import places

    place = places.by_code(code)
    return place.name if place is not None else code

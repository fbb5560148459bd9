"""Commands that run the service, or one turn of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from bot.cli.frame import cli, open_app, opened, told


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Listen here instead of the setting.")] = None,
    port: Annotated[int | None, typer.Option(help="Port instead of the setting.")] = None,
) -> None:
    """Serve chat, receipts, desk, API, and Telegram where a token is configured."""
    from bot.service import run

    app = open_app()
    run(app, host or app.settings.host, port or app.settings.port)


@cli.command()
def chat() -> None:
    """Talk in the terminal."""
    from bot.channels.console import run

    with opened() as app:
        run(app)


@cli.command()
def demo() -> None:
    """Fill an empty ledger with invented institutions, staff and cases, and print how to sign in."""
    from bot.demo import report_of

    with opened() as app:
        report_of(app, datetime.now(UTC), Console())


@cli.command()
def sweep() -> None:
    """Look at all due clocks once, write the reminders, and link what waits; prints how many."""
    from bot.clock import run_once
    from bot.sealing import seal

    with opened() as app:
        done = run_once(app, datetime.now(UTC))
        seal(app, datetime.now(UTC), whole=True)
    typer.echo(f"clocks: {done.clocks}  notices: {done.notices}  nobody to tell: {done.unheard}")


@cli.command()
def due(
    kind: Annotated[
        str, typer.Argument(help="clue_verify …, or its Chinese name; all of them: docs/reference/clocks.md.")
    ],
    start: Annotated[
        datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day of the starting event, as 2026-03-01.")
    ],
    place: Annotated[str | None, typer.Option(help="Division code of the region, such as 621021.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Print a due date with its derivation: days counted, days skipped, calendar paper, law."""
    from bot.settings import Settings
    from routing.authorities import default_authority
    from routing.lawlook import clock_named
    from routing.rules import Rules

    with told():
        if place is not None:
            default_authority(place)  # an unknown place is said to be unknown
        rules = Rules.load(Settings().data_folder)
        found = rules.due(clock_named(kind, rules), start.date(), place=place)
    typer.echo(json.dumps(found.as_data(), ensure_ascii=False, indent=2) if as_json else found.prose)

"""Commands about the same matter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cli.frame import bars, cli, opened


@cli.command()
def rematch(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was received from this day on.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be suggested.")] = False,
) -> None:
    """Compare the whole history again and suggest to officers what may be one matter; merges nothing.

    A run that was stopped goes on where it stopped.
    """
    from bot import rematching
    from bot.lines import CHINA

    start = since.replace(tzinfo=CHINA) if since else None
    with opened() as app, bars() as progress:
        run = rematching.count if dry_run else rematching.write
        looked, found = run(app.database, start, datetime.now(UTC), progress)
    typer.echo(f"reports: {looked}  {'would suggest' if dry_run else 'suggested'}: {found}")

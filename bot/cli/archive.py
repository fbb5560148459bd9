"""The command that writes one case as one file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import cli, told


@cli.command()
def archive(
    case: Annotated[str, typer.Argument(help="Number of the case.")],
    out: Annotated[Path, typer.Option(help="The ZIP file to write; it must not exist yet.")],
) -> None:
    """Write one case as one file: index, papers, history, clocks, evidence list, manifest of hashes; no identity."""
    from bot.archive import of_number
    from bot.keeping import keeping
    from bot.settings import Settings
    from routing.rules import Rules

    now = datetime.now(UTC)
    with told(), keeping(Settings(), now) as kept, out.open("xb") as file:
        rules = Rules.load(kept.settings.data_folder)
        try:
            with kept.database.transaction() as session:
                made = of_number(session, case, rules=rules, vault=kept.vault, now=now)
                file.write(made.content)
        except BaseException:
            out.unlink()
            raise
    typer.echo(f"files: {made.files}  manifest SM3: {made.sm3}")

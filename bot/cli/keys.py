"""Commands for whoever keeps the keys: make a master key, list and rotate data keys, move them under a new master."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from bot.cli.frame import cli, refuse, screen, told

if TYPE_CHECKING:
    from bot.settings import Settings
    from intake.db import Database

keys = typer.Typer(help="Keys: the master key outside the ledger, the data keys in it.", no_args_is_help=True)
cli.add_typer(keys, name="keys")


@contextmanager
def _ledger() -> Iterator[tuple[Settings, Database]]:
    """Settings and ledger without the rest of the service; what is refused becomes a sentence."""
    from bot.settings import Settings
    from intake.db import Database
    from intake.schema import migrate
    from intake.witness import Witness

    with told():
        settings = Settings()
        database = Database(settings.database(), Witness.open(settings.proof_key()))
        try:
            migrate(database)
            yield settings, database
        finally:
            database.close()


@keys.command()
def make(file: Annotated[Path, typer.Argument(help="The new file; it must not exist yet.")]) -> None:
    """Make a new master key in a file that only its owner reads; prints its mark, never the key."""
    from bot.keys import make_file

    if file.exists():
        refuse(f"{file} exists already: a master key is never overwritten.")
    with told():
        typer.echo(make_file(file).mark)


@keys.command(name="list")
def list_keys() -> None:
    """Show the data keys, after opening each with the master key: purpose, algorithm, since when, until when."""
    from bot import keys as ring
    from intake import keyring

    with _ledger() as (settings, database), database.reading() as session:
        keyring.read(session, ring.master_key(settings, may_make=False))
        rows = keyring.rows(session)
    shown = Table("key", "purpose", "algorithm", "made", "retired", "master")
    for row in rows:
        retired = f"{row.retired_at:%Y-%m-%d %H:%M}" if row.retired_at else ""
        made = f"{row.made_at:%Y-%m-%d %H:%M}"
        shown.add_row(str(row.id), row.purpose, row.algorithm, made, retired, row.master)
    type(screen)(width=100).print(shown)


@keys.command()
def rotate(
    purpose: Annotated[
        list[str] | None, typer.Option(help="identity, text, evidence, letters, …; again for more. Default: all.")
    ] = None,
) -> None:
    """Make new data keys for what is sealed from now on; nothing is rewritten, old values still open."""
    from bot import keys as ring

    with _ledger() as (settings, database):
        typer.echo(ring.rotate(settings, database, purpose or (), datetime.now(UTC)))


@keys.command()
def rewrap(
    new_file: Annotated[Path | None, typer.Option(help="File of the new master key.")] = None,
    new_command: Annotated[str | None, typer.Option(help="Command that prints the new master key.")] = None,
) -> None:
    """Move all data keys under a new master key, all or none; without an option it is taken from JIANTING_NEW_KEY.

    The settings still name the old one; change them afterwards and start the service anew.
    """
    from bot import keys as ring

    with _ledger() as (settings, database):
        given = [one for one in (new_file, new_command, settings.new_key) if one]
        if len(given) != 1:
            refuse("Say exactly one new master key: --new-file, --new-command, or JIANTING_NEW_KEY.")
        if new_file:
            new = ring.from_file(new_file, private=settings.mode == "service")
        elif new_command:
            new = ring.from_command(new_command)
        else:
            assert settings.new_key
            new = ring.from_text(settings.new_key, "JIANTING_NEW_KEY")
        count = ring.rewrap(settings, database, new, datetime.now(UTC))
    typer.echo(f"{count} data keys are under the master key {new.mark} now; the old one opens them no more.")

"""Commands for the data: what is over its time, a person's erasure, backup and restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.frame import bars, cli, screen, told

if TYPE_CHECKING:
    from bot.keeping import Kept, Restored


class Ground(StrEnum):
    """Why a person is erased: the grounds of Art. 47 of the Personal Information Protection Law."""

    purpose = "purpose"
    expired = "expired"
    consent = "consent"
    unlawful = "unlawful"
    other = "other"


@contextmanager
def _kept() -> Iterator[Kept]:
    """Database, key and files; what cannot be done is said in a sentence."""
    from bot.keeping import keeping
    from bot.settings import Settings

    with told(), keeping(Settings(), datetime.now(UTC)) as kept:
        yield kept


@cli.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would go.")] = False,
) -> None:
    """Delete or anonymise what is over its time, table by table; can be broken off and run again."""
    from bot import keeping

    now = datetime.now(UTC)
    with _kept() as kept:
        if dry_run:
            for one in keeping.expired(kept, now):
                oldest = f"{one.oldest:%Y-%m-%d}" if one.oldest else "-"
                rule = one.rule
                typer.echo(f"{rule.name:<12} {rule.table:<18} {rule.then:<7} {one.rows:>8}  {oldest:<10}  {rule.paper}")
            return
        with bars() as progress:
            done = keeping.dispose(kept, now, progress)
        for name, rows in done.items():
            typer.echo(f"{name:<12} {rows:>8}")
        _scrub(kept, needed=bool(done))


@cli.command()
def erase(
    number: Annotated[str, typer.Argument(help="Number of the report; a case bears that of its first report.")],
    reason: Annotated[Ground, typer.Option(help="The ground of PIPL Art. 47; no free words, they would be kept.")],
    whole_case: Annotated[bool, typer.Option("--whole-case", help="Every teller of the case.")] = False,
    files: Annotated[bool, typer.Option("--with-evidence", help="Also the files that the teller gave.")] = False,
    reward_settled: Annotated[
        bool, typer.Option("--reward-settled", help="The reward was paid or given up: it no longer stands in the way.")
    ] = False,
) -> None:
    """Erase who told (PIPL Art. 47): identity, original words, conversation; the case stays. Cannot be undone."""
    from bot import keeping

    with _kept() as kept:
        done = keeping.erase(
            kept,
            number,
            datetime.now(UTC),
            ground=reason.value,
            whole_case=whole_case,
            files=files,
            reward_settled=reward_settled,
        )
        typer.echo(f"erased: {done}")
        _scrub(kept, needed=True)


def _scrub(kept: Kept, *, needed: bool) -> None:
    """Overwrite what was freed; say so where somebody was reading."""
    from bot import keeping

    if needed and not keeping.scrubbed(kept):
        screen.print(
            "What was erased is gone from the tables, but old pages may still hold it: others were using the database. "
            "Stop the service and run the command `jianting scrub`.",
            style="yellow",
        )


@cli.command()
def scrub() -> None:
    """Write the database anew, without what was erased from it; `erase` and `retention` do it by themselves."""
    with _kept() as kept:
        _scrub(kept, needed=True)


@cli.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A folder of backups, or a new FILE.tar.")],
    verify: Annotated[bool, typer.Option("--verify", help="Take none: prove the newest one that lies there.")] = False,
    keep: Annotated[int, typer.Option(min=0, help="Keep only so many of the newest in the folder; 0: all.")] = 0,
) -> None:
    """Back up ledger and files while the service runs; the key is not in it, keep it elsewhere."""
    from bot import keeping

    if verify:
        with told(), bars() as progress:
            manifest = keeping.verify(target, progress)
        typer.echo(f"sound: {manifest.made_at}  rows: {sum(manifest.tables.values())}  files: {len(manifest.files)}")
        return
    with _kept() as kept, bars() as progress:
        taken = keeping.back_up(kept, target, datetime.now(UTC), keep=keep, progress=progress)
    manifest = taken.manifest
    typer.echo(f"rows: {sum(manifest.tables.values())}  files: {len(manifest.files)}  new: {taken.fresh}")
    screen.print("The sealing key is not in the backup: without it nobody, not even you, can open what was sealed.")


@cli.command()
def restore(
    source: Annotated[
        Path, typer.Argument(exists=True, help="A folder of backups (the newest), one backup, or a tar.")
    ],
    elsewhere: Annotated[
        list[Path] | None,
        typer.Option("--heads", exists=True, help="A copy of heads.jsonl kept elsewhere: is the backup older than it?"),
    ] = None,
) -> None:
    """Restore a backup into the empty place that the settings name; everything is proven first."""
    from bot import keeping
    from bot.settings import Settings

    settings = Settings()
    with told(), bars() as progress:
        done = keeping.restore(settings, source, progress, datetime.now(UTC), elsewhere or ())
    manifest = done.manifest
    typer.echo(f"restored: {manifest.made_at}  rows: {sum(manifest.tables.values())}  files: {len(manifest.files)}")
    _tell_age(done)
    if not done.keyed:
        screen.print(
            f"Put the sealing key at {settings.key_path()} before the service starts: it was not in the backup."
        )
    if not done.proof_keyed:
        screen.print(
            f"Put the key of the proof at {settings.proof_key()} as well: with a new one nothing would verify."
        )


def _tell_age(done: Restored) -> None:
    """What the heads outside say: nothing was signed after the backup, or what is missing since."""
    for path, found in done.against.items():
        if not found.lost:
            typer.echo(f"heads: {path.name} holds nothing that the restored ledger lacks")
            continue
        screen.print(
            f"The restored ledger is older than {path}: {found.lost} signed heads are missing, the last of {found.at}. "
            f"It reaches to position {found.has} of {found.upto}; what came in between is not in it.",
            style="yellow",
            soft_wrap=True,
        )
    if not done.against:
        screen.print(
            "There was no heads.jsonl outside the backup to compare with: whether it is the newest ledger is not known."
        )

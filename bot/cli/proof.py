"""The command that verifies: the ledger, one receipt, and what strangers are given to verify it themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.frame import bars, cli, opened

if TYPE_CHECKING:
    from intake.verification import Verdict


@cli.command()
def verify(
    receipt: Annotated[
        list[str] | None,
        typer.Option(help="Check this receipt only: a proof file, or a string jt1.…; may be repeated."),
    ] = None,
    export: Annotated[Path | None, typer.Option(help="Write the chain for strangers into this file.")] = None,
    public_key: Annotated[bool, typer.Option("--public-key", help="Print the public key, to be published.")] = False,
    files: Annotated[
        bool, typer.Option("--files/--no-files", help="Also open and hash every sealed file; takes as long as reading.")
    ] = True,
    elsewhere: Annotated[
        list[Path] | None,
        typer.Option("--heads", exists=True, help="Also compare with this copy of heads.jsonl; may be repeated."),
    ] = None,
    change_key: Annotated[
        bool,
        typer.Option("--change-key", help="Make a new signing key, announced by the old one; stop the service first."),
    ] = False,
) -> None:
    """Check ledger and sealed files against chain, heads and the file of heads; exit code 1 where anything changed."""
    from bot import sealing

    now = datetime.now(UTC)
    with opened() as app, bars() as progress:
        if change_key:
            typer.echo(sealing.change_key(app, now))
        elif public_key:
            typer.echo(sealing.witness_of(app).public)
        elif export is not None:
            typer.echo(f"links: {sealing.export(app, export, now, progress)}")
        elif receipt:
            for one in receipt:
                text = one if one.startswith("jt1.") else Path(one).read_text("utf-8")
                number, position, rank = sealing.check_receipt(app, text, now)
                typer.echo(f"{number}  position: {position}  report: {rank}")
        else:
            _tell(sealing.verify(app, now, progress, files=files, elsewhere=elsewhere or ()), files=files)


def _tell(verdict: Verdict, *, files: bool) -> None:
    """The verdict in sentences, findings first."""
    from bot.sealing import in_words

    for found in (*verdict.findings, *verdict.remarks):
        typer.echo(in_words(found))
    typer.echo(
        f"links: {verdict.links}  reports: {verdict.reports}  heads: {verdict.heads}  erased: {verdict.erased}  "
        f"files: {verdict.files if files else '-'}  findings: {len(verdict.findings)}  remarks: {len(verdict.remarks)}"
    )
    if not verdict.sound:
        raise typer.Exit(1)

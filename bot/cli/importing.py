"""Commands that bring tables in: a hotline's work orders, and the registries of a bureau."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.frame import bars, cli, opened, refuse, told

if TYPE_CHECKING:
    from bot.imports.mapping import TableMapping
    from bot.imports.reports import Summary, Wish

imports = typer.Typer(help="Bring tables in: work orders of a hotline, registries of the bureau.", no_args_is_help=True)
cli.add_typer(imports, name="import")

Table = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX.")]
Sheet = Annotated[
    str | None, typer.Option(help="Sheet of an XLSX; default: the first visible one that holds anything.")
]
Errors = Annotated[
    Path | None, typer.Option(help="File for the rows that were refused and why; default: beside the table.")
]
Dry = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]
Passwords = Annotated[Path | None, typer.Option(help="File for the new passwords; default: beside the table.")]
Chosen = Annotated[str | None, typer.Option("--mapping", help="Mapping file, or the name of a packaged one.")]


@imports.command(name="reports")
def reports(
    file: Table,
    mapping: Annotated[str, typer.Option(help="Mapping file, or the name of a packaged one: 12345, 12393.")],
    sheet: Sheet = None,
    errors: Errors = None,
    receipts: Annotated[
        Path | None, typer.Option(help="File for the receipts, which hold the query codes; none by default.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--restart", help="Go on where this file was broken off, or read it from the top.")
    ] = True,
    dry: Dry = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Read this many rows and stop; the next time goes on.")
    ] = None,
) -> None:
    """File every work order of a hotline's table; exit code 1 where rows were refused."""
    from bot.imports import reports as importing

    with told():
        chosen = _mapping(mapping, "reports")
    with opened() as app, bars() as progress:
        wish = importing.Wish(
            file, chosen, sheet, errors, receipts, resume=resume, dry=dry, limit=limit, workers=os.cpu_count() or 1
        )
        summary = importing.run(app, wish, progress)
    _tell(wish, summary)
    raise typer.Exit(1 if summary.counts["refused"] else 0)


@imports.command(name="mapping")
def propose(
    file: Table,
    kind: Annotated[str, typer.Option(help="What the table holds: reports, institutions, …")] = "reports",
    source: Annotated[str | None, typer.Option(help="Name of the source; default: the file's.")] = None,
    sheet: Sheet = None,
) -> None:
    """Propose a mapping for a table by its headings, on standard output, to be read and mended."""
    from bot.imports import heading, mapping, reading
    from bot.imports.words import say, table

    fields = table("fields.toml")
    if kind not in mapping.kinds():
        refuse(say("mapping", "other_kind", found="、".join(mapping.kinds()), wanted=kind))
    with told():
        known = [name for about in fields[kind].values() for name in about["names"]]
        names = heading.names_of(reading.rows(file, sheet), known)
        typer.echo(mapping.written(source or file.stem[:60], kind, mapping.propose(names, kind), names), nl=False)


@imports.command(name="institutions")
def institutions(
    file: Table, chosen: Chosen = None, sheet: Sheet = None, errors: Errors = None, dry: Dry = False
) -> None:
    """Institutions: name, former names, social credit code, kind, level, place, staff, beds."""
    _registry("institutions", file, chosen, sheet, errors, dry=dry)


@imports.command(name="authorities")
def authorities(
    file: Table, chosen: Chosen = None, sheet: Sheet = None, errors: Errors = None, dry: Dry = False
) -> None:
    """What differs from the default authorities: names, superiors, who stands in, offices with a code of their own.

    A running service takes it at its next start.
    """
    _registry("authorities", file, chosen, sheet, errors, dry=dry)


@imports.command(name="staff")
def staff(
    file: Table, chosen: Chosen = None, sheet: Sheet = None, errors: Errors = None, passwords: Passwords = None,
    dry: Dry = False,
) -> None:  # fmt: skip
    """Members of staff; those who are new get a password, written once into a file for its owner's eyes only."""
    _registry("staff", file, chosen, sheet, errors, passwords, dry=dry)


@imports.command(name="supervisors")
def supervisors(
    file: Table, chosen: Chosen = None, sheet: Sheet = None, errors: Errors = None, passwords: Passwords = None,
    dry: Dry = False,
) -> None:  # fmt: skip
    """Social supervisors with region, term and interests; the term is kept and listed, it ends no account by itself."""
    _registry("supervisors", file, chosen, sheet, errors, passwords, dry=dry)


@imports.command(name="inspections")
def inspections(
    file: Table, chosen: Chosen = None, sheet: Sheet = None, errors: Errors = None, dry: Dry = False
) -> None:
    """Inspections made, by organ and notice number; they are kept and listed, nothing is decided by them yet."""
    _registry("inspections", file, chosen, sheet, errors, dry=dry)


@cli.command(name="registry")
def registry(
    kind: Annotated[str, typer.Argument(help="institutions, authorities, supervisors or inspections.")],
    about: Annotated[str | None, typer.Option(help="Only this institution, by its name.")] = None,
) -> None:
    """List a registry, a line a row, its cells parted by tabs."""
    from bot.imports.registries import listed

    kinds = ("institutions", "authorities", "supervisors", "inspections")
    if kind not in kinds:
        refuse(f"There is no registry {kind}; it is one of {', '.join(kinds)}.")
    with opened() as app:
        for row in listed(app, kind, about):
            typer.echo("\t".join(row))


def _registry(
    kind: str,
    file: Path,
    chosen: str | None,
    sheet: str | None,
    errors: Path | None,
    passwords: Path | None = None,
    *,
    dry: bool,
) -> None:
    from bot.imports import registries
    from bot.imports.words import say

    with told():
        plan = _mapping(chosen, kind) if chosen is not None else None
    with opened() as app:
        done = registries.run(app, registries.Wish(kind, file, plan, sheet, errors, passwords, dry))
    typer.echo(say("summary", "dry" if dry else "title", file=file.name))
    for name in ("read", "added", "changed", "unchanged", "skipped", "refused"):
        if done.counts[name] or name in ("read", "added"):
            typer.echo(say("summary", name, n=done.counts[name]))
    for name, path in (("errors", done.errors), ("passwords", done.passwords)):
        if path is not None:
            typer.echo(say("summary", name, path=path))
    raise typer.Exit(1 if done.counts["refused"] else 0)


def _mapping(name: str, kind: str) -> TableMapping:
    """The mapping in a file, or a packaged one by its name."""
    from bot.imports import mapping

    path = Path(name)
    if not path.is_file():
        found = mapping.packaged(name)
        if found is None:
            raise mapping.MappingRefused("absent", name=name, names="、".join(mapping.packaged_names()))
        path = found
    return mapping.load(path, kind)


def _tell(wish: Wish, summary: Summary) -> None:
    """The summary, a line for each figure that is not nothing."""
    from bot.imports.words import say

    counts = summary.counts
    typer.echo(say("summary", "dry" if wish.dry else "title", file=wish.path.name))
    if summary.after:
        typer.echo(say("summary", "resumed", row=summary.after))
    for name in ("read", "filed", "attached", "repeated", "skipped", "refused"):
        if counts[name] or name in ("read", "filed"):
            typer.echo(say("summary", name, n=counts[name]))
    for reason, number in summary.reasons.most_common():
        typer.echo("  " + say("summary", "reason", reason=reason, n=number))
    rate = f"{counts['read'] / summary.seconds:.0f}" if summary.seconds else "-"
    typer.echo(say("summary", "seconds", seconds=f"{summary.seconds:.1f}", rate=rate))
    for name, path in (("errors", summary.errors), ("receipts", summary.receipts)):
        if path is not None:
            typer.echo(say("summary", name, path=path))

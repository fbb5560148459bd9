"""The command `jianting`: one verb a job; everything heavy is imported by the verb that needs it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from bot.app import App
    from nlu.engine import Ear

cli = typer.Typer(
    name="jianting",
    help="兼听：受理医保基金监督举报和医药机构诉求。Every command has --help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
screen = Console(stderr=True)
Username = Annotated[str, typer.Argument(help="Name for signing in, such as wangmin.")]
TokenName = Annotated[str, typer.Argument(help="Who uses it, such as 12345-platform.")]

MEASURING_LIMIT = 30.0
"""Seconds for one sentence where Rasa is measured: its first answer takes long."""


class Engine(StrEnum):
    """The ears that can be measured."""

    embedded = "embedded"
    rasa = "rasa"


def main() -> None:
    """Run the command line."""
    cli()


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar a stage, for whatever takes longer than a moment."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield progress


def _open() -> App:
    """The application; where it cannot be opened, a sentence says why."""
    from bot.app import App
    from bot.settings import Settings

    with _told(), _bars() as progress:
        return App.open(Settings(), progress)


@contextmanager
def _opened() -> Iterator[App]:
    """The application while a command runs; what the rooms refuse becomes a sentence and exit code 2."""
    app = _open()
    try:
        with _told():
            yield app
    finally:
        app.close()


@contextmanager
def _told() -> Iterator[None]:
    """What a command was given and cannot use is said in a sentence, not in a trace."""
    from intake.errors import IntakeError
    from routing.errors import DeskError

    try:
        yield
    except (IntakeError, DeskError, ValueError, OSError) as wrong:
        _refuse(str(wrong))


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Listen here instead of the setting.")] = None,
    port: Annotated[int | None, typer.Option(help="Port instead of the setting.")] = None,
) -> None:
    """Serve chat, receipts, desk, API, and Telegram where a token is configured."""
    from bot.service import run

    app = _open()
    run(app, host or app.settings.host, port or app.settings.port)


@cli.command()
def chat() -> None:
    """Talk in the terminal."""
    from bot.channels.console import run

    with _opened() as app:
        run(app)


@cli.command()
def demo() -> None:
    """Fill an empty ledger with invented institutions, staff and cases, and print how to sign in."""
    from bot.demo import report_of

    with _opened() as app:
        report_of(app, datetime.now(UTC), Console())


@cli.command()
def sweep() -> None:
    """Look at all due clocks once and write the reminders; prints how many."""
    from bot.clock import run_once

    with _opened() as app:
        done = run_once(app, datetime.now(UTC))
    typer.echo(f"clocks: {done.clocks}  notices: {done.notices}  nobody to tell: {done.unheard}")


@cli.command()
def due(
    kind: Annotated[str, typer.Argument(help="clue_verify, complaint_reply …; all of them: docs/reference/clocks.md.")],
    start: Annotated[
        datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day of the starting event, as 2026-03-01.")
    ],
    place: Annotated[str | None, typer.Option(help="Division code of the region, such as 621021.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Print a due date with its derivation: days counted, days skipped, calendar paper, law."""
    from bot.settings import Settings
    from routing.authorities import default_authority
    from routing.rules import Rules

    with _told():
        if place is not None:
            default_authority(place)  # an unknown place is said to be unknown
        found = Rules.load(Settings().data_folder).due(kind, start.date(), place=place)
    typer.echo(json.dumps(found.as_data(), ensure_ascii=False, indent=2) if as_json else found.prose)


@cli.command()
def understand(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="One {id, text, …} a line.")],
) -> None:
    """Understand every line of a JSONL file; one understanding a line on standard output."""
    from bot import hearing, lines
    from bot.ear import open_ear
    from bot.settings import Settings

    settings, today = Settings(), datetime.now(lines.CHINA)
    settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _told(), _bars() as progress:
        ear = open_ear(settings, progress)
    with _told():
        tasks = (
            hearing.Task(
                line.row.get("id"),
                line.text("text"),
                line.moment("now", today),
                line.text_or_none("asked"),
                line.text_or_none("home") or settings.home,
            )
            for line in lines.read(file)
        )
        for answer in hearing.hear(tasks, ear, os.cpu_count() or 1):
            typer.echo(answer)


@cli.command(name="match")
def match_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="One report a line, in order of arrival.")],
) -> None:
    """Match every line of a JSONL file against the lines before it, in a throw-away ledger."""
    from bot import lines
    from bot.replay import decisions
    from bot.settings import Settings

    with _told():
        given = list(lines.read(file))
        for line in given:
            line.text("text")
            line.moment("received_at")
            if "id" not in line.row:
                raise lines.BadLine(f'{line.where}: "id" is missing.')
        for decision in decisions((line.row for line in given), Settings()):
            typer.echo(json.dumps(decision, ensure_ascii=False))


@cli.command()
def train(
    data: Annotated[
        Path | None, typer.Option(exists=True, help="Rasa NLU YAML, a file or a folder; default: the packaged.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the model.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only look for faults in the data; exit code 1 if there are grave ones.")
    ] = False,
    held_out: Annotated[
        Path | None,
        typer.Option(exists=True, help="With --check: sentences for measuring, none of which may be learnt."),
    ] = None,
) -> None:
    """Train the embedded ear, or check its data."""
    from nlu import check as checking
    from nlu import train as training

    if check:
        with _told():
            found = checking.check(data, held_out)
        for one in found:
            typer.echo(f"{one.kind}  {one.label}  {' | '.join(one.texts)}  {one.source}".rstrip())
        raise typer.Exit(1 if any(one.grave for one in found) else 0)
    if out is None:
        _refuse("Say with --out in which folder the model shall lie.")
    with _told(), _bars() as progress:
        training.train(data, out, progress, workers=os.cpu_count() or 1)


@cli.command()
def evaluate(
    model: Annotated[str, typer.Option(help="Folder of a trained model; for Rasa the address of its server.")],
    data: Annotated[Path, typer.Option(exists=True, help="Rasa NLU YAML, a file or a folder.")],
    engine: Annotated[Engine, typer.Option(help="Which ear is measured.")] = Engine.embedded,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    pictures: Annotated[Path | None, typer.Option(help="Folder for the confusion matrices, as SVG.")] = None,
) -> None:
    """Measure a model on labelled sentences: a table per class, macro-F1, calibration, coverage, confusions."""
    from nlu import confusion
    from nlu import evaluate as measuring

    with _told(), _bars() as progress, _measured(engine, model) as ear:
        found = measuring.evaluate(ear, data, progress)
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        for score in filter(None, (found.intents, found.codes)):
            (pictures / f"{score.kind}.svg").write_text(confusion.picture(score), "utf-8")
    typer.echo(found.as_json() if as_json else found.as_text())


@contextmanager
def _measured(engine: Engine, model: str) -> Iterator[Path | Ear]:
    """The folder of an embedded model, or the Rasa server alone and without haste."""
    if engine is Engine.embedded:
        if not Path(model).is_dir():
            raise ValueError(f"{model} is not the folder of a model.")
        yield Path(model)
        return
    from bot.settings import Settings
    from nlu.rasa_server import RasaEar, RasaServer

    with closing(RasaServer(model, token=Settings().rasa_secret(), limit=MEASURING_LIMIT)) as server:
        yield RasaEar(server)


@cli.command(name="export-rasa")
def export_rasa(
    out: Annotated[Path, typer.Option(help="Folder of the Rasa project, for `rasa train nlu`.")],
    data: Annotated[
        Path | None, typer.Option(exists=True, help="Rasa NLU YAML, a file or a folder; default: the packaged.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="How often Rasa sees every sentence.")] = None,
) -> None:
    """Write a project for Rasa from the training sentences: configuration, domain, data; prints how many sentences."""
    from nlu import rasa_export

    with _told():
        typer.echo(rasa_export.write(out, data, epochs or rasa_export.EPOCHS))


@cli.command(name="add-staff")
def add_staff(
    username: Username,
    name: Annotated[str, typer.Option(help="Name as the desk shows it.")],
    role: Annotated[str, typer.Option(help="officer, leader, supervisor or administrator.")],
    place: Annotated[str, typer.Option(help="Division code of the authority, such as 621021.")],
    telegram: Annotated[str | None, typer.Option(help="Number of the Telegram chat that gets the reminders.")] = None,
) -> None:
    """Add a member of staff; the password is made here and shown once."""
    from bot import people

    with _opened() as app:
        typer.echo(people.add(app, username, name=name, role=role, place=place, telegram=telegram))


@cli.command(name="staff-password")
def staff_password(username: Username) -> None:
    """Give a member of staff a new password, shown once; every open sign-in ends."""
    from bot import people

    with _opened() as app:
        typer.echo(people.new_password(app, username))


@cli.command(name="remove-staff")
def remove_staff(username: Username) -> None:
    """End an account: no further sign-in; what the person did keeps the name. The user name stays taken."""
    from bot import people

    with _opened() as app:
        people.remove(app, username)


@cli.command(name="add-token")
def add_token(name: TokenName) -> None:
    """Make an API token for a hotline; shown once."""
    from bot import people

    with _opened() as app:
        typer.echo(people.issue_token(app, name))


@cli.command(name="revoke-token")
def revoke_token(name: TokenName) -> None:
    """Withdraw every API token of this name; prints how many there were."""
    from bot import people

    with _opened() as app:
        typer.echo(people.revoke_token(app, name))


def _refuse(reason: str) -> NoReturn:
    """Say what is wrong and end with exit code 2."""
    screen.print(reason, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)


if __name__ == "__main__":
    sys.exit(cli())

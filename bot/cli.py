"""The command `jianting`: one verb a job; everything heavy is imported by the verb that needs it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from bot.app import App

cli = typer.Typer(
    name="jianting",
    help="兼听：医保基金监督举报与企业诉求受理。Every verb has --help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
screen = Console(stderr=True)
CHINA = ZoneInfo("Asia/Shanghai")


def main() -> None:
    """Run the command line."""
    cli()


def _open() -> App:
    """The application, with a progress bar for whatever takes longer than a moment."""
    from bot.app import App
    from bot.settings import Settings

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=screen, transient=True
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        return App.open(Settings(), progress)


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

    app = _open()
    try:
        run(app)
    finally:
        app.close()


@cli.command()
def demo() -> None:
    """Fill an empty ledger with invented institutions, staff and cases, and print how to sign in."""
    from bot.demo import report_of

    app = _open()
    try:
        report_of(app, datetime.now(UTC), screen)
    finally:
        app.close()


@cli.command()
def sweep() -> None:
    """Look at all due clocks once and write the reminders."""
    from bot.clock import run_once

    app = _open()
    try:
        typer.echo(run_once(app, datetime.now(UTC)))
    finally:
        app.close()


@cli.command()
def due(
    kind: Annotated[str, typer.Argument(help="clue_verify, tell_real_name, inspect_result_notice, …")],
    start: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day of the starting event.")],
    place: Annotated[str | None, typer.Option(help="Division code of the region.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Print a due date with its derivation: days counted, days skipped, calendar paper, law."""
    from routing.errors import DeskError
    from routing.rules import Rules

    try:
        found = Rules.load().due(kind, _day(start), place=place)
    except DeskError as unknown:
        _refuse(str(unknown))
    typer.echo(json.dumps(found.as_data(), ensure_ascii=False, indent=2) if as_json else found.prose)


def _day(moment: datetime) -> date:
    return moment.date()


@cli.command()
def understand(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="One {id, text, …} a line.")],
) -> None:
    """Understand every line of a JSONL file; one understanding a line on standard output."""
    from bot.settings import Settings
    from bot.wire import understood
    from nlu.embedded import EmbeddedEar

    settings, today = Settings(), datetime.now(CHINA)
    settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ear = EmbeddedEar.open(settings.data_folder / "model")
    for number, row in _rows(file):
        text = row.get("text")
        if not isinstance(text, str):
            _refuse(f"{file}:{number}: text")
        asked, home = row.get("asked"), row.get("home", settings.home)
        now = datetime.fromisoformat(str(row["now"])) if row.get("now") else today
        now = now if now.tzinfo else now.replace(tzinfo=CHINA)
        meaning = ear.parse(text, now=now, asked=_text(asked), home=_text(home))
        typer.echo(json.dumps({"id": row.get("id"), **understood(meaning)}, ensure_ascii=False))


@cli.command(name="match")
def match_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="One report a line, in order of arrival.")],
) -> None:
    """Match every line of a JSONL file against the lines before it, in a throw-away ledger."""
    from bot.replay import decisions
    from bot.settings import Settings

    for decision in decisions((row for _, row in _rows(file)), Settings()):
        typer.echo(json.dumps(decision, ensure_ascii=False))


@cli.command()
def train(
    data: Annotated[Path | None, typer.Option(help="Rasa NLU YAML, a file or a folder; default: the packaged.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the model.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only look for conflicts and leaks in the data.")] = False,
) -> None:
    """Train the embedded ear, or check its data."""
    from nlu import train as training

    if check:
        findings = training.check(data)
        for finding in findings:
            typer.echo(finding)
        raise typer.Exit(1 if findings else 0)
    if out is None:
        _refuse("--out")
    training.train(data, out)


@cli.command()
def evaluate(
    model: Annotated[Path, typer.Option(help="Folder of a trained model.")],
    data: Annotated[Path, typer.Option(help="Rasa NLU YAML, a file or a folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Measure a model on labelled sentences: a table per class, macro-F1, calibration, coverage."""
    from nlu import evaluate as measuring

    found = measuring.evaluate(model, data)
    typer.echo(json.dumps(found.as_mapping(), ensure_ascii=False) if as_json else found.table)


@cli.command(name="add-staff")
def add_staff(
    username: str,
    name: Annotated[str, typer.Option(help="Name as the desk shows it.")],
    role: Annotated[str, typer.Option(help="officer, leader, supervisor or administrator.")],
    place: Annotated[str, typer.Option(help="Division code of the authority.")],
    telegram: Annotated[str | None, typer.Option(help="Telegram chat that gets the reminders.")] = None,
) -> None:
    """Add a member of staff; the password is made here and shown once."""
    from bot.people import add

    app = _open()
    try:
        typer.echo(add(app, username, name=name, role=role, place=place, telegram=telegram))
    finally:
        app.close()


@cli.command(name="add-token")
def add_token(name: Annotated[str, typer.Argument(help="Who will use it, such as 12345-platform.")]) -> None:
    """Make an API token for a hotline; shown once."""
    from intake import tokens

    app = _open()
    try:
        with app.database.transaction() as session:
            token = tokens.issue(session, name, vault=app.vault, now=datetime.now(UTC))
        typer.echo(token)
    finally:
        app.close()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _rows(file: Path) -> list[tuple[int, dict[str, object]]]:
    rows = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except json.JSONDecodeError as broken:
                _refuse(f"{file}:{number}: {broken}")
            if not isinstance(row, dict):
                _refuse(f"{file}:{number}: {{}}")
            rows.append((number, row))
    return rows


def _refuse(reason: str) -> NoReturn:
    """Say what is wrong and end with exit code 2."""
    screen.print(reason, style="red")
    raise typer.Exit(2)


if __name__ == "__main__":
    sys.exit(cli())

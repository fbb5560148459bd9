"""What every command stands on: the command line itself, the open application, bars, and sentences of refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from bot.app import App

cli = typer.Typer(
    name="jianting",
    help="兼听：受理医保基金监督举报和医药机构诉求。Every command has --help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
screen = Console(stderr=True)


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar a stage, for whatever takes longer than a moment."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total or None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield progress


def open_app() -> App:
    """The application; where it cannot be opened, a sentence says why."""
    from bot.app import App
    from bot.settings import Settings

    with told(), bars() as progress:
        app = App.open(Settings(), progress)
    for fault in app.rules.faults:
        say_wrong(fault.sentence)
    return app


@contextmanager
def opened() -> Iterator[App]:
    """The application while a command runs; what the rooms refuse becomes a sentence and exit code 2."""
    app = open_app()
    try:
        with told():
            yield app
    finally:
        app.close()


@contextmanager
def told() -> Iterator[None]:
    """What a command was given and cannot use is said in a sentence, not in a trace."""
    from intake.errors import IntakeError
    from routing.errors import DeskError

    try:
        yield
    except (IntakeError, DeskError, ValueError, OSError) as wrong:
        refuse(str(wrong))


def refuse(reason: str) -> NoReturn:
    """Say what is wrong and end with exit code 2."""
    say_wrong(reason)
    raise typer.Exit(2)


def say_wrong(sentence: str) -> None:
    """A sentence in red, beside whatever is printed for machines."""
    screen.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)

"""Commands of the ear: understand and match files, train, measure, hand over to Rasa."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.frame import bars, cli, refuse, told

if TYPE_CHECKING:
    from nlu.engine import Ear

MEASURING_LIMIT = 30.0
"""Seconds for one sentence where Rasa is measured: its first answer takes long."""


class Engine(StrEnum):
    """The ears that can be measured."""

    embedded = "embedded"
    rasa = "rasa"


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
    with told(), bars() as progress:
        ear = open_ear(settings, progress)
    with told():
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

    with told():
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
        with told():
            found = checking.check(data, held_out)
        for one in found:
            typer.echo(f"{one.kind}  {one.label}  {' | '.join(one.texts)}  {one.source}".rstrip())
        raise typer.Exit(1 if any(one.grave for one in found) else 0)
    if out is None:
        refuse("Say with --out in which folder the model shall lie.")
    with told(), bars() as progress:
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

    with told(), bars() as progress, _measured(engine, model) as ear:
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

    with told():
        typer.echo(rasa_export.write(out, data, epochs or rasa_export.EPOCHS))

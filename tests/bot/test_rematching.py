"""`jianting rematch`: the whole history in short transactions, with progress; a dry run writes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from bot import rematching
from bot.app import App
from bot.cli import cli
from intake.models import Rematching, Suggestion
from intake.report import Claim, Period, Report, Teller
from routing import desk

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def file(app: App, account: str) -> None:
    """A report of one matter, by somebody."""
    text = "庆城县桃源康复医院三楼床位空着，天天记账。"
    told = Report(
        side="citizen", teller=Teller("web", account), conversation=account, text=text, redacted=text,
        claims=(Claim("F01", 0.9),), received_at=NOW, institution="桃源康复医院", place="621021",
        period=Period(NOW.date(), NOW.date()),
    )  # fmt: skip
    with app.database.transaction() as session:
        desk.file_report(session, told, rules=app.rules, vault=app.vault, home="621000", now=NOW)


def test_a_dry_run_counts_and_writes_nothing(app: App) -> None:
    """And the run itself tells how far it came."""
    for account in ("one", "two"):
        file(app, account)
    seen: list[tuple[str, int, int]] = []
    told = rematching.count(app.database, None, NOW, lambda *step: seen.append(step))
    assert told == (2, 0), "what lies in one case already is not suggested"
    assert seen[-1][1:] == (2, 2)
    with app.database.reading() as session:
        assert session.scalar(select(func.count(Rematching.id))) == 0
    rematching.write(app.database, None, NOW, lambda *_step: None)
    with app.database.reading() as session:
        assert session.scalar(select(func.count(Suggestion.id))) == 1, "the one of the filing"
        assert session.scalars(select(Rematching.finished_at)).one() == NOW


def test_the_command_says_what_it_found(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, and a wrong day is a sentence."""
    monkeypatch.setattr("bot.cli.frame.open_app", lambda: app)
    monkeypatch.setattr(app.__class__, "close", lambda _self: None)
    answer = CliRunner().invoke(cli, ["rematch", "--since", "2026-01-01", "--dry-run"])
    assert answer.exit_code == 0, answer.output
    assert "reports: 0  would suggest: 0" in answer.output
    assert CliRunner().invoke(cli, ["rematch", "--since", "gestern"]).exit_code == 2

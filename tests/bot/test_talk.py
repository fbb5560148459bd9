"""The one door of all channels, on both databases: signs nobody can write, and a commit that nobody heard of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import talk
from bot.app import App
from bot.channels.message import Inbound
from bot.dialogue.store import Answer
from bot.settings import Settings
from intake import db, filing
from intake.errors import LedgerUncertain
from intake.models import FiledReport, Turn
from nlu.embedded import EmbeddedEar
from tests.bench.load import ANSWERS
from tests.databases import on_postgresql

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def app(settings: Settings, database_url: str, ear: EmbeddedEar) -> Iterator[App]:
    """The whole application on either database."""
    opened = App.open(settings.model_copy(update={"database_url": database_url}), ear=ear)
    yield opened
    opened.close()


def say(app: App, number: int, text: str) -> Answer:
    """One message of one person."""
    return talk.converse(app, Inbound("web", "anna", f"m{number}", text, NOW))


def tell(app: App, *words: str) -> Answer:
    """From the first word to the receipt; whatever is asked besides is answered shortly."""
    answer = say(app, 0, words[0])
    for number in range(1, 20):
        last = answer.replies[-1]
        text = words[number] if number < len(words) else ANSWERS.get(last.asks or "", "不知道")
        answer = say(app, number, text)
        if answer.receipts:
            return answer
    raise AssertionError(answer)


def test_half_an_emoji_and_a_nul_are_left_out_and_the_rest_is_kept(app: App) -> None:
    """What a cut message or a broken program sends is taken in like everything else."""
    tell(app, "庆城县康宁医院\0挂空床\ud83d，人\0都不在", "护士说的\udc4d，上个月")
    with app.database.reading() as session:
        report = session.scalars(select(FiledReport)).one()
        assert "庆城县康宁医院挂空床\ufffd，人都不在" in filing.text_of(report, app.vault)
        assert "\0" not in report.redacted


@on_postgresql
@pytest.mark.parametrize("written", [True, False])
def test_a_commit_that_nobody_heard_of_is_looked_up_and_the_message_answered_once(
    app: App, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    """The connection breaks while the ledger confirms: whether it was written, the ledger itself tells."""
    say(app, 0, "庆城县康宁医院挂空床，人都不在")
    breaks = iter([True])

    def commit(session: Session) -> None:
        broken = next(breaks, False)
        if written or not broken:
            session.commit()
        if broken:
            raise LedgerUncertain

    monkeypatch.setattr(db, "_commit", commit)
    answer = say(app, 1, "上个月")
    assert answer.replies == say(app, 1, "上个月").replies
    with app.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Turn)) == 2

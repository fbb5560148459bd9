"""What the dialogue asks for is done to the ledger whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot import talk
from bot.app import App
from bot.channels.message import File, Inbound
from bot.dialogue.store import Answer
from intake.filing import file_name
from intake.models import EvidenceUse, FiledReport
from tests.journeys.player import PHOTO

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
TOLD = (
    "庆城县民康医院的病人天天不在医院，床位费照收，今年九月，我花了三万块",
    "我是患者家属",
    "没有",
    "匿名",
    "愿意",
    "确认提交",
)


def test_a_file_sent_after_filing_keeps_the_name_that_it_bore(app: App) -> None:
    """The name that the teller's file had is kept with it, before the receipt and after."""

    def say(number: int, text: str, files: tuple[File, ...] = ()) -> Answer:
        at = NOW + timedelta(seconds=number)
        return talk.converse(app, Inbound("web", "person", f"m{number}", text, at, files))

    answers = [say(number, text) for number, text in enumerate(TOLD)]
    assert answers[-1].receipts
    stored = app.evidence.store(PHOTO, "清单.png")
    say(20, "", (File(stored.digest, "清单.png", stored.media_type, stored.size),))
    with app.database.reading() as session:
        filed = session.scalars(select(FiledReport)).one()
        use = session.scalars(select(EvidenceUse)).one()
        assert file_name(use, filed, app.vault) == "清单.png"

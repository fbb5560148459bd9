"""Taking files at the door: each refusal has its sentence on every channel, and traps leave a trace."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import reception
from bot.app import App
from bot.channels.sentences import why_refused
from bot.web.api.incoming import _REFUSED
from bot.web.words import say
from intake import errors
from intake.models import Event
from tests.intake.conftest import NOW
from tests.intake.sanitise import corpus
from tests.intake.sanitise.test_traps import ZIP

TRAPS = errors.EvidenceHostile.__subclasses__()


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_has_a_sentence_of_its_own(trap: type[errors.EvidenceHostile]) -> None:
    """In the chats and on the web; none falls back to the general one."""
    assert why_refused(trap()) != why_refused(errors.EvidenceHostile())
    _, code = _REFUSED[trap]
    assert "{" not in say("refused", code, name="a", limit=1)
    assert len({_REFUSED[one][1] for one in TRAPS}) == len(TRAPS)


def test_a_trap_leaves_an_event_and_nothing_else(app: App) -> None:
    """What it was, by digest, kind and reason; neither its name nor its bytes."""
    with pytest.raises(errors.EvidencePolyglot):
        reception.take(app, corpus.jpeg(behind=ZIP), "王小明.jpg", NOW)
    with app.database.reading() as session:
        (event,) = session.scalars(select(Event))
    assert (event.kind, event.actor, event.case_id) == ("evidence_refused", "teller", None)
    assert "王小明" not in str(event.data)
    assert not [path for path in app.evidence.folder.rglob("*") if path.is_file()]


def test_the_budgets_are_those_of_the_settings(app: App) -> None:
    """What the service allows is what whoever runs it wrote."""
    limits = app.evidence._copies._cleaner.limits
    assert limits.pixels == app.settings.max_pixels * 1_000_000
    assert limits.unpacked == app.settings.max_unpacked_mb << 20
    assert (limits.frames, limits.pages) == (app.settings.max_frames, app.settings.max_pages)

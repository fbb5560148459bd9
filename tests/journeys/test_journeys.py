"""Every journey keeps its promise, straight through the door that all channels use."""

from __future__ import annotations

import pytest

from bot.app import App
from bot.settings import Settings
from nlu.embedded import EmbeddedEar
from tests.journeys.player import Direct, Journey, Player, journeys


@pytest.mark.parametrize("journey", journeys(), ids=lambda journey: journey.name)
def test_journey(journey: Journey, settings: Settings, ear: EmbeddedEar) -> None:
    """What the person said is understood, asked for once, filed, and answered as the journey tells."""
    opened = [App.open(settings, ear=ear)]

    def reopen() -> App:
        opened[-1].close()
        opened.append(App.open(settings, ear=ear))
        return opened[-1]

    try:
        Player(opened[-1], Direct(opened[-1]), reopen).play(journey)
    finally:
        opened[-1].close()

"""Which ear hears: the embedded one, or Rasa's server with the embedded one behind it."""

from __future__ import annotations

from collections.abc import Callable

from bot.settings import Settings
from nlu.embedded import EmbeddedEar
from nlu.engine import Ear

Progress = Callable[[str, int, int], None]


def open_ear(settings: Settings, progress: Progress | None = None) -> Ear:
    """The ear that the settings name; trains the embedded model where it is absent."""
    embedded = EmbeddedEar.open(settings.data_folder / "model", progress=progress)
    if not settings.rasa_url:
        return embedded
    from nlu.rasa_server import RasaEar, RasaServer  # noqa: PLC0415 — needed by few

    limit = settings.rasa_limit.total_seconds()
    return RasaEar(RasaServer(settings.rasa_url, token=settings.rasa_secret(), limit=limit), embedded)

"""What every test may ask for: a trained ear, and an application on a fresh ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from nlu.embedded import EmbeddedEar
from tests.databases import bare_url, database_url, empty_postgres, empty_sqlite, kind, postgres, written

__all__ = ["bare_url", "database_url", "empty_postgres", "empty_sqlite", "kind", "postgres", "written"]


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ear trained from the packaged sentences, kept between runs under the content hash of its data."""
    folder = Path(__file__).parent.parent / ".venv" / "model"
    if not folder.parent.is_dir():
        folder = tmp_path_factory.mktemp("model")
    EmbeddedEar.open(folder)
    return folder


@pytest.fixture(scope="session")
def ear(model_folder: Path) -> EmbeddedEar:
    """The real ear, opened once."""
    return EmbeddedEar.open(model_folder)


@pytest.fixture
def settings(tmp_path: Path, model_folder: Path) -> Settings:
    """Settings of a service whose data folder is this test's own."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "model").symlink_to(model_folder)
    return Settings(_env_file=None, data_folder=data)


@pytest.fixture
def app(settings: Settings, ear: EmbeddedEar) -> Iterator[App]:
    """The whole application on a fresh ledger."""
    opened = App.open(settings, ear=ear)
    yield opened
    opened.close()

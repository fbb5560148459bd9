"""Every journey starts on a fresh ledger: a copy of one whose tables are made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from nlu.embedded import EmbeddedEar


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory, ear: EmbeddedEar) -> Path:
    """A data folder as the first start of the service leaves it."""
    data = tmp_path_factory.mktemp("empty") / "data"
    App.open(Settings(_env_file=None, data_folder=data), ear=ear).close()
    return data


@pytest.fixture
def settings(tmp_path: Path, empty_ledger: Path) -> Settings:
    """Settings of a service whose data folder is this journey's own."""
    data = tmp_path / "data"
    shutil.copytree(empty_ledger, data)
    return Settings(_env_file=None, data_folder=data)

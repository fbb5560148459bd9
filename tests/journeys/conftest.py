"""Every journey starts on a fresh ledger, once on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a service whose data folder and ledger are this journey's own."""
    return Settings(_env_file=None, data_folder=tmp_path / "data", database_url=database_url)

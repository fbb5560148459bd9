"""Promise 2 of DESIGN.md §6 with real people, as far as invented ones are: nobody learns who reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.embedded import EmbeddedEar
from tests.secrecy.town import Gathered, live

PEOPLE = 60


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory, model_folder: Path, ear: EmbeddedEar) -> Gathered:
    """The town's day, once for all tests."""
    data = tmp_path_factory.mktemp("town") / "data"
    data.mkdir(mode=0o700)
    (data / "model").symlink_to(model_folder)
    return live(data, PEOPLE, ear)


def test_everything_was_looked_through(gathered: Gathered) -> None:
    """Ledger, dump, log, pages of staff and answers: each was there and had something in it."""
    assert len(gathered.receipts) == PEOPLE
    assert {"answer", "desk", "page", "paper", "file", "dump"} <= {
        place for place, size in gathered.searched.items() if size
    }
    assert "log" in gathered.searched


def test_no_canary_is_found_in_clear_anywhere(gathered: Gathered) -> None:
    """Not in the ledger and its log, not in a dump, not in what staff read, not in what others are answered."""
    assert sorted(gathered.leaks) == []

"""Promise 2 of DESIGN.md §6 with real people, as far as invented ones are: nobody learns who reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nlu.embedded import EmbeddedEar
from tests.databases import QUICK, Postgres
from tests.secrecy.canaries import Canary
from tests.secrecy.staff import ROLES
from tests.secrecy.telling import WAYS, way_of
from tests.secrecy.town import Gathered, allowed, live

PEOPLE = 60
PLACES = {
    "answer", "form", "receipt", "receipts", "desk", "working", "page", "file", "dump", "log", "backup", "backup.tar",
    "export", "restored", "command", "error",
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def gathered(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model_folder: Path, ear: EmbeddedEar
) -> Iterator[Gathered]:
    """The town's day on each database, once for all tests; the server is its own, since all of it is searched."""
    data = tmp_path_factory.mktemp(f"town-{request.param}") / "data"
    data.mkdir(mode=0o700)
    (data / "model").symlink_to(model_folder)
    if request.param == "sqlite":
        yield live(data, PEOPLE, ear)
        return
    server = Postgres(QUICK)
    try:
        yield live(data, PEOPLE, ear, server)
    finally:
        server.stop()


def test_everything_was_looked_through(gathered: Gathered) -> None:
    """Every place was there and had something in it; everybody but those whose row was refused got a receipt."""
    assert {place for place, size in gathered.searched.items() if size} >= PLACES - {"log"}
    assert "log" in gathered.searched
    assert set(gathered.receipts) == set(range(PEOPLE)) - gathered.refused
    assert {way_of(Canary(number)) for number in gathered.receipts} == set(WAYS)
    assert gathered.refused


def test_no_canary_is_found_in_clear_anywhere(gathered: Gathered) -> None:
    """Not in the ledger, its log, pages of a server, backups, restored copies, exports, what staff of any role read."""
    assert sorted(gathered.leaks) == []


def test_every_exception_has_its_reason_and_is_still_one(gathered: Gathered) -> None:
    """What is found nowhere any more must not go on being allowed."""
    assert all(one["why"] and one["kinds"] for one in allowed())
    assert set(gathered.excepted) == {one["place"] for one in allowed()}


def test_the_roles_are_those_of_the_house() -> None:
    """A new role reads as well."""
    from intake.models.staff import ROLES as HOUSE

    assert set(ROLES) == set(HOUSE)

"""One ledger and one server for each file of tests: each test makes conversations and reports of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from intake.models import Staff
from intake.report import Claim, Receipt, Report, Teller
from routing import desk
from tests.bot.web.site import Person, Site, site

WORDS = "庆城县康宁医院三楼的病床是空的，却天天刷医保。"


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[App]:
    """The whole application; files above 2 MB are too large for it."""
    data = tmp_path_factory.mktemp("data")
    (data / "model").symlink_to(model_folder)
    app = App.open(Settings(_env_file=None, data_folder=data, max_file_mb=2))
    yield app
    app.close()


@pytest.fixture(scope="module")
def here(shared_app: App) -> Iterator[Site]:
    """The site over the shared application."""
    with site(shared_app) as running:
        yield running


@pytest.fixture
def person(here: Site) -> Person:
    """Somebody new, greeted."""
    somebody = Person(here)
    somebody.begin()
    return somebody


def filed(app: App, account: str, *, institution: str = "康宁医院", days_ago: int = 3) -> Receipt:
    """A report of a person, some days old."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    report = Report(
        side="citizen",
        teller=Teller("web", account, "anonymous"),
        conversation=account,
        text=WORDS,
        redacted=WORDS,
        claims=(Claim("F03", 0.9, ("病床是空的",)),),
        received_at=at,
        institution=institution,
        place="621021",
    )
    with app.database.transaction() as session:
        return desk.file_report(session, report, rules=app.rules, vault=app.vault, home="621000", now=at)


def officer(app: App, name: str) -> Staff:
    """An officer of the county where the reports are."""
    staff = Staff(username=name, password_hash="x", name=name, role="officer", authority="YB-621021", interests="")
    with app.database.transaction() as session:
        session.add(staff)
    return staff

"""A real headless Chromium against the real service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.web.conftest import here, shared_app  # noqa: F401 — the same site as for the API
from tests.bot.web.site import Site
from tests.browser.driver import CHROMEDRIVER, CHROMIUM, Browser

PHONE = (390, 844)
DESKTOP = (1280, 900)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for a file of tests."""
    if not (CHROMIUM and CHROMEDRIVER):
        pytest.fail("make test-browser needs Debian's chromium and chromium-driver")
    with Browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def browser(chromium: Browser, here: Site) -> Iterator[Browser]:  # noqa: F811 — a fixture asked for by name
    """The browser with nothing of earlier tests in it; the console must stay silent."""
    chromium.offline(False)
    chromium.look(*DESKTOP)
    chromium.open(f"{here.base}/privacy")
    chromium.run("sessionStorage.clear()")
    chromium.complaints()
    yield chromium
    assert [line for line in chromium.complaints() if "Failed to load resource" not in line] == []


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a small note and a film that is too large."""
    (tmp_path / "记录.txt").write_text("三楼 12 床，空。", encoding="utf-8")
    (tmp_path / "录像.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(3 << 20))
    return tmp_path

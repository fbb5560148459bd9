"""A new year's calendar: looked at, put into the data folder, and every provisional date worked out again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from routing import yearfile
from routing.desk.reckoning import Reckoned, reckon_year
from routing.rules import Rules, legal_day
from routing.wording import say

if TYPE_CHECKING:
    from bot.app import App


def take_in(app: App, given: str, now: datetime) -> str:
    """Import the file or the packaged year `given` and say what came of it; ValueError for what cannot be used."""
    year = int(given) if given.isdigit() and not Path(given).exists() else _keep(app, Path(given))
    rules = Rules.load(app.settings.data_folder)
    if not rules.calendar.knows(year):
        raise ValueError(say("yearfile.unknown", year=year))
    seen, moved = _reckon(app, year, rules, now)
    return say("yearfile.done", year=year, clocks=seen, moved=moved)


def catch_up(app: App, now: datetime) -> int:
    """Work out again what was provisional for want of this year's or the next year's calendar; how many days moved."""
    years = (legal_day(now).year, legal_day(now).year + 1)
    return sum(_reckon(app, year, app.rules, now)[1] for year in years if app.rules.calendar.knows(year))


def _reckon(app: App, year: int, rules: Rules, now: datetime) -> tuple[int, int]:
    """Clocks looked at and clocks moved, a transaction a batch."""
    seen = moved = 0
    after: int | None = 0
    while after is not None:
        with app.database.transaction() as session:
            done: Reckoned = reckon_year(session, year, rules=rules, now=now, after=after)
        seen, moved, after = seen + done.clocks, moved + done.moved, done.after
    return seen, moved


def _keep(app: App, file: Path) -> int:
    """The year of a file without faults, which now lies in the data folder."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as unread:
        raise ValueError(say("yearfile.no_file", file=file)) from unread
    year = yearfile.read(text)
    wrong = list(yearfile.faults(year, app.rules.calendar))
    if wrong:
        raise ValueError("\n".join(wrong))
    folder = app.settings.data_folder / "law" / "calendar"
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{year['year']}.toml"
    draft.write_text(text, encoding="utf-8")
    draft.replace(folder / f"{year['year']}.toml")
    return int(year["year"])

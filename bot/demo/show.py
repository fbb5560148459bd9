"""The demo on the command line: a bar while it fills, then how to sign in, shown once."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from bot.app import App
from bot.demo.content import DemoRefused, word
from bot.demo.fill import DemoLogins, fill


def report_of(app: App, now: datetime, screen: Console) -> None:
    """Fill the ledger and print the logins; ends with exit code 1 and a sentence where the ledger is not empty."""
    try:
        columns = (TextColumn("{task.description}"), BarColumn())
        with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bars:
            task = bars.add_task(word("step_fill"), total=None)
            made = fill(app, now, lambda _stage, done, total: bars.update(task, completed=done, total=total))
    except DemoRefused as refused:
        screen.print(str(refused))
        raise SystemExit(1) from refused
    screen.print(word("filled").format(cases=made.cases, reports=made.reports))
    screen.print(_table(made))
    screen.print(word("once").format(host=app.settings.host, port=app.settings.port))


def _table(made: DemoLogins) -> Table:
    table = Table()
    for name in ("username", "password", "name", "role", "authority"):
        # Never cut: a password or an office that ends in dots is of no use.
        table.add_column(word(f"column_{name}"), overflow="fold", no_wrap=name in {"username", "password"})
    for login in made.logins:
        table.add_row(login.username, login.password, login.name, word(f"role_{login.role}"), login.authority)
    return table

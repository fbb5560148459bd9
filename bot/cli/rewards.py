"""Commands of rewards: every stored one worked out anew."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cli.frame import cli, told


@cli.command(name="reward-audit")
def reward_audit(as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """Work every stored reward out anew under the law of its day, and check the ledger; exit code 1 if one differs."""
    from bot.keeping import keeping
    from bot.settings import Settings
    from routing.rewardaudit import audit
    from routing.rules import Rules

    with told(), keeping(Settings(), datetime.now(UTC)) as kept:
        rules = Rules.load(kept.settings.data_folder)
        with kept.database.reading() as session:
            done = audit(session, rules)
    if as_json:
        found = {"rewards": done.rewards, "differences": [asdict(one) for one in done.differences]}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for one in done.differences:
            typer.echo(one.sentence)
        typer.echo(f"{done.rewards} rewards, {len(done.differences)} differences.")
    raise typer.Exit(1 if done.differences else 0)

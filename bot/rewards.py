"""The teller's acts on his reward by his query code: claim it, or give it up; the same for every channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot import enquiry
from bot.app import App
from intake.models import FiledReport
from routing import desk

CLAIM, WAIVE = "claim", "waive"


def act(app: App, code: str, what: str, wanted: Mapping[str, str], *, origin: str, now: datetime) -> str:
    """Claim (how and where, as `wanted` says) or waive; gives the sentence that says so.

    Raises what a wrong code raises, and the desk's own refusals.
    """
    report_id = enquiry.report_behind(app, code, origin, now)
    with app.database.transaction() as session:
        report = session.get_one(FiledReport, report_id)
        if what == CLAIM:
            desk.claim_reward(session, report, wanted, rules=app.rules, vault=app.vault, now=now)
        else:
            desk.waive_reward(session, report, rules=app.rules, vault=app.vault, now=now)
    return enquiry.said("reward_claimed" if what == CLAIM else "reward_waived")

"""The notice of a reward on paper: composed from the reward's own row, so that it says what was decided and nothing else."""

from __future__ import annotations

from sqlalchemy.orm import Session

from intake import rewards
from intake.models import FiledReport
from routing.authorities import by_code
from routing.desk import people
from routing.desk.rewardcase import claim_clock
from routing.desk.rewarding import NOTICE, money
from routing.documents import compose, docx
from routing.errors import NoPaperYet, ReportNotInCase
from routing.rules import legal_day
from routing.wording import long_day, say


def reward_paper(session: Session, case_id: int, report_id: int) -> tuple[str, bytes]:
    """Its number and the DOCX file; NoPaperYet before the teller was told. It names no person, only the number."""
    case = people.case_for(session, case_id)
    report = session.get(FiledReport, report_id)
    if report is None or report.case_id != case.id:
        raise ReportNotInCase
    reward = rewards.of_report(session, report.id)
    clock = claim_clock(session, reward) if reward else None
    if reward is None or clock is None or reward.paper is None or reward.notified_at is None or reward.amount is None:
        raise NoPaperYet
    facts = {
        "addressee": say("reward.addressee", number=report.number),
        "received": long_day(legal_day(report.received_at)),
        "number": report.number,
        "citation": "、".join(reward.citations),
        "yuan": money(reward.amount),
        "steps": "".join(reward.steps),
        "due": long_day(clock.due_on),
    }
    on = legal_day(reward.notified_at)
    made = compose(NOTICE, facts, number=reward.paper, sender=by_code(case.authority).name, on=on)
    return reward.paper, docx(made)

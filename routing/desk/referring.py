"""Sending a matter to a department outside the field: registered as sent with its paper, and the teller told whom to ask.

Such a department never answers in the system. Social Insurance Law Art. 82: told in writing and passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.models import Case, Staff
from routing.accused import table
from routing.authorities import by_code
from routing.desk import moves, notices, outgoing, papers, people
from routing.errors import BadPaper, UnknownDepartment
from routing.rules import Rules
from routing.wording import say

PAPER_LIMIT = 60


def refer(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    department: str,
    text: str,
    paper: str = "",
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Register that the papers went to a department on the list; every teller learns which, and its telephone."""
    case, move = moves.begin(session, case_id, officer, "refer")
    known = departments()
    if department not in known:
        raise UnknownDepartment(department=department, known="、".join(known.values()))
    if len(paper.strip()) > PAPER_LIMIT:
        raise BadPaper(limit=PAPER_LIMIT)
    words = {"department": department, "text": text, "paper": paper}
    text, tellers = notices.in_words(text), people.reports_of(session, case)
    outgoing.check(session, case, "refer", words, text, to=outgoing.TELLER, vault=vault, now=now, tellers=tellers)
    case.outcome = "referred"
    said = text if not paper.strip() else say("referral.with_paper", paper=paper.strip(), text=text)
    event = moves.make(
        session,
        case,
        move,
        kind="referred",
        actor=moves.by(officer),
        data={"department": department},
        words=said,
        rules=rules,
        now=now,
        cancel=True,
    )
    facts = {"authority": by_code(case.authority).name, "department": known[department], "text": text}
    sent: dict[str, Any] = {"officer": officer, "vault": vault, "now": now, "passed": [text]}
    given = {"taker": known[department], "hotline": table()["departments"][department]["hotline"], "reason": text}
    papers.make(session, case, "refer_letter", given, taker=known[department], **sent)
    for report in tellers:
        papers.make(session, case, "refer_notice", given, report=report, **sent)
        notices.write_letter(session, report, text, kind="reply", from_teller=False, vault=vault, now=now)
        body = say(
            "teller.referred", number=report.number, hotline=table()["departments"][department]["hotline"], **facts
        )
        notices.tell(session, report, notices.of(event), body, now=now)
    return case


def departments() -> Mapping[str, str]:
    """The departments outside the field, with their names."""
    return {code: str(row["name"]) for code, row in table()["departments"].items()}

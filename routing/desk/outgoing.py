"""The gate through which every text that staff write leaves: checked against the reports of its case first.

Each verb whose words reach somebody calls it before it changes anything. A text that may tell who reported raises
TextHeld; a text that a second person released passes once, exactly as it was released.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.models import Case, FiledReport, Letter, OutgoingHold
from nlu import places, taxonomy
from routing import leaks
from routing.authorities import by_code
from routing.errors import TextHeld
from routing.leaks import Finding, Told, Verdict

TELLER, AUTHORITY, STAFF = "teller", "authority", "staff"
PAIRWISE = 6
"""Up to so many tellers each answer is compared for its own addressee; above, with every report alike."""


def check(
    session: Session,
    case: Case,
    verb: str,
    words: Mapping[str, Any],
    text: str,
    *,
    to: str,
    vault: Vault,
    now: datetime,
    tellers: Sequence[FiledReport] = (),
) -> None:
    """Let `text` pass, or raise TextHeld; `words` are the act's fields, `tellers` the addressees if it is for tellers."""
    verdict = judged(session, case, text, to=to, now=now, tellers=tellers)
    if not verdict.held:
        return
    known = digest(vault, case.id, verb, words)
    query = select(OutgoingHold).where(OutgoingHold.case_id == case.id, OutgoingHold.state == "released")
    released = next((one for one in session.scalars(query) if one.digest == known), None)
    if released is None or not _seen(verdict.findings, released):
        raise TextHeld(verdict, text, n=len(verdict.findings))
    released.state = "sent"


def judged(
    session: Session, case: Case, text: str, *, to: str, now: datetime, tellers: Sequence[FiledReport] = ()
) -> Verdict:
    """The verdict over all addressees: what may not be told to one of them may not be written."""
    told = told_in(session, case)
    about = partial(leaks.check, text, to=to, now=now, institution=case.institution or "", common=tuple(_common(case)))
    owns = [one for one in told if one.report_id in {report.id for report in tellers}]
    if to != TELLER or not 0 < len(owns) <= PAIRWISE:
        others = told if to != TELLER or len(told) > 1 else []
        return about(others)
    verdicts = [about([one for one in told if one != own], own=own) for own in owns]
    found = dict.fromkeys(one for verdict in verdicts for one in verdict.findings)
    worst = max(verdicts, key=lambda verdict: verdict.weight)
    return Verdict(
        tuple(sorted(found, key=lambda one: (one.start, one.end))),
        worst.weight,
        held=worst.held,
        small=worst.small,
    )


def told_in(session: Session, case: Case) -> list[Told]:
    """What the reports of a case tell, as staff read it: text, answers, and what was written later."""
    written: dict[int, list[str]] = {}
    reports = session.scalars(select(FiledReport).where(FiledReport.case_id == case.id).order_by(FiledReport.id)).all()
    letters = select(Letter.report_id, Letter.redacted).join(FiledReport, FiledReport.id == Letter.report_id)
    for report_id, redacted in session.execute(letters.where(FiledReport.case_id == case.id, Letter.from_teller)):
        written.setdefault(report_id, []).append(redacted)
    return [
        Told(
            report.id,
            "\n".join([report.redacted, *(str(v) for v in report.facts.values()), *written.get(report.id, ())]),
            report.received_at,
        )
        for report in reports
    ]


def _common(case: Case) -> Sequence[str]:
    """Names that every paper of the case bears: the organ, the authority, places, the categories."""
    known = taxonomy.load()
    categories = [known[code] for code in case.codes if code in known]
    place = places.by_code(case.place) if case.place else None
    found = [case.organ, case.subject, by_code(case.authority).name, place.full_name if place else None]
    found += [name for one in categories for name in (one.name, one.everyday)]
    return [name for name in found if name]


def digest(vault: Vault, case_id: int, verb: str, words: Mapping[str, Any]) -> str:
    """By which exactly this text is known again when it was released; a field left empty is as good as none."""
    given = {name: value for name, value in words.items() if value is not None and value != ""}
    return vault.fingerprint(json.dumps([case_id, verb, given], ensure_ascii=False, sort_keys=True), "outgoing")


def _seen(findings: Sequence[Finding], released: OutgoingHold) -> bool:
    """Whether whoever released the text saw each of these findings: a report that came later may bring new ones."""
    seen = {(row["kind"], row["start"], row["end"]) for row in released.findings}
    return all((one.kind, one.start, one.end) in seen for one in findings)

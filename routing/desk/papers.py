"""Each step makes its paper within its own commit: numbered, composed from redacted facts, kept as it went out.

A paper for a teller speaks of his own report alone and calls him by its number; a paper for an office speaks of the
matter. Words that somebody wrote freely have passed the check for leaks, or they pass it here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from intake import papers, registry
from intake.confidentiality import Vault
from intake.models import Case, FiledReport, Paper, Staff
from nlu import taxonomy
from routing.authorities import Authority, by_code
from routing.desk import outgoing
from routing.documents import compose, docx, kinds
from routing.documents.compose import document_number, form, to_whom, words_of
from routing.documents.numbering import word_of
from routing.errors import PaperTells
from routing.rules import legal_day

_AUDIENCE = {"teller": outgoing.TELLER, "authority": outgoing.AUTHORITY, "inside": outgoing.STAFF}


def make(
    session: Session,
    case: Case,
    kind: str,
    facts: Mapping[str, str],
    *,
    officer: Staff | None,
    vault: Vault,
    now: datetime,
    report: FiledReport | None = None,
    taker: str | None = None,
    sender: Authority | None = None,
    passed: Collection[str] = (),
    copies: Sequence[str] = (),
) -> Paper:
    """Write, number and keep one paper; raises FactMissing, PaperTells, and then nothing may be committed.

    `facts` come on top of what report or case tell by themselves (`about`, `of_case`). `report` is the addressed
    teller's, `taker` the name of the addressed office; without both it stays in the house. `sender` is the officer's
    office unless another one is named; `passed` are texts that the gate of the act let through already.
    """
    office = sender or by_code(officer.authority if officer else case.authority)
    known = {**(about(case, report) if report else of_case(case)), **facts}
    _check(session, case, kind, known, report=report, passed=passed, now=now)
    on = legal_day(now)
    serial = papers.serial(session, office.code, kind, on.year)
    number = document_number(kind, word_of(office, registry.number_word(session, office.code)), on, serial)
    to = form("addressee", **known) if report else taker or ""
    made = compose(kind, known, number=number, sender=office.name, to=to, on=on, copies=copies)
    draft = papers.Draft(
        authority=office.code,
        kind=kind,
        year=on.year,
        serial=serial,
        number=number,
        report_id=report.id if report else None,
        taker=taker,
        staff_id=officer.id if officer else None,
    )
    actor = f"staff:{officer.id}" if officer else "system"
    return papers.keep(session, case, draft, docx(made), actor=actor, vault=vault, now=now)


def about(case: Case, report: FiledReport) -> dict[str, str]:
    """What a teller's paper says of his own report: nothing in it depends on other tellers of the case."""
    subject = report.organ if report.side == "enterprise" else report.institution
    codes = [str(claim["code"]) for claim in report.claims]
    return _called(report.side) | {
        "number": report.number,
        "received": day(legal_day(report.received_at)),
        "subject": subject or form("no_subject"),
        "acts": acts(codes),
        "superior": _superior(by_code(case.authority)),
    }


def of_case(case: Case) -> dict[str, str]:
    """What a paper for an office says of the matter."""
    subject = case.organ if case.side == "enterprise" else case.institution
    return _called(case.side) | {
        "number": case.number,
        "opened": day(legal_day(case.opened_at)),
        "subject": subject or form("no_subject"),
        "acts": acts(case.codes),
    }


def acts(codes: Sequence[str]) -> str:
    """What is alleged, by the names of the categories."""
    known = taxonomy.load()
    names = [known[code].name for code in dict.fromkeys(codes) if code in known]
    return "、".join(names) or form("no_acts")


def day(on: date) -> str:
    """A day as papers write it, without its weekday (GB/T 9704—2012, 7.3.5.4)."""
    return form("day", y=on.year, m=on.month, d=on.day)


def _called(side: str) -> dict[str, str]:
    """How tellers of a side are called, and the law that papers for them name."""
    return {name: form(f"{side}.{name}") for name in ("what", "who", "you", "doing", "taking", "passing")}


def _superior(authority: Authority) -> str:
    return by_code(authority.superior).name if authority.superior else authority.name


def _check(
    session: Session,
    case: Case,
    kind: str,
    facts: Mapping[str, str],
    *,
    report: FiledReport | None,
    passed: Collection[str],
    now: datetime,
) -> None:
    """Hold every free text of the paper against the case, unless its act did so before."""
    for name in words_of(kind):
        text = facts.get(name, "")
        if not text or text in passed:
            continue
        tellers = [report] if report else []
        if outgoing.judged(session, case, text, to=_AUDIENCE[to_whom(kind)], now=now, tellers=tellers).held:
            raise PaperTells(paper=kinds()[kind])

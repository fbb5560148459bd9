"""One case as the page shows it: drawn together from the ledger's read, for one viewer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.web.desk import facts, handing, history, keeping, ledger
from bot.web.desk.facts import Fact
from bot.web.desk.highlight import Part, parts
from bot.web.desk.labels import label, reasons
from bot.web.desk.lights import Lamp, of_clock
from bot.web.desk.pairs import gathered
from bot.web.desk.queue import Row, row_of
from bot.web.desk.seat import Seat
from bot.web.desk.steps import Asked, steps, why_nothing
from bot.web.desk.ticketing import ticket_steps, tickets_shown
from intake import custody, queries
from intake.models import STANDING, Case
from intake.views import CasePage, CaseView, ClockView, FileView, LetterView, RatingView, ReportView
from nlu import taxonomy
from routing import states
from routing.authorities import by_code
from routing.desk import blocking
from routing.desk import unmasking as seal
from routing.errors import DeskError
from routing.rules import Rules

VIEWABLE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "text/plain", "text/csv"})
"""What a browser shows by itself without running anything; everything else is only downloaded."""

STATES = ("running", "suspended", "met", "cancelled")
"""The order in which clocks are listed."""


@dataclass(frozen=True, slots=True)
class Suspected:
    """One suggested category with what the law says of it."""

    code: str
    name: str
    law: str
    frame: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockShown:
    """One clock with its derivation, step by step."""

    name: str
    state: str
    state_word: str
    due_on: date
    lamp: Lamp | None
    steps: tuple[str, ...]
    doubts: tuple[str, ...]
    """What staff see beside the date without unfolding it: not read in the text, or not final."""


@dataclass(frozen=True, slots=True)
class FileShown:
    """One piece of evidence, under a neutral name: the teller's own may tell who he is."""

    digest: str
    name: str
    kind: str
    size: str
    sm3: str
    viewable: bool
    withheld: str
    removed: str


@dataclass(frozen=True, slots=True)
class LetterShown:
    """One letter between the handler and a teller."""

    kind_word: str
    text: str
    at: datetime
    from_teller: bool


@dataclass(frozen=True, slots=True)
class Matched:
    """How a report was compared with earlier ones, and why it was judged so."""

    words: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportShown:
    """One report; of the teller nothing but how he wants to be treated."""

    id: int
    label: str
    number: str
    at: datetime | None
    channel_word: str
    mode_word: str
    parts: tuple[Part, ...]
    facts: list[Fact]
    evidence: tuple[FileShown, ...]
    letters: tuple[LetterShown, ...]
    rating: RatingView | None
    match: Matched


@dataclass(frozen=True, slots=True)
class Like:
    """Another case that may have to do with this one."""

    number: str
    title: str
    words: str
    reasons: tuple[str, ...]


def values(session: Session, number: str, here: Seat, *, rules: Rules, today: date) -> Mapping[str, Any]:
    """Everything that the case page shows; raises the ledger's NotFound or NotAllowed."""
    found = queries.case_page(session, ledger.case_id(session, number, viewer=here.staff), viewer=here.staff)
    case = found.case
    first, hotline = ledger.first_of(found.clocks), ledger.first_of(found.clocks, hotline=True)
    did = [*(event.actor for event in found.events), *(line.actor for line in found.custody)]
    actors = [int(actor.removeprefix(history.STAFF)) for actor in did if _by_staff(actor)]
    names = ledger.staff_names(session, [*actors, *([case.handler_id] if case.handler_id else [])])
    handler = names.get(case.handler_id or 0, "")
    line = ledger.Line(case, first, len(found.reports), handler, hotline)
    asked = [Asked(report.report_id, _report_label(index)) for index, report in enumerate(found.reports)]
    between = {
        "handing": handing.open_verbs(session, case, here.staff),
        "blocked": blocking.blocked(session, session.get_one(Case, case.id)),
    }
    acts = steps(here.staff, case, found.clocks, asked, rules, today, **between)
    acts += ticket_steps(here.staff, found, asked)
    authority = by_code(case.authority).name
    return {
        "seat": here,
        "case": row_of(line, today, rules),
        "outcome": states.outcome_name(case.outcome),
        "facts": facts.of_case(case, found.reports, len(found.files), handler, authority),
        "acts": acts,
        "handing": handing.of_case(session, case.id, here.staff),
        "may_unmask": seal.may_ask(here.staff, handler_id=case.handler_id, authority=case.authority),
        "offered": [act.name for act in acts],
        "why_nothing": why_nothing(here.staff, case),
        "codes": _codes(case, found.reports),
        "clocks": _clocks(found.clocks, today, rules),
        "tickets": tickets_shown(found, asked, today, rules),
        "routing": _routing(case),
        "reports": _reports(found),
        "similar": _similar(session, found, here),
        "same": gathered(session, case, here.staff),
        "custody": keeping.records(_named_files(found), found.custody, names),
        "history": history.lines((one for one in found.events if one.kind != custody.ATTACHED), names),
    }


def onlooker(session: Session, number: str, here: Seat, *, rules: Rules, today: date) -> Mapping[str, Any]:
    """What those who look on see of a case: what the ledger gave them, and nothing else."""
    found = queries.case_page(session, ledger.case_id(session, number, viewer=here.staff), viewer=here.staff)
    case = found.case
    first, hotline = ledger.first_of(found.clocks), ledger.first_of(found.clocks, hotline=True)
    actors = [int(event.actor.removeprefix(history.STAFF)) for event in found.events if _by_staff(event.actor)]
    names = ledger.staff_names(session, actors)
    return {
        "seat": here,
        "case": row_of(ledger.Line(case, first, case.reports, "", hotline), today, rules),
        "outcome": states.outcome_name(case.outcome),
        "note": label("onlooker", f"case_{here.role}"),
        "facts": facts.of_onlooker(case),
        "reports": [report.redacted for report in found.reports if report.redacted],
        "clocks": _clocks(found.clocks, today, rules),
        "history": history.lines(found.events, names),
    }


def _by_staff(actor: str) -> bool:
    return actor.startswith(history.STAFF) and actor.removeprefix(history.STAFF).isdigit()


def _report_label(index: int) -> str:
    return label("form", "report_later").format(n=index + 1) if index else label("form", "report_first")


def _codes(case: CaseView, reports: Sequence[ReportView]) -> list[Suspected]:
    """The categories of all reports, with the words that spoke for each."""
    spoken: dict[str, list[str]] = {code: [] for code in case.codes}
    for report in reports:
        for claim in report.claims:
            words = spoken.setdefault(str(claim["code"]), [])
            words.extend(word for word in claim.get("words", ()) if word in report.redacted and word not in words)
    known = taxonomy.load()
    return [
        Suspected(
            code=code,
            name=known[code].name if code in known else code,
            law=known[code].law if code in known else "",
            frame=_frame(code, case.side),
            # A single character speaks in the text where it is marked; alone it says nothing.
            words=tuple(word for word in words if len(word) > 1)[:6],
        )
        for code, words in spoken.items()
    ]


def _frame(code: str, side: str) -> str:
    """What the law threatens, or for a complaint what has to be looked at before it is judged."""
    if side == "enterprise":
        return label("check", code, "")
    known = taxonomy.load().get(code)
    return "；".join(label("about_frame", one, one) for one in known.frame.split("/")) if known and known.frame else ""


def _clocks(clocks: Iterable[ClockView], today: date, rules: Rules) -> list[ClockShown]:
    """What runs first, by due date, then what has ended."""
    ordered = sorted(clocks, key=lambda clock: (STATES.index(clock.state), clock.due_on, clock.id))
    return [
        ClockShown(
            name=rules.law.kind(clock.kind).name,
            state=clock.state,
            state_word=label("clock_state", clock.state),
            due_on=clock.due_on,
            lamp=of_clock(clock, today, rules.calendar) if clock.state in STANDING else None,
            steps=tuple(clock.derivation.get("steps", ())),
            doubts=tuple(_doubts(clock)),
        )
        for clock in ordered
    ]


def _doubts(clock: ClockView) -> Iterator[str]:
    if clock.derivation.get("verified") is False:
        yield label("clock_doubt", "unverified")
    if clock.derivation.get("provisional") and clock.state == "running":
        yield label("clock_doubt", "provisional")


def _routing(case: CaseView) -> Mapping[str, Any]:
    told = case.routing
    return {
        "reasons": told.get("reasons", ()),
        "citation": told.get("citation", ""),
        "excluded": [_office(code) for code in told.get("excluded", ())],
        "copies": [copy["name"] for copy in told.get("copies", ())],
    }


def _office(code: str) -> str:
    try:
        return by_code(code).name
    except DeskError:
        return code


def _reports(found: CasePage) -> list[ReportShown]:
    return [
        ReportShown(
            id=report.report_id,
            label=_report_label(index),
            number=report.number,
            at=report.received_at,
            channel_word=label("channel", report.channel),
            mode_word=label("mode", report.mode),
            parts=parts(report.redacted, report.claims),
            facts=facts.of_report(report),
            evidence=_files(_of_report(found.files, report), keeping.copies(found.custody)),
            letters=tuple(_letter(one) for one in found.letters if one.report_id == report.report_id),
            rating=report.rating,
            match=_matched(report.match),
        )
        for index, report in enumerate(found.reports)
    ]


def _letter(letter: LetterView) -> LetterShown:
    kind = "answer" if letter.from_teller and letter.kind == "reply" else letter.kind
    return LetterShown(label("letter", kind), letter.text, letter.at, letter.from_teller)


def _of_report(files: Iterable[FileView], report: ReportView) -> list[FileView]:
    return [file for file in files if file.report_id == report.report_id]


def _named_files(found: CasePage) -> list[tuple[str, FileView]]:
    """Every file under the names that the page gives its report and itself."""
    return [
        (f"{_report_label(index)} {_file_label(number)}", file)
        for index, report in enumerate(found.reports)
        for number, file in enumerate(_of_report(found.files, report), 1)
    ]


def _file_label(number: int) -> str:
    return label("form", "evidence_name").format(n=number)


def _files(files: Iterable[FileView], copies: Mapping[str, keeping.CopyShown]) -> tuple[FileShown, ...]:
    """The files as staff may open them: what is said of size and kind is said of the copy, where there is one."""
    shown = []
    for number, file in enumerate(files, 1):
        copy = copies.get(file.digest) or keeping.CopyShown(file.media_type, file.size, "", "")
        shown.append(
            FileShown(
                digest=file.digest,
                name=_file_label(number),
                kind=keeping.kind(file.media_type),
                size=keeping.size(file.size if copy.withheld else copy.size),
                sm3=file.sm3,
                viewable=copy.media_type in VIEWABLE,
                withheld=copy.withheld,
                removed=copy.removed,
            )
        )
    return tuple(shown)


def _matched(match: Mapping[str, Any]) -> Matched:
    return Matched(label("match", str(match.get("decision", "new"))), reasons(match))


def _similar(session: Session, found: CasePage, here: Seat) -> list[Like]:
    """The cases that reports of this one resemble, and those whose reports resemble this one."""
    matches = {int(r.match["report_id"]): r.match for r in found.reports if r.match.get("report_id")}
    likes: dict[str, Like] = {}
    for report_id, case in ledger.likenesses(session, matches, viewer=here.staff).items():
        if case.id != found.case.id:
            likes.setdefault(case.number, _like(case, matches[report_id]))
    for match, case in ledger.resembling(session, found.case.id, viewer=here.staff):
        likes.setdefault(case.number, _like(case, match))
    return list(likes.values())


def _like(case: CaseView, match: Mapping[str, Any]) -> Like:
    # A match that was too late to join is told as related: the case is in the hands of its officer already.
    words = label("like", str(match.get("decision", "related")), label("like", "related"))
    return Like(case.number, facts.title(case), words, reasons(match))


__all__ = ["VIEWABLE", "Row", "values"]

"""Whether a ledger is whole: what was acknowledged is there, nothing is half there, the chain proves it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import sealing
from bot.app import App
from intake import filing, querycodes, receipts
from intake.errors import IntakeError
from intake.models import (
    Case,
    Clock,
    Custody,
    Event,
    Evidence,
    EvidenceUse,
    FiledReport,
    Identity,
    MatchKey,
    Notice,
    Staff,
)  # fmt: skip
from intake.models import (
    Sequence as Counted,
)
from routing import states
from tests.crash.writer import told_by


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a teller was shown: which report it was, its number and its code."""

    report: int
    number: str
    code: str


@dataclass
class Found:
    """What an examination found; each line says which row, and what of it is missing."""

    reports: int = 0
    cases: int = 0
    lost: list[str] = field(default_factory=list)
    half_filed: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is lost, half there or unproven."""
        return not (self.lost or self.half_filed or self.findings)


def examine(app: App, acknowledged: Sequence[Acknowledged]) -> Found:
    """Look at every acknowledged code, every row, the chain and the file of the database."""
    verdict = sealing.verify(app, datetime.now(UTC), lambda *_: None)
    with app.database.reading() as session:
        found = Found(
            reports=len(session.scalars(select(FiledReport.id)).all()),
            cases=len(session.scalars(select(Case.id)).all()),
            lost=[*_lost(app, session, acknowledged)],
            half_filed=[*_reports(session), *_cases(session), *_evidence(app, session)],
            findings=[*_numbers(session), *_twice(session), *_file(session)],
        )
    found.findings += [f"verify: {one.kind} {dict(one.where)}" for one in verdict.findings]
    if verdict.reports != found.reports:
        found.findings.append(f"verify: {verdict.reports} of {found.reports} reports stand in the chain")
    return found


def _lost(app: App, session: Session, acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """Each code must open its own report, in its teller's words."""
    for one in acknowledged:
        filed = querycodes.report_by_mark(session, receipts.query_hash(app.vault, one.code))
        if filed is None:
            yield f"{one.number}: the code opens nothing"
        elif filed.number != one.number or filed.conversation != f"c{one.report}":
            yield f"{one.number}: the code opens {filed.number}"
        elif filing.text_of(filed, app.vault) != told_by(one.report).text:
            yield f"{one.number}: other words"
    session.expunge_all()


def _reports(session: Session) -> Iterator[str]:
    """A report has its case, its teller, its keys, its event with the commitment, and news for the officers."""
    cases = dict(session.execute(select(Case.id, Case.authority)).all())
    tellers = set(session.scalars(select(Identity.id)))
    keys = set(session.scalars(select(MatchKey.report_id)))
    news = set(session.scalars(select(Notice.key)))
    officers = defaultdict(list)
    for number, authority in session.execute(select(Staff.id, Staff.authority)):
        officers[authority].append(number)
    filed = {one.data["report_id"]: one for one in _events(session, "filed")}
    columns = (FiledReport.id, FiledReport.case_id, FiledReport.identity_id, FiledReport.digest)
    for number, case_id, identity_id, digest in session.execute(select(*columns)):
        event = filed.get(number)
        wanted = (
            ("case", case_id in cases),
            ("identity", identity_id in tellers),
            ("match key", number in keys),
            ("event filed", event is not None and event.case_id == case_id),
            ("commitment", event is not None and digest is not None and event.data.get("commitment") == digest.hex()),
            ("notice", all(f"filed-{number}-staff-{one}" in news for one in officers[cases.get(case_id, "")])),
        )
        yield from (f"report {number}: no {what}" for what, there in wanted if not there)
    yield from (f"report {number}: told of and not there" for number in filed.keys() - _ids(session, FiledReport.id))
    yield from (f"teller {number}: told nothing" for number in tellers - _ids(session, FiledReport.identity_id))


def _cases(session: Session) -> Iterator[str]:
    """A case was opened, holds a report for each that joined, and has every clock running that its filing starts."""
    opened = Counter(event.case_id for event in _events(session, "opened"))
    joined = Counter(event.case_id for event in _events(session, "attached"))
    told = Counter(session.scalars(select(FiledReport.case_id)))
    running = defaultdict(list)
    for case_id, kind, due_on in session.execute(
        select(Clock.case_id, Clock.kind, Clock.due_on).where(Clock.state == "running")
    ):
        running[case_id].append((kind, due_on))
    for number, side, next_due in session.execute(select(Case.id, Case.side, Case.next_due)):
        clocks = running[number]
        wanted = (
            ("one event opened", opened[number] == 1),
            ("report", told[number] > 0),
            ("an event for each that joined", told[number] == joined[number] + 1),
            ("its clocks", {kind for kind, _ in clocks} >= set(states.filing_clocks(side))),
            ("next date", bool(clocks) and next_due == min(due for _, due in clocks)),
        )
        yield from (f"case {number}: not {what}" for what, there in wanted if not there)


def _evidence(app: App, session: Session) -> Iterator[str]:
    """A file that was used belongs to a report, is known, lies in the store and opens, and its way is written down."""
    reports, kept = _ids(session, FiledReport.id), _ids(session, Evidence.sha256)
    attached = set(session.execute(select(Custody.report_id, Custody.sha256)).all())
    readable: dict[str, bool] = {}
    for report_id, digest in session.execute(select(EvidenceUse.report_id, EvidenceUse.sha256)):
        if digest not in readable:
            readable[digest] = _opens(app, digest)
        there = report_id in reports and digest in kept and (report_id, digest) in attached
        if not (there and readable[digest]):
            yield f"evidence {digest[:8]} of report {report_id}: {'orphan' if not there else 'no file'}"


def _opens(app: App, digest: str) -> bool:
    try:
        return bool(app.evidence.read(digest))
    except IntakeError:
        return False


def _numbers(session: Session) -> Iterator[str]:
    """Every number checks and is there once; under each key they run from one to the last without a gap."""
    given = session.scalars(select(FiledReport.number)).all()
    counted = dict(session.execute(select(Counted.key, Counted.last)).all())
    by_key: dict[str, set[int]] = defaultdict(set)
    for number in given:
        if not receipts.number_ok(number):
            yield f"number {number} does not check"
        place, year, running, _ = number.split("-")
        by_key[f"{place}-{year}"].add(int(running))
    if sum(map(len, by_key.values())) != len(given):
        yield "a number was given twice"
    for key in by_key.keys() | counted.keys():
        if by_key[key] != set(range(1, counted.get(key, 0) + 1)):
            yield f"numbers of {key}: {len(by_key[key])} reports, counted to {counted.get(key)}"


def _twice(session: Session) -> Iterator[str]:
    """Everybody told once."""
    told = Counter(session.scalars(select(FiledReport.conversation)))
    yield from (f"{who} was filed {times} times" for who, times in told.items() if times > 1)


def _file(session: Session) -> Iterator[str]:
    """What SQLite itself says of its file."""
    if session.get_bind().dialect.name != "sqlite":
        return
    connection = session.connection()
    for pragma, fine in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
        said = [tuple(row) for row in connection.exec_driver_sql(f"PRAGMA {pragma}")]
        if said != fine:
            yield f"{pragma}: {said[:3]}"


def _events(session: Session, kind: str) -> Sequence[Any]:
    return session.execute(select(Event.case_id, Event.data).where(Event.kind == kind)).all()


def _ids(session: Session, column: Any) -> set[Any]:
    return set(session.scalars(select(column)))

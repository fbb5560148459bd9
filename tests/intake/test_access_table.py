"""Who may see what, walked through: role × where he sits × side × state × field, through the real reads of the ledger."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import access, letters, looking, papers, queries, receipts, unmasking, viewing
from intake.errors import NotAllowed
from intake.evidence import EvidenceStore
from intake.models import Case, FiledReport, Paper, Staff, Unmasking
from intake.models.staff import ROLES
from intake.views import CaseView
from tests.canaries import (
    INSTITUTION,
    NOW,
    SEALED,
    SIDES,
    STATES,
    WHERES,
    WORDS,
    Planted,
    expected,
    found_in,
    plant,
)
from tests.intake.conftest import Ledger

KINDS = list(product(SIDES, STATES))


class Town:
    """A ledger with a case of each side in each state, and somebody of each role at each place."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger, self.store = ledger, EvidenceStore(folder / "evidence", ledger.vault)
        self.handler = ledger.hire("handler")
        self.keeper = ledger.hire("keeper", "custodian")
        self.viewers = {
            (role, where, interest): ledger.hire(
                f"{role} {where} {interest}", role, authority, INSTITUTION if interest else ""
            )
            for role, (where, authority), interest in product(ROLES, WHERES.items(), (False, True))
        }
        with ledger.database.transaction() as session:
            self.cases = {
                kind: plant(session, ledger.vault, *kind, handler=self.handler, keeper=self.keeper, n=n)
                for n, kind in enumerate(KINDS)
            }

    def given(self, session: Session, viewer: Staff, planted: Planted) -> str:
        """Everything that the reads of the ledger hand to this viewer about one case, as text."""
        parts: list[object] = []
        for closed in (False, True):
            parts += _tried(lambda shut=closed: _rows(session, viewer, planted, shut))
        parts += _tried(lambda: [queries.case_page(session, planted.case_id, viewer=viewer)])
        parts += _tried(lambda: letters.of_report(session, planted.report_id, viewer=viewer, vault=self.ledger.vault))
        parts += _tried(lambda: [queries.file_of(session, planted.report_id, WORDS["file.list"], viewer=viewer)])
        parts += _tried(lambda: self._papers(session, viewer, planted))
        parts += _tried(lambda: unmasking.requests(session, viewer=viewer))
        parts += _tried(lambda: looking.looked(session, viewer=viewer))
        parts += _tried(lambda: [one.body for one in queries.notices_for(session, viewer=viewer)])
        parts += _tried(lambda: [self._revealed(session, viewer, planted)])
        return repr(parts)

    def _papers(self, session: Session, viewer: Staff, planted: Planted) -> list[object]:
        """The papers of the case as they are listed, and each opened."""
        case, vault = session.get_one(Case, planted.case_id), self.ledger.vault
        found: list[object] = [*papers.of_case(session, case, viewer=viewer)]
        for one in session.scalars(select(Paper.id).where(Paper.case_id == case.id)):
            try:
                found.append(papers.opened(session, one, viewer=viewer, vault=vault)[1].decode())
            except NotAllowed:
                continue
        return found

    def _revealed(self, session: Session, viewer: Staff, planted: Planted) -> object:
        return unmasking.reveal(
            session, planted.grant_id, viewer=viewer, vault=self.ledger.vault, store=self.store, now=NOW
        )[1]


def _rows(session: Session, viewer: Staff, planted: Planted, closed: bool) -> list[object]:
    found = queries.queue(session, viewer=viewer, closed=closed)
    return [row for row in found.rows if row.id == planted.case_id]


def _tried(read) -> list[object]:
    """What a read gives, or nothing where it refuses."""
    try:
        return list(read())
    except NotAllowed:
        return []


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Iterator[Town]:
    """Built once: this file only reads."""
    folder = tmp_path_factory.mktemp("access")
    ledger = Ledger(f"sqlite:///{shutil.copy(empty_sqlite, folder / 'ledger.db')}")
    yield Town(ledger, folder)
    ledger.database.close()


@pytest.fixture
def reading(town: Town) -> Iterator[Session]:
    """A session that writes nothing in the end, since looks are counted."""
    with town.ledger.database.writing() as session:
        yield session


@pytest.mark.parametrize("where", WHERES)
@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_what_the_house_allows_and_not_a_word_more(
    town: Town, reading: Session, role: str, where: str
) -> None:
    """Of each case exactly the words that the table written by hand names."""
    viewer = town.viewers[role, where, False]
    wrong = {
        f"{side} {state}": f"{sorted(seen - allowed)} too much, {sorted(allowed - seen)} missing"
        for side, state in KINDS
        if (seen := found_in(town.given(reading, viewer, town.cases[side, state])))
        != (allowed := expected(role, where, side, state))
    }
    assert not wrong


@pytest.mark.parametrize("where", WHERES)
@pytest.mark.parametrize("role", ROLES)
def test_whoever_declared_an_interest_gets_nothing_whatever_his_role(
    town: Town, reading: Session, role: str, where: str
) -> None:
    """Neither a word nor the number of a case."""
    viewer = town.viewers[role, where, True]
    for planted in town.cases.values():
        text = town.given(reading, viewer, planted)
        assert found_in(text) == set()
        assert planted.number not in text


@pytest.mark.parametrize("role", ROLES)
def test_whoever_has_left_gets_nothing(town: Town, reading: Session, role: str) -> None:
    """An account that ended opens nothing, also in a page that is still open."""
    viewer = town.viewers[role, "office", False]
    reading.merge(viewer).active = False
    reading.flush()
    viewer = reading.get_one(Staff, viewer.id)
    for planted in town.cases.values():
        assert town.given(reading, viewer, planted) == "[]"


@pytest.mark.parametrize("role", ["officer", "leader"])
def test_an_accused_authority_gets_nothing(town: Town, reading: Session, role: str) -> None:
    """A case that a higher office sent down again is still hidden from those complained of."""
    planted = town.cases["citizen", "accepted"]
    case = reading.get_one(Case, planted.case_id)
    case.routing = {**case.routing, "excluded": ["YB-621021", "YB-621000"]}
    reading.flush()
    for where in ("office", "below"):
        text = town.given(reading, town.viewers[role, where, False], planted)
        assert found_in(text) == set()
        assert planted.number not in text


def test_the_holder_of_a_grant_alone_sees_what_is_sealed(town: Town, reading: Session) -> None:
    """The handler who asked, until the minute it ends; not in another state of the grant."""
    for planted in town.cases.values():
        text = repr(town._revealed(reading, town.handler, planted))
        assert found_in(text) == SEALED
    planted = town.cases["citizen", "accepted"]
    grant = reading.get_one(Unmasking, planted.grant_id)
    for change in (
        {"state": "waiting"},
        {"state": "refused"},
        {"state": "revoked"},
        {"expires_at": NOW},
        {"expires_at": NOW - timedelta(days=1)},
        {"asked_by": town.viewers["officer", "office", False].id},
    ):
        before = {name: getattr(grant, name) for name in change}
        for name, value in change.items():
            setattr(grant, name, value)
        reading.flush()
        with pytest.raises(NotAllowed):
            town._revealed(reading, town.handler, planted)
        for name, value in before.items():
            setattr(grant, name, value)


@pytest.mark.parametrize("kind", KINDS, ids=" ".join)
def test_a_teller_sees_his_own_and_nothing_of_another(town: Town, reading: Session, kind: tuple[str, str]) -> None:
    """His words, letters and file by name; not what the desk thinks, nor who handles it, nor anybody else's report."""
    planted, vault = town.cases[kind], town.ledger.vault
    own = queries.report_by_code(reading, receipts.query_hash(vault, planted.code))
    assert own is not None
    text = repr(queries.teller_page(reading, planted.report_id, viewer=own, vault=vault))
    assert found_in(text) == {
        "original.text", "original.letters", "file.name", "file.list", "report.promise", "report.rating"
    }  # fmt: skip
    assert f"staff:{town.handler.id}" not in text
    (paper,) = papers.of_report(reading, own, viewer=own)
    content = papers.opened(reading, paper.id, viewer=own, vault=vault)[1].decode()
    assert found_in(paper.number + content) == {"paper.list", "paper.content"}
    other = town.cases["citizen" if kind[0] == "enterprise" else "enterprise", kind[1]]
    for read in (
        lambda: queries.teller_page(reading, other.report_id, viewer=own, vault=vault),
        lambda: letters.of_report(reading, other.report_id, viewer=own, vault=vault),
        lambda: papers.of_report(reading, reading.get_one(FiledReport, other.report_id), viewer=own),
        lambda: queries.file_of(reading, other.report_id, WORDS["file.list"], viewer=own),
    ):
        with pytest.raises(NotAllowed):
            read()


HEADS = {
    # who, where: which lists tell him that there is such a case at all
    ("officer", "office"): SIDES,
    ("leader", "office"): SIDES,
    ("leader", "below"): SIDES,
    ("supervisor", "office"): SIDES,
    ("supervisor", "below"): SIDES,
    ("auditor", "office"): SIDES,
    ("auditor", "below"): SIDES,
    ("federation", "office"): ("enterprise",),
    ("federation", "below"): ("enterprise",),
}


@pytest.mark.parametrize("where", WHERES)
@pytest.mark.parametrize("role", ROLES)
def test_who_knows_of_a_case_at_all(town: Town, reading: Session, role: str, where: str) -> None:
    """By list and by opening alike; for an administrator and a custodian there are no cases."""
    viewer = town.viewers[role, where, False]
    listed = {
        row.number for shut in (False, True) for row in _all_rows(reading, viewer, shut)
    }  # fmt: skip
    opened = {one.number for one in town.cases.values() if _opens(reading, viewer, one)}
    wanted = {planted.number for (side, _), planted in town.cases.items() if side in HEADS.get((role, where), ())}
    assert listed == wanted
    assert opened == wanted


def _all_rows(session: Session, viewer: Staff, closed: bool) -> list[CaseView]:
    try:
        return list(queries.queue(session, viewer=viewer, closed=closed).rows)
    except NotAllowed:
        return []


def _opens(session: Session, viewer: Staff, planted: Planted) -> bool:
    try:
        viewing.case_for(session, planted.case_id, viewer=viewer)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize("where", WHERES)
@pytest.mark.parametrize("role", ROLES)
def test_nobody_finds_by_searching_what_he_may_not_read(town: Town, reading: Session, role: str, where: str) -> None:
    """Whether a search finds something would tell as much as the page."""
    viewer = town.viewers[role, where, False]
    for name in ("case.institution", "case.summary"):
        if any(name in expected(role, where, side, state) for side, state in KINDS):
            continue
        try:
            found = queries.queue(reading, viewer=viewer, search=WORDS[name])
        except NotAllowed:
            continue
        assert found.total == 0


def test_a_custodian_reads_the_request_and_nothing_of_the_case(town: Town, reading: Session) -> None:
    """Who asks for what and why, the number, the categories, how the teller wants to be treated; only in his line."""
    for where, sees in (("office", True), ("below", True), ("elsewhere", False)):
        found = unmasking.requests(reading, viewer=town.viewers["custodian", where, False])
        assert len(found) == (len(KINDS) if sees else 0)
        assert all(one.mode == "named" and one.codes == ("F01",) for one in found)


def test_only_auditor_asker_and_custodian_read_requests(town: Town, reading: Session) -> None:
    """Everybody else is refused, or reads an empty list of his own."""
    for (role, where, interest), viewer in town.viewers.items():
        try:
            count = len(unmasking.requests(reading, viewer=viewer))
        except NotAllowed:
            assert role in {"supervisor", "federation", "administrator"}
            continue
        sees = role in {"custodian", "auditor"} and where != "elsewhere" and not interest
        assert count == (len(KINDS) if sees else 0)
    assert len(unmasking.requests(reading, viewer=town.handler)) == len(KINDS)


def test_an_opening_is_recorded_once_an_hour_and_shown_to_the_auditor(town: Town, reading: Session) -> None:
    """With how often; whoever may not see the case leaves no row, and nobody but the auditor reads the list."""
    planted = town.cases["citizen", "accepted"]
    for minute in (1, 20, 61):
        looking.record(reading, planted.case_id, viewer=town.handler, now=NOW + timedelta(minutes=minute))
    for outsider in (town.viewers["officer", "elsewhere", False], town.viewers["administrator", "office", False]):
        with pytest.raises(NotAllowed):
            looking.record(reading, planted.case_id, viewer=outsider, now=NOW)
    rows = looking.looked(reading, viewer=town.viewers["auditor", "below", False], number=planted.number)
    assert [(row.name, row.times) for row in rows] == [("handler", 1), ("handler", 2)]
    assert looking.looked(reading, viewer=town.viewers["auditor", "elsewhere", False]) == []
    for role in set(ROLES) - {"auditor"}:
        with pytest.raises(NotAllowed):
            looking.looked(reading, viewer=town.viewers[role, "office", False])


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"custodian"}))
def test_a_cell_opened_by_mistake_is_noticed(
    town: Town, reading: Session, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk above bites: whichever field is opened to a role that may not have it, a word too much is found."""
    planted, viewer = town.cases["citizen", "decided"], town.viewers[role, "office", False]
    allowed = expected(role, "office", "citizen", "decided")
    column = access.roles().index(role)
    for name in sorted(set(WORDS) - SEALED - {"file.name"} - allowed):
        kind, field = name.split(".")
        changed = copy.deepcopy(dict(access.table()))
        around = (("case", "number"), ("event", "what"), ("event", "who"), ("clock", "dates"), ("report", "text"))
        for opened in ((kind, field), *around):
            # A field is read only where the case, and what holds the field, is known at all.
            changed[opened[0]][opened[1]][column] = "region"
        monkeypatch.setattr(access, "table", lambda changed=changed: changed)
        access.needs.cache_clear()
        seen = found_in(town.given(reading, viewer, planted))
        monkeypatch.undo()
        access.needs.cache_clear()
        assert name in seen - allowed


def test_the_table_is_whole_and_closed() -> None:
    """Every role of the house has its column, every object its rows; what it does not name it does not give."""
    assert set(access.roles()) == {*ROLES, "reporter"}
    assert set(access.OBJECTS) == set(access.table()) - {"columns", "settled", "roles", "conditions"}
    assert access.needs("officer", "case", "no_such_field") is None
    assert access.needs("nobody", "case", "number") is None
    assert not any(
        access.ever("administrator", kind, field)
        for kind in access.OBJECTS
        for field in access.table()[kind]
        if kind != "notice"
    )


def test_a_report_row_itself_is_the_tellers_key(town: Town, reading: Session) -> None:
    """The viewer of a teller's page is the report that his code opened, never a number that he names."""
    own = reading.get_one(FiledReport, town.cases["citizen", "closed"].report_id)
    assert viewing.of_teller(own, viewer=own).sees("original", "text")
    other = reading.get_one(FiledReport, town.cases["citizen", "received"].report_id)
    assert not viewing.of_teller(other, viewer=own).sees("original", "text")

"""Several at once: who tells, who sweeps and who acts do not wait for each other in a circle, and find each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake import handovers
from intake.confidentiality import Vault
from intake.db import Database
from intake.models import Case, FiledReport, Handover, Reminder, Staff
from intake.report import Receipt
from routing import desk
from routing.desk import people
from routing.errors import DeskError
from routing.sweep import sweep
from tests.databases import Postgres, on_postgresql
from tests.routing.conftest import HOME, RULES, moment, report

CROWD = 8


def _file(database: Database, vault: Vault, account: str, place: str = "621021") -> Receipt:
    told = report(account=account, place=place)
    return database.write(
        lambda session: desk.file_report(session, told, rules=RULES, vault=vault, home=HOME, now=told.received_at)
    )


def _at_once(acts: list[Callable[[], object]]) -> list[object]:
    """All of them together; raises what one of them raised."""
    start = threading.Barrier(len(acts), timeout=20)

    def run(act: Callable[[], object]) -> object:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [*pool.map(run, acts)]


@pytest.mark.parametrize("turn", range(3))
def test_a_crowd_that_tells_one_matter_at_one_instant_makes_one_case(
    database: Database, vault: Vault, turn: int
) -> None:
    """Eight people, one hospital, one moment: each his own report and number, one case."""
    receipts = _at_once([lambda who=who: _file(database, vault, f"{turn} {who}") for who in range(CROWD)])  # type: ignore[misc]
    assert len({receipt.case_number for receipt in receipts}) == CROWD  # type: ignore[attr-defined]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1
        assert session.scalar(select(func.count()).select_from(FiledReport)) == CROWD


@on_postgresql
def test_the_sweep_and_an_officer_on_one_case_pass_each_other(
    database: Database, vault: Vault, postgres: Postgres
) -> None:
    """The officer holds the case and goes for its clock; the sweep holds the clock and writes reminders of it."""
    _file(database, vault, "teller")
    late = moment("2026-10-12")
    holds, swept = threading.Event(), threading.Event()

    def officer() -> None:
        with database.transaction() as session:
            case = session.scalars(select(Case)).one()
            people.case_for(session, case.id)
            holds.set()
            assert swept.wait(5)
            one = session.scalars(select(Staff).where(Staff.username == "officer")).one()
            desk.accept(session, case.id, one, rules=RULES, vault=vault, now=late)

    def sweeper() -> None:
        holds.wait(5)
        with database.transaction() as session:
            assert sweep(session, rules=RULES, now=late).notices
        swept.set()

    _at_once([officer, sweeper])
    assert swept.is_set()
    with database.reading() as session:
        assert session.scalars(select(Case.state)).one() == "accepted"
        assert session.scalars(select(Reminder)).all()
    assert postgres.run("SELECT sum(deadlocks)::int FROM pg_stat_database") == [(0,)]


def _offered(database: Database, vault: Vault) -> int:
    """A case of 庆城县 offered to 西峰区 on 2026-09-22."""
    _file(database, vault, "teller")
    with database.transaction() as session:
        case = session.scalars(select(Case)).one()
        one = session.scalars(select(Staff).where(Staff.username == "officer")).one()
        law = {"rules": RULES, "vault": vault, "now": moment("2026-09-22")}
        desk.offer(session, case.id, one, authority="YB-621002", reason="在西峰区", **law)  # type: ignore[arg-type]
        return case.id


@on_postgresql
def test_the_sweep_leaves_an_offer_that_is_just_being_answered(
    database: Database, vault: Vault, postgres: Postgres
) -> None:
    """The receiver holds the case and goes for the clock of the offer; the escalation waits for another round."""
    number, late = _offered(database, vault), moment("2026-09-25")
    holds, swept = threading.Event(), threading.Event()

    def receiver() -> None:
        with database.transaction() as session:
            people.case_for(session, number)
            holds.set()
            assert swept.wait(5)
            one = session.scalars(select(Staff).where(Staff.username == "neighbour")).one()
            desk.take(session, number, one, rules=RULES, vault=vault, now=late)

    def sweeper() -> None:
        holds.wait(5)
        with database.transaction() as session:
            sweep(session, rules=RULES, now=late)
        swept.set()

    _at_once([receiver, sweeper])
    assert swept.is_set()
    with database.reading() as session:
        assert session.scalars(select(Case.authority)).one() == "YB-621002"
        assert session.scalars(select(Handover.state)).one() == "accepted"
    assert postgres.run("SELECT sum(deadlocks)::int FROM pg_stat_database") == [(0,)]


def test_of_two_answers_the_first_counts(database: Database, vault: Vault) -> None:
    """One takes it and one sends it back in the same instant: one of them is told that it is too late."""
    number = _offered(database, vault)

    def answer(verb: str, **words: str) -> bool:
        def job(session: Session) -> bool:
            one = session.scalars(select(Staff).where(Staff.username == "neighbour")).one()
            handovers.latest(session, number)  # as the page does before it asks for the case
            law = {"rules": RULES, "vault": vault, "now": moment("2026-09-23")}
            try:
                getattr(desk, verb)(session, number, one, **words, **law)
            except DeskError:
                return False
            return True

        return database.write(job)

    done = _at_once([lambda: answer("take"), lambda: answer("send_back", ground="place", reason="不在我区")])
    assert sorted(done) == [False, True]  # type: ignore[type-var]

"""The counter: who files at one moment is filed together, and yet each for himself."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.db import Database
from intake.errors import LedgerUncertain
from intake.models import FiledReport
from intake.models import Sequence as Counted
from intake.report import Receipt
from routing import desk
from routing.desk import Counter, Steps, Wish
from tests.databases import on_postgresql
from tests.routing.conftest import HOME, RULES, moment, report

NOW = moment("2026-09-21")
TELLERS, EACH = 8, 6


@pytest.fixture
def counter(database: Database, vault: Vault) -> Counter:
    return Counter(database, RULES, vault)


def filing(vault: Vault, number: int, *, refuse: bool = False) -> desk.counter.Job[Receipt]:
    """The job of one teller: it files his report, and writes a row of its own before and after."""
    one = report(account=f"teller-{number}", institution=f"庆城县第{number}医院")

    def job(session: Session) -> Steps[Receipt]:
        session.add(Counted(key=f"before-{number}", last=number))
        (filed,) = yield Wish([desk.draft(one, vault=vault, home=HOME)], NOW)
        receipt = desk.receipt_of(session, filed)
        session.add(Counted(key=f"after-{number}", last=number))
        if refuse:
            raise ValueError(number)
        return receipt

    return job


def test_each_of_many_gets_his_own_receipt_and_who_fails_takes_back_only_his_own(
    database: Database, counter: Counter, vault: Vault
):
    """48 filings of eight threads, every seventh raising after it was filed."""
    receipts: dict[int, Receipt] = {}
    refused: list[int] = []

    def work(first: int) -> None:
        for number in range(first, first + EACH):
            try:
                receipts[number] = counter.file(filing(vault, number, refuse=number % 7 == 0))
            except ValueError:
                refused.append(number)

    threads = [threading.Thread(target=work, args=(start * EACH,)) for start in range(TELLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    everybody = range(TELLERS * EACH)
    assert sorted(refused) == [number for number in everybody if number % 7 == 0]
    assert sorted(receipts) == [number for number in everybody if number % 7]
    with database.reading() as session:
        kept = {one.number: one for one in session.scalars(select(FiledReport))}
        own = set(session.scalars(select(Counted.key).where(Counted.key.regexp_match("^(before|after)-"))))
    assert set(kept) == {one.case_number for one in receipts.values()}
    for number, receipt in receipts.items():
        assert kept[receipt.case_number].institution == f"庆城县第{number}医院"
    assert len({one.query_code for one in receipts.values()}) == len(receipts)
    assert own == {f"{when}-{number}" for number in receipts for when in ("before", "after")}


def test_several_jobs_in_one_commit_ask_the_ledger_once(
    session: Session, vault: Vault, monkeypatch: pytest.MonkeyPatch
):
    """Three who file at one moment are three drafts of one filing; their results keep their order."""
    batches: list[int] = []
    really = desk.file_drafts

    def watched(session: Session, drafts: list[desk.Draft], **how: object) -> list[desk.Filed]:
        batches.append(len(drafts))
        return really(session, drafts, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.counter, "file_drafts", watched)
    jobs = [filing(vault, number) for number in (1, 2, 3)]
    receipts = desk.counter.run(session, jobs, rules=RULES, vault=vault)
    assert batches == [3]
    order = {one.number: one.institution for one in session.scalars(select(FiledReport))}
    assert [order[one.case_number] for one in receipts] == [f"庆城县第{number}医院" for number in (1, 2, 3)]


def test_a_job_may_file_nothing_or_in_several_steps(session: Session, vault: Vault):
    """Each step gets its own answer, whatever the others wish at the same time."""

    def nothing(_session: Session) -> Steps[str]:
        return "nothing"
        yield  # a job is a generator also where it files nothing

    def twice(session: Session) -> Steps[list[str]]:
        found = []
        for number in (11, 12):
            one = report(account=f"teller-{number}", institution=f"庆城县第{number}医院")
            (filed,) = yield Wish([desk.draft(one, vault=vault, home=HOME)], NOW)
            found.append(filed.rows.filed().institution or "")
        return found

    results = desk.counter.run(session, [nothing, twice, filing(vault, 13)], rules=RULES, vault=vault)
    assert results[:2] == ["nothing", ["庆城县第11医院", "庆城县第12医院"]]
    assert session.scalar(select(func.count()).select_from(FiledReport)) == 3


@on_postgresql
def test_a_commit_nobody_knows_the_end_of_is_not_tried_again_for_anybody(
    database: Database, counter: Counter, vault: Vault, monkeypatch: pytest.MonkeyPatch
):
    """Otherwise what was committed after all would be filed twice."""
    tried: list[int] = []
    held = threading.Event()
    waiting = threading.Barrier(3)

    def uncertain(_job: object) -> object:
        tried.append(1)
        if len(tried) == 1:
            held.wait(10)  # while the others come
        raise LedgerUncertain

    monkeypatch.setattr(database, "write", uncertain)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        if number:
            waiting.wait(10)
        try:
            counter.file(filing(vault, number))
        except LedgerUncertain as trouble:
            errors.append(trouble)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    waiting.wait(10)
    while len(counter._crowd._queue) < 2:
        pass
    held.set()
    for thread in threads:
        thread.join(10)
    assert len(errors) == 3
    assert len(tried) == 2  # the first alone, then the two who waited, together


def test_nobody_hears_of_a_filing_that_is_not_committed(database: Database, counter: Counter, vault: Vault):
    """Whoever holds a receipt finds it with another connection."""
    receipt = counter.file(filing(vault, 1))
    with database.reading() as other:
        assert other.scalar(select(FiledReport.number)) == receipt.case_number

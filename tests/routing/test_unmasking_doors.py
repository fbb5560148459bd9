"""No way round a grant: two at once, and no other door in the code."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from intake.confidentiality import Vault
from intake.db import Database
from intake.models import Event
from routing import errors
from routing.desk import unmasking as seal
from tests.routing.conftest import Office, replace, report
from tests.routing.test_unmasking import AT, HIRED, NOW, TELLER, asked, hire

ROOT = Path(__file__).parents[2]


def test_two_custodians_who_agree_at_once_give_one_grant(database: Database, vault: Vault, tmp_path: Path) -> None:
    """One of them is told that it was decided already; a look and a revocation come one after the other."""
    with database.transaction() as session:
        office = Office(session, vault)
        for one in HIRED:
            hire(session, *one)
        receipt = office.file(replace(report(), teller=TELLER))
        office.do("accept", office.case(receipt), "officer", AT)
        grant = asked(office, office.report(receipt))
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def agree(username: str) -> None:
        ready.wait(5)
        try:
            with database.transaction() as session:
                seal.approve(session, grant, Office(session, vault).staff(username), now=NOW)
            outcomes.append("agreed")
        except errors.DecidedAlready:
            outcomes.append("late")

    threads = [threading.Thread(target=agree, args=(name,)) for name in ("keeper", "keeper2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["agreed", "late"]
    with database.reading() as session:
        events = session.scalars(select(Event.kind).where(Event.kind == "unmasking_approved")).all()
        assert len(events) == 1


@pytest.mark.parametrize(
    ("name", "callers"),
    [
        # name and phone
        ("revealed", {"intake/unmasking.py"}),
        # letters in full to somebody who is not their teller
        ("in_full", {"intake/unmasking.py", "intake/letters.py"}),
        # the report in its teller's words
        ("text_of", {"intake/unmasking.py", "intake/queries.py"}),
        # the look itself
        ("reveal", {"routing/desk/unmasking.py"}),
    ],
)
def test_there_is_no_other_door(name: str, callers: set[str]) -> None:
    """Whatever opens a seal for staff is called from one place, which asks for a living grant."""
    found = {
        file.relative_to(ROOT).as_posix()
        for room in ("bot", "routing", "intake")
        for file in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name
    }
    assert found <= callers
    assert found

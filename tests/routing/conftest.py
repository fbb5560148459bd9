"""A real ledger with real law and a small staff in 庆阳 and its counties."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.db import Database
from intake.models import Case, FiledReport, Staff
from intake.report import Claim, Receipt, Report, Teller
from routing import desk
from routing.rewards import RewardLaw
from routing.rules import SHANGHAI, Rules

HOME = "621000"
RULES = replace(Rules.load(), rewards=RewardLaw.load(Path(__file__).parent / "own_law"))
"""The packaged law, and a scheme of rewards as a bureau enters its own."""


def moment(text: str) -> datetime:
    """A moment in Shanghai: "2026-09-18" is nine in the morning."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T09:00").replace(tzinfo=SHANGHAI)


def report(
    text: str = "庆城县桃源康复医院三楼康复科的病人都不在医院，床是空的，医保照样天天扣钱。",
    *,
    side: str = "citizen",
    codes: tuple[str, ...] = ("F01",),
    institution: str | None = "庆城县桃源康复医院",
    organ: str | None = None,
    place: str | None = "621021",
    account: str = "teller-1",
    mode: str = "confidential",
    at: str = "2026-09-18",
) -> Report:
    """A confirmed report as the door hands it over."""
    return Report(
        side=side,  # type: ignore[arg-type]
        teller=Teller(channel="web", account=account, mode=mode),  # type: ignore[arg-type]
        conversation=f"conversation-{account}",
        text=text,
        redacted=text,
        claims=tuple(Claim(code, 0.9) for code in codes),
        received_at=moment(at),
        institution=institution,
        organ=organ,
        place=place,
    )


def complaint(**changes: object) -> Report:
    """A pharmacy complains of its fifth inspection this year."""
    facts: dict[str, object] = {
        "text": "我们药店今年已经被县医保局查了五次，每次都是同样的事。",
        "side": "enterprise",
        "codes": ("X06",),
        "institution": "庆城县子虚大药房",
        "organ": "庆城县医疗保障局",
        "account": "pharmacy",
    }
    return report(**{**facts, **changes})  # type: ignore[arg-type]


STAFF = (
    ("officer", "officer", "YB-621021", ""),
    ("colleague", "officer", "YB-621021", "庆城县桃源康复医院"),
    ("leader", "leader", "YB-621021", ""),
    ("supervisor", "supervisor", "YB-621021", ""),
    ("neighbour", "officer", "YB-621002", ""),
    ("city", "officer", "YB-621000", ""),
    ("mayor", "leader", "YB-621000", ""),
    ("city_supervisor", "supervisor", "YB-621000", ""),
    ("province", "leader", "YB-620000", ""),
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A ledger of this test's own, with its staff."""
    opened = Database(database_url)
    with opened.transaction() as session:
        session.add_all(
            Staff(username=name, password_hash="-", name=name, role=role, authority=authority, interests=interests)
            for name, role, authority, interests in STAFF
        )
    yield opened
    opened.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One writing session; what a test leaves is rolled back."""
    with database.writing() as opened:
        yield opened


@pytest.fixture(scope="session")
def vault() -> Vault:
    """A vault with a fixed key."""
    return Vault(bytes(range(32)))


class Office:
    """The desk as a test speaks to it: verbs without the arguments that are always the same."""

    def __init__(self, session: Session, vault: Vault) -> None:
        self.session, self.vault = session, vault

    def file(self, told: Report) -> Receipt:
        """File a report at its moment of receipt."""
        return desk.file_report(self.session, told, rules=RULES, vault=self.vault, home=HOME, now=told.received_at)

    def do(self, verb: str, case: Case, by: str, at: str, **words: object) -> Case:
        """An officer's act on a day."""
        act: Callable[..., Case] = getattr(desk, verb)
        return act(self.session, case.id, self.staff(by), rules=RULES, vault=self.vault, now=moment(at), **words)

    def told(self, verb: str, told: FiledReport, at: str, *words: object, **more: object) -> object:
        """A teller's act on a day."""
        act: Callable[..., object] = getattr(desk, verb)
        return act(self.session, told, *words, rules=RULES, vault=self.vault, now=moment(at), **more)

    def staff(self, username: str) -> Staff:
        """A member of staff by name."""
        return self.session.query(Staff).filter_by(username=username).one()

    def report(self, receipt: Receipt) -> FiledReport:
        """The row behind a receipt."""
        return self.session.query(FiledReport).filter_by(number=receipt.case_number).one()

    def case(self, receipt: Receipt) -> Case:
        """The case behind a receipt."""
        return self.session.get_one(Case, self.report(receipt).case_id)


@pytest.fixture
def office(session: Session, vault: Vault) -> Office:
    """The desk over this test's ledger."""
    return Office(session, vault)


__all__ = ["HOME", "RULES", "Office", "complaint", "moment", "replace", "report"]

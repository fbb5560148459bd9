"""Erasing a person: nothing of him is left in the database file; the case, its course and the matter stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from intake import audit, erasure, evidence, filing, letters, outbox, queries, retention, rewards
from intake.db import Base
from intake.errors import ErasedAlready, OtherReportRunning, RewardRunning, StillRunning
from intake.evidence import EvidenceStore
from intake.identity import account_hash, phone_hash
from intake.keys import TELLER
from intake.matching import sought_of
from intake.models import (
    Case,
    Clock,
    Conversation,
    Event,
    Evidence,
    FiledReport,
    Identity,
    Letter,
    MatchKey,
    Rating,
    Remark,
    Reward,
    Tombstone,
    Turn,
)
from intake.receipts import new_query_code, query_hash
from intake.report import Teller
from intake.scrub import scrub
from routing import leaks
from tests.databases import on_sqlite
from tests.intake.conftest import NOW, REPORT, Ledger

TELLING = "我是这家医院值夜班的护士,9月3号住在**床的病人早就回家了,医院空挂床位记费。"
LATER = NOW + timedelta(days=400)


def told(ledger: Ledger, account: str = "zhou-canary", **changes: Any) -> FiledReport:
    """A report with everything that a person leaves behind, its case closed as unfounded."""
    teller = Teller("web", account, "named", "周金丝雀", "13912340000")
    own: dict[str, Any] = {"text": TELLING, "redacted": TELLING, "place_text": "金丝雀巷九号"}
    report = replace(REPORT, teller=teller, conversation=f"talk-{account}", **{**own, **changes})
    filed = ledger.file(report)
    with ledger.database.transaction() as session:
        vault = ledger.vault
        session.add(
            Conversation(
                id=report.conversation,
                channel="web",
                sealed_state=vault.seal(b"state", "s"),
                created_at=NOW,
                spoken_at=NOW,
            )
        )
        session.flush()
        session.add(
            Turn(conversation_id=report.conversation, message_id="m1", sealed=vault.seal(b"hello", "t"), at=NOW)
        )
        mine = session.get_one(FiledReport, filed.id)
        words = "我婆婆七十九岁,瘫在炕上。"
        letters.append(
            session, mine, text=words, redacted=words, kind="supplement", from_teller=True, vault=vault, now=NOW
        )
        outbox.put(
            session, key=f"k-{account}", body="您好,金丝雀。", now=NOW, report_id=filed.id, case_id=filed.case_id
        )
        session.add(Rating(report_id=filed.id, stars=2, comment="周金丝雀不满意", at=NOW))
        event = audit.append(session, filed.case_id, "replied", "staff:1", {}, NOW)
        session.flush()
        session.add(Remark(event_id=event.id, salt=b"salt", text="您9月3日值夜班时看到的情况属实。"))
    close(ledger, filed)
    return filed


def close(ledger: Ledger, filed: FiledReport, outcome: str = "not_established") -> None:
    """The case is closed, nothing runs."""
    with ledger.database.transaction() as session:
        case = session.get_one(Case, filed.case_id)
        case.state, case.closed_at, case.outcome = "closed", NOW, outcome


def erased(ledger: Ledger, filed: FiledReport, **given: Any) -> erasure.Erased:
    """Erase, as the command does."""
    with ledger.database.transaction() as session:
        report = session.get_one(FiledReport, filed.id)
        return erasure.erase(
            session, report, ground="consent", actor="administrator", vault=ledger.vault, now=LATER,
            hide=leaks.hidden, **given,
        )  # fmt: skip


def canaries(ledger: Ledger, filed: FiledReport) -> dict[str, bytes]:
    """Every value, as bytes, that must not be found in the file afterwards."""
    with ledger.database.reading() as session:
        report = session.get_one(FiledReport, filed.id)
        who = session.get_one(Identity, report.identity_id)
        letter = session.scalars(select(Letter).where(Letter.report_id == filed.id)).first()
        turn = session.scalars(select(Turn)).first()
        talk = session.scalars(select(Conversation)).first()
        assert letter
        assert turn
        assert talk
        clear = {"night": "值夜班的护士", "day": "9月3号", "lane": "金丝雀巷", "greeting": "您好,金丝雀", "rating": "周金丝雀不满意",
                 "kin": "我婆婆七十九岁", "reply": "值夜班时看到", "talk": "talk-zhou-canary"}  # fmt: skip
        return {name: value.encode() for name, value in clear.items()} | {
            "identity": who.sealed,
            "account": account_hash(ledger.vault, "web", "zhou-canary").encode(),
            "phone": str(phone_hash(ledger.vault, "13912340000")).encode(),
            "text": report.sealed_text,
            "letter": letter.sealed,
            "turn": turn.sealed,
            "state": talk.sealed_state,
            "key": bytes.fromhex(account_hash(ledger.vault, "web", "zhou-canary")[:16]),
        }


def bytes_of(folder: Path) -> bytes:
    """The database file and whatever lies beside it."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("ledger.db*")))


@on_sqlite
def test_no_byte_of_an_erased_person_remains(ledger: Ledger, tmp_path: Path) -> None:
    """Among many other reports, after erasing and scrubbing, none of the values is found in the file or its log."""
    for number in range(60):
        ledger.file(replace(REPORT, teller=Teller("web", f"other-{number}"), institution=f"医院{number}"))
    filed = told(ledger)
    before = canaries(ledger, filed)
    present = bytes_of(tmp_path)
    assert [name for name, value in before.items() if value not in present] == []
    erased(ledger, filed)
    for number in range(60, 90):
        ledger.file(replace(REPORT, teller=Teller("web", f"other-{number}"), institution=f"医院{number}"))
    assert scrub(ledger.database, erasure.REWRITTEN)
    left = bytes_of(tmp_path)
    assert [name for name, value in before.items() if value in left] == []


def test_the_case_its_course_and_the_matter_stay(ledger: Ledger) -> None:
    """Number, matter, events and stars remain; the redacted text only without what points to a person."""
    filed = told(ledger)
    with ledger.database.reading() as session:
        events = [(event.id, event.kind, event.data) for event in session.scalars(select(Event).order_by(Event.id))]
    erased(ledger, filed)
    with ledger.database.reading() as session:
        case, report = session.get_one(Case, filed.case_id), session.get_one(FiledReport, filed.id)
        after = [(event.id, event.kind, event.data) for event in session.scalars(select(Event).order_by(Event.id))]
        stone = session.get_one(Tombstone, filed.id)
        assert (case.number, case.institution, case.closed_at) == (filed.number, "康宁医院", NOW)
        assert "医院空挂床位记费" in report.redacted
        assert "护士" not in report.redacted + case.summary
        assert session.get_one(Rating, filed.id).stars == 2
        teller = Teller("web", "zhou-canary", "named", "周金丝雀", "13912340000")
        own = {
            key.number
            for key in sought_of(replace(REPORT, teller=teller), ledger.vault).sought_keys
            if key.weight == TELLER
        }
        assert len(own) == 2
        kept = set(session.scalars(select(MatchKey.key).where(MatchKey.report_id == filed.id)))
        assert kept, "the matter is still found"
        assert not kept & own
        assert after[: len(events)] == events
        assert [kind for _, kind, _ in after[len(events) :]] == ["erased"]
        assert (stone.ground, stone.at) == ("consent", LATER)


def test_the_erased_person_is_not_known_again(ledger: Ledger) -> None:
    """The same account tells the same again: to the ledger it is somebody new."""
    filed = told(ledger)
    erased(ledger, filed)
    again = ledger.match(replace(REPORT, teller=Teller("web", "zhou-canary", "named", "周金丝雀", "13912340000")))
    assert "same_teller" not in again.reasons


def test_what_still_runs_is_not_erased(ledger: Ledger) -> None:
    """An open case, a running clock, an open reward, another running report of the same talk: each with its reason."""
    filed = told(ledger)
    with ledger.database.transaction() as session:
        case = session.get_one(Case, filed.case_id)
        case.state, case.closed_at = "accepted", None
    with pytest.raises(StillRunning):
        erased(ledger, filed)
    close(ledger, filed)
    with ledger.database.transaction() as session:
        clock = Clock(
            case_id=filed.case_id,
            kind="close_case",
            starts_on=date(2026, 11, 1),
            due_on=date(2026, 12, 1),
            derivation={},
        )
        session.add(clock)
    with pytest.raises(StillRunning):
        erased(ledger, filed)
    with ledger.database.transaction() as session:
        session.scalars(select(Clock)).one().state = "met"
        session.get_one(FiledReport, filed.id).wants_reward = True
    close(ledger, filed, "established")
    with pytest.raises(RewardRunning):
        erased(ledger, filed)
    other = ledger.file(
        replace(REPORT, conversation="talk-zhou-canary", institution="别的药店", teller=Teller("web", "x"))
    )
    with pytest.raises(OtherReportRunning):
        erased(ledger, filed, reward_settled=True)
    close(ledger, other)
    erased(ledger, filed, reward_settled=True)
    with pytest.raises(ErasedAlready):
        erased(ledger, filed)


@pytest.mark.parametrize(
    ("state", "keeps"),
    [("proposed", True), ("notified", True), ("claimed", True), ("paid", False), ("waived", False), ("lapsed", False)],
)
def test_a_reward_keeps_its_teller_until_it_has_ended(ledger: Ledger, state: str, keeps: bool) -> None:
    """While it runs nobody is erased; afterwards the sealed claim goes, and what was decided stays."""
    filed = told(ledger)
    close(ledger, filed, "established")
    with ledger.database.transaction() as session:
        reward = Reward(report_id=filed.id, state=state, facts={"found_true": True}, matter={}, people=1, steps=["x"],
                        citations=[], schemes=[])  # fmt: skip
        rewards.keep_claim(reward, session.get_one(FiledReport, filed.id), {"name": "周金丝雀"}, ledger.vault)
        session.add(reward)
    if keeps:
        with pytest.raises(RewardRunning):
            erased(ledger, filed)
        return
    erased(ledger, filed)
    with ledger.database.reading() as session:
        kept = session.scalars(select(Reward)).one()
        assert kept.sealed_claim is None
        assert (kept.facts, kept.steps) == ({"found_true": True}, ["x"])


def test_files_go_only_when_asked_and_when_nobody_else_gave_them(ledger: Ledger, tmp_path: Path) -> None:
    """Without the wish only their names go; with it the contents that no other report uses."""
    store = EvidenceStore(tmp_path / "evidence", ledger.vault)
    with ledger.database.transaction() as session:
        shared, own = store.store(b"shared picture", "a.txt"), store.store(b"own picture", "b.txt")
        for one in (shared, own):
            evidence.record(session, one, NOW)
    filed = told(ledger, evidence=(shared.digest, own.digest))
    other = ledger.file(replace(REPORT, teller=Teller("web", "b"), institution="别家", evidence=(shared.digest,)))
    done = erased(ledger, filed, files=True)
    assert done.digests == (own.digest,)
    with ledger.database.reading() as session:
        assert session.scalars(select(Evidence.sha256)).all() == [shared.digest]
        mine = session.get_one(FiledReport, other.id)
        assert [
            file.digest for file in queries.teller_page(session, other.id, viewer=mine, vault=ledger.vault).files
        ] == [shared.digest]
    for digest in done.digests:
        store.forget(digest)
    assert (store.has(own.digest), store.has(shared.digest)) == (False, True)


def test_a_later_teller_of_the_case_loses_nothing(ledger: Ledger) -> None:
    """Erasing the first leaves the second's words, identity and code as they were."""
    filed = told(ledger)
    code = new_query_code()
    second = ledger.file(
        replace(REPORT, teller=Teller("web", "second"), conversation="talk-second"), code=code, case_id=filed.case_id
    )
    erased(ledger, filed)
    with ledger.database.reading() as session:
        found = queries.report_by_code(session, query_hash(ledger.vault, code))
        assert found is not None
        assert found.id == second.id
        assert filing.text_of(found, ledger.vault) == REPORT.text
        assert not erasure.is_erased(session, second.id)


def test_every_table_that_names_a_person_or_report_is_thought_of() -> None:
    """A new table that points to a report, an identity or a conversation must be handled when a person is erased."""
    handled = {model.__tablename__ for model in erasure.TOUCHED} | {"tombstone"}
    pointing = {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in {"report", "identity", "conversation"}
    }
    assert pointing <= handled


def test_every_table_has_its_time() -> None:
    """retention.toml knows every table, and no table that does not exist."""
    assert retention.known_tables() == set(Base.metadata.tables)


def test_every_rule_says_what_and_why() -> None:
    """A period above nothing, a moment, a paper, a reason; erasing rules cover every outcome once."""
    for rule in retention.rules():
        assert rule.years or rule.days
        assert rule.then in {"delete", "erase"}
        assert all((rule.since, rule.paper, rule.mark, rule.why))
    outcomes = [outcome for rule in retention.rules() for outcome in rule.outcomes]
    assert len(outcomes) == len(set(outcomes))


def run(ledger: Ledger, now: datetime, limit: int = 500) -> dict[str, int]:
    """Every rule to its end, in steps of `limit`."""
    done: dict[str, int] = {}
    for rule in retention.rules():
        more = True
        while more:
            with ledger.database.transaction() as session:
                step = retention.step(session, rule, vault=ledger.vault, now=now, hide=leaks.hidden, limit=limit)
            done[rule.name] = done.get(rule.name, 0) + step.rows
            more = step.more
    return done


def test_nothing_goes_before_its_time(ledger: Ledger) -> None:
    """One day before, the dry run and the run find nothing of the case; one day after, both find the same."""
    filed = told(ledger)
    early = datetime(2029, 11, 19, tzinfo=UTC)
    late = datetime(2029, 11, 21, tzinfo=UTC)
    with ledger.database.reading() as session:
        counts = {one.rule.name: (one.rows, one.oldest) for one in retention.expired(session, early)}
        assert counts["unfounded"] == (0, None)
        counts = {one.rule.name: (one.rows, one.oldest) for one in retention.expired(session, late)}
        assert counts["unfounded"] == (1, NOW)
        assert counts["founded"] == (0, None)
    assert run(ledger, early)["unfounded"] == 0
    done = run(ledger, late)
    assert done["unfounded"] == 1
    with ledger.database.reading() as session:
        assert erasure.is_erased(session, filed.id)
        assert run_events(ledger)[-1] == {"rule": "unfounded", "table": "identity", "rows": 1, "before": "2026-11-21"}


def run_events(ledger: Ledger) -> list[dict[str, Any]]:
    """What runs left in the history."""
    with ledger.database.reading() as session:
        return list(session.scalars(select(Event.data).where(Event.kind == "disposed").order_by(Event.id)))


def test_a_run_goes_in_steps_and_may_be_broken_off(ledger: Ledger) -> None:
    """Seven old talks in steps of three: three transactions, three tombstones in the history, no content in them."""
    with ledger.database.transaction() as session:
        for number in range(7):
            talk = Conversation(id=f"old-{number}", channel="web", sealed_state=b"x", created_at=NOW, spoken_at=NOW)
            session.add(talk)
            session.flush()
            session.add(Turn(conversation_id=talk.id, message_id="m", sealed=b"x", at=NOW))
    rule = next(rule for rule in retention.rules() if rule.name == "talk")
    with ledger.database.transaction() as session:
        first = retention.step(session, rule, vault=ledger.vault, now=LATER, hide=leaks.hidden, limit=3)
    assert (first.rows, first.more) == (3, True)
    assert run(ledger, LATER, limit=3)["talk"] == 4
    assert [data["rows"] for data in run_events(ledger)] == [3, 3, 1]
    with ledger.database.reading() as session:
        assert session.scalars(select(Turn)).all() == []


def test_a_talk_with_a_report_is_not_a_mere_talk(ledger: Ledger) -> None:
    """It goes with its teller, not after a year."""
    told(ledger)
    assert run(ledger, LATER)["talk"] == 0


@on_sqlite
def test_a_database_in_use_is_said_not_to_be_scrubbed(ledger: Ledger) -> None:
    """While somebody reads an old state, the log keeps it, and the answer is no; afterwards it is yes."""
    filed = told(ledger)
    with ledger.database.reading() as reader:
        reader.get_one(FiledReport, filed.id)
        erased(ledger, filed)
        assert not scrub(ledger.database, erasure.REWRITTEN, wait=0.1)
    assert scrub(ledger.database, erasure.REWRITTEN)

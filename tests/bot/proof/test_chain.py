"""The sealer: one at a time, nothing left behind, late rows found, forged rows refused, old ledgers taken over."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from bot import sealing
from bot.app import App
from intake import audit, chain, erasure, erasures, heads, verification
from intake.confidentiality import Vault
from intake.db import Database
from intake.errors import ProofKeyWrong
from intake.models import Event, FiledReport, Head, Identity, Letter, Link
from intake.schema import configuration, migrate
from intake.verification import Verdict
from intake.witness import Witness
from routing import desk
from tests.bot.proof.conftest import at, file_one, live, nothing, open_app, told_by
from tests.intake.test_keyring import sealed_as_released
from tests.routing.conftest import HOME, RULES, report

DAY = "2026-09-30"


def verified(app: App) -> Verdict:
    """Everything sealed and checked."""
    return sealing.verify(app, at(DAY), nothing)


def kinds(verdict: Verdict) -> set[str]:
    """What was found."""
    return {finding.kind for finding in verdict.findings}


def test_filings_of_every_channel_and_their_acts_are_linked(office: App) -> None:
    """Whatever is filed or done has its place, and the ledger verifies."""
    live(office)
    verdict = verified(office)
    assert verdict.sound
    with office.database.reading() as session:
        for source in chain.SOURCES:
            assert chain.unlinked(session, source, limit=1) == []
        assert {link.relayed for link in session.scalars(select(Link).where(Link.source == "report"))} == {True, False}


def test_nothing_to_seal_is_seen_without_the_write_lock(office: App) -> None:
    """A quiet night costs a few reads a second."""
    live(office)
    sealing.seal(office, at(DAY), whole=True)
    with office.database.reading() as session:
        assert chain.idle(session, at(DAY))
    file_one(office, report(at="2026-09-29"))
    with office.database.reading() as session:
        assert not chain.idle(session, at(DAY))


def test_a_head_is_signed_once_its_time_has_come(office: App) -> None:
    """Links are made at once, a head after ten seconds, and a head goes into the file when it is committed."""
    file_one(office, report())
    assert sealing.seal(office, at("2026-09-01")).heads == 1  # the beginning of the chain
    file_one(office, told_by("web", 1, report(institution="庆城县甲医院")))
    assert sealing.seal(office, at("2026-09-01") + timedelta(seconds=5)).heads == 0
    assert sealing.seal(office, at("2026-09-01") + timedelta(seconds=11)).heads == 1
    lines = heads.read_file(sealing.heads_file(office))
    assert [line["number"] for line in lines if line] == [0, 1]


def test_sealers_at_once_make_one_chain(office: App) -> None:
    """Threads with connections of their own seal while others file: no position twice, no row left out."""
    broken: list[BaseException] = []
    others = [open_app(office.settings.data_folder) for _ in range(2)]

    def work(app: App, number: int) -> None:
        try:
            for turn in range(8):
                file_one(app, told_by("web", 10 * number + turn, report(institution=f"庆城县{number}{turn}医院")))
                sealing.seal(app, at(DAY))
        except Exception as problem:  # noqa: BLE001 - the main thread tells it
            broken.append(problem)

    threads = [threading.Thread(target=work, args=(app, number)) for number, app in enumerate([office, *others])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for app in others:
        app.close()
    assert broken == []
    assert kinds(verified(office)) == set()
    assert verified(office).reports == 24


def test_a_sealer_that_was_killed_leaves_nothing_behind(office: App) -> None:
    """Its transaction goes, its lease with it: the next one begins where it began."""
    file_one(office, report())
    with pytest.raises(KeyboardInterrupt), office.database.transaction() as session:
        _link_and_die(session, sealing.witness_of(office))
    with office.database.reading() as session:
        assert session.scalars(select(Link)).all() == []
    assert verified(office).sound


def _link_and_die(session: Session, witness: Witness) -> None:
    assert chain.link(session, witness, chain.gather(session, witness), at(DAY))
    raise KeyboardInterrupt


def test_half_a_line_in_the_file_of_heads_is_written_anew(office: App) -> None:
    """A power cut while a head is appended is no finding."""
    live(office)
    file = sealing.heads_file(office)
    whole = file.read_bytes()
    file.write_bytes(whole[:-40])
    sealing.seal(office, at(DAY))
    assert file.read_bytes() == whole
    assert verified(office).sound


def test_a_row_whose_commit_came_late_is_linked_after_higher_numbers(office: App) -> None:
    """PostgreSQL gives numbers before commits: order is that of discovery."""
    live(office)
    with office.database.transaction() as session:
        late = session.scalars(select(Event).order_by(Event.id)).first()
        assert late is not None
        values = {name: getattr(late, name) for name in ("case_id", "at", "actor", "kind", "data")}
        for number in (900, 700):
            session.add(Event(id=number, **values))
            session.flush()
            witness = sealing.witness_of(office)
            assert chain.link(session, witness, chain.gather(session, witness, whole=True), at(DAY))
    verdict = verified(office)
    assert verdict.sound
    with office.database.reading() as session:
        order = session.scalars(select(Link.row_id).where(Link.source == "event").order_by(Link.position)).all()
    assert list(order[-2:]) == [900, 700]


def test_a_row_that_was_changed_before_it_was_linked_is_refused(office: App) -> None:
    """In the second between commit and link, whoever has no key can only make himself known."""
    receipt = file_one(office, report())
    with office.database.transaction() as session:
        session.execute(text("UPDATE report SET redacted = 'nothing happened'"))
    done = sealing.seal(office, at(DAY))
    assert done.refused == 1
    verdict = verified(office)
    assert "row_stranger" in kinds(verdict)
    assert receipt.proof.startswith("jt1.")


def test_a_row_without_digest_is_refused(office: App) -> None:
    """An event slipped in past the program."""
    live(office)
    with office.database.transaction() as session:
        session.execute(
            text("INSERT INTO event (at, actor, kind, data) VALUES ('2026-09-30 01:00:00', 's', 'x', '{}')")
        )
    verdict = verified(office)
    assert [(one.kind, one.where["table"]) for one in verdict.findings] == [("row_stranger", "event")]


def test_a_time_of_receipt_that_runs_backwards_is_remarked(office: App) -> None:
    """A report written down later with an earlier time: a person should look. A hotline's own time is its own."""
    file_one(office, report(at="2026-09-18T12:00"))
    sealing.seal(office, at(DAY))
    for number, channel in enumerate(("api", "web"), 1):
        file_one(office, told_by(channel, number, report(institution=f"庆城县{channel}医院", at="2026-09-18T11:00")))
    verdict = verified(office)
    assert verdict.sound
    assert [remark.kind for remark in verdict.remarks] == ["backwards"]


def test_an_erasure_with_its_event_is_accepted_and_without_it_is_found(office: App) -> None:
    """PIPL Art. 47: a teller's data go, the case stays, and the chain says that it was lawful."""
    live(office)
    sealing.seal(office, at(DAY), whole=True)

    def empty(session: Any, number: int) -> None:
        one = session.get_one(FiledReport, number)
        one.sealed_text, one.redacted = b"", "erased"
        person = session.get_one(Identity, one.identity_id)
        person.sealed, person.account_hash, person.phone_hash = b"", "", None

    with office.database.transaction() as session:
        empty(session, 1)
        gone = session.scalars(select(Letter.id).where(Letter.report_id == 1)).all()
        session.execute(delete(Letter).where(Letter.report_id == 1))
        identity = session.get_one(FiledReport, 1).identity_id
        told = erasures.amend(session, {"report": [1], "identity": [identity]}, {"letter": gone})
        audit.append(session, None, erasures.KINDS[0], "system", {"report_id": 1} | told, at(DAY))
    verdict = verified(office)
    assert verdict.sound
    assert verdict.erased == 2 + len(gone)
    with office.database.transaction() as session:
        empty(session, 2)
    verdict = verified(office)
    assert {finding.where["table"] for finding in verdict.findings} == {"report", "identity"}


@pytest.mark.parametrize("files", [True, False])
def test_the_erasure_of_a_person_verifies(office: App, files: bool) -> None:
    """The desk's own erasure, with the files or without: lawful, and what it left is covered as before."""
    live(office)
    sealing.seal(office, at(DAY), whole=True)
    with office.database.transaction() as session:
        one = session.get_one(FiledReport, 1)
        law: dict[str, Any] = {"vault": office.vault, "now": at(DAY), "reward_settled": True, "files": files}
        erasure.erase(session, one, ground="purpose", actor="system", hide=lambda text, _day: f"{text} hidden", **law)
    verdict = verified(office)
    assert verdict.findings == []
    assert verdict.erased >= 4
    with office.database.transaction() as session:
        session.execute(text("UPDATE letter SET redacted = 'x' WHERE id = 1"))
    assert kinds(verified(office)) == {"row_changed"}


def test_an_erased_row_is_still_covered(office: App) -> None:
    """What the erasure left cannot be changed either."""
    live(office)
    with office.database.transaction() as session:
        session.get_one(FiledReport, 1).redacted = "erased"
        told = erasures.amend(session, {"report": [1]}, {})
        audit.append(session, None, erasures.KINDS[0], "system", told, at(DAY))
    assert verified(office).sound
    with office.database.transaction() as session:
        session.get_one(FiledReport, 1).redacted = "other"
    assert kinds(verified(office)) == {"row_changed"}


def test_the_signing_key_can_be_changed_and_the_old_one_says_so(office: App) -> None:
    """Heads before and after verify; a process that still holds the old key stops sealing and says why."""
    live(office)
    fresh = sealing.change_key(office, at(DAY))
    file_one(office, told_by("web", 50, report(institution="庆城县新医院")))
    with pytest.raises(ProofKeyWrong):
        sealing.seal(office, at(DAY))
    again = open_app(office.settings.data_folder)
    assert sealing.witness_of(again).public == fresh
    assert verified(again).sound
    with again.database.reading() as session:
        last = heads.latest(session)
    again.close()
    assert last is not None
    assert last.signed["key"] == fresh


def test_a_ledger_does_not_open_with_another_key(office: App) -> None:
    """A lost key file is not quietly replaced by a new one."""
    file_one(office, report())
    office.settings.proof_key().unlink()
    with pytest.raises(ProofKeyWrong):
        open_app(office.settings.data_folder)


def _seal_as_released(bare: Database, secret: bytes) -> None:
    """As the first release wrote it, without a header; the texts stay as they are, nobody reads them here."""
    with bare.transaction() as session:
        for one in session.scalars(select(FiledReport)):
            sealed = sealed_as_released(b"{}", f"identity {one.number}", secret)
            session.execute(update(Identity).where(Identity.id == one.identity_id).values(sealed=sealed))


def test_a_ledger_of_the_first_release_is_linked_from_its_start(tmp_path: Path) -> None:
    """Its rows have no digest: the heads of kind "genesis" vouch for them as they were on that day."""
    secret = bytes(range(32))
    (tmp_path / "vault.key").write_bytes(secret)
    bare = Database(f"sqlite:///{tmp_path / 'jianting.db'}")
    migrate(bare)
    for number in range(3):
        told = replace(report(institution=f"庆城县{number}医院"), conversation=f"c{number}")
        with bare.transaction() as session:
            desk.file_report(session, told, rules=RULES, vault=Vault(secret), home=HOME, now=at(DAY))
        _seal_as_released(bare, secret)
    bare.close()
    app = open_app(tmp_path)
    with app.database.reading() as session:
        kinds_of = [head.signed["kind"] for head in session.scalars(select(Head).order_by(Head.number))]
        assert kinds_of == ["genesis", "genesis"]
        assert heads.latest(session).position == len(session.scalars(select(Link)).all())  # type: ignore[union-attr]
    sealing.seal(app, at(DAY))
    assert verified(app).sound
    with app.database.transaction() as session:
        session.execute(text("UPDATE report SET institution = 'other' WHERE id = 2"))
    assert kinds(verified(app)) == {"row_changed"}
    app.close()


def test_the_chain_comes_to_a_populated_first_schema(tmp_path: Path) -> None:
    """The migration runs on a database that the first release left, rows and triggers and all."""
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with database.engine.connect() as connection, connection.begin():
        command.upgrade(configuration(connection), "0001")
        connection.execute(
            text("INSERT INTO event (at, actor, kind, data) VALUES ('2026-09-30 01:00:00', 's', 'x', '{}')")
        )
    migrate(database)
    witness = Witness.open(tmp_path / "proof.key")
    assert database.write(lambda session: chain.found(session, witness, at(DAY)))
    assert not database.write(lambda session: chain.found(session, witness, at(DAY)))
    with database.reading() as session:
        verdict = verification.verify(session, witness, [head.signed for head in session.scalars(select(Head))])
    assert (verdict.findings, verdict.links) == ([], 1)
    database.close()


@pytest.mark.parametrize("change", ["UPDATE link SET at = 'x'", "DELETE FROM link", "DELETE FROM head"])
def test_links_and_heads_are_never_changed_or_removed(office: App, change: str) -> None:
    """The database refuses it, as it does for events."""
    live(office)
    with pytest.raises(Exception, match="appended, never changed"), office.database.transaction() as session:
        session.execute(text(change))

"""Notices reach people once; leases pass on from the dead to the living."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import event, select, update

from intake import identity, lease, outbox
from intake.models import Notice, Staff
from intake.outbox import Due
from tests.databases import how_found
from tests.intake.conftest import NOW, REPORT, Ledger

MINUTE = timedelta(minutes=1)


def _put(ledger: Ledger, key: str = "k", **more: object) -> bool:
    with ledger.database.transaction() as session:
        return outbox.put(session, key=key, body="到期", now=NOW, **more)


def _claim(ledger: Ledger, after: timedelta = timedelta(), limit: int = 50) -> tuple[Due, ...]:
    with ledger.database.transaction() as session:
        return outbox.claim(session, vault=ledger.vault, now=NOW + after, limit=limit)


def test_one_key_is_put_once(ledger: Ledger) -> None:
    """A sweep that runs twice reminds once."""
    staff = ledger.hire("wang")
    assert _put(ledger, staff_id=staff.id)
    assert not _put(ledger, staff_id=staff.id)
    assert len(_claim(ledger)) == 1


def test_a_notice_knows_its_way_to_the_teller_and_to_staff(ledger: Ledger) -> None:
    """By the teller's own channel; to staff by Telegram, or onto their pages."""
    filed, desk, mobile = ledger.file(REPORT), ledger.hire("wang"), ledger.hire("li")
    with ledger.database.transaction() as session:
        session.execute(update(Staff).where(Staff.id == mobile.id).values(telegram="4711"))
    _put(ledger, "a", report_id=filed.id, case_id=filed.case_id)
    _put(ledger, "b", staff_id=desk.id)
    _put(ledger, "c", staff_id=mobile.id)
    ways = [(due.key, due.channel, due.account) for due in _claim(ledger)]
    assert ways == [("a", "web", "anna"), ("b", "desk", ""), ("c", "telegram", "4711")]


def test_what_one_courier_holds_no_other_takes(ledger: Ledger) -> None:
    """Two couriers never send the same."""
    staff = ledger.hire("wang")
    for number in range(5):
        _put(ledger, f"k{number}", staff_id=staff.id)
    first, second = _claim(ledger, limit=3), _claim(ledger, limit=3)
    assert [due.key for due in (*first, *second)] == ["k0", "k1", "k2", "k3", "k4"]
    assert _claim(ledger) == ()


def test_a_killed_courier_s_notices_are_taken_again(ledger: Ledger) -> None:
    """After the lease, not before; what was confirmed is not."""
    staff = ledger.hire("wang")
    _put(ledger, "sent", staff_id=staff.id)
    _put(ledger, "lost", staff_id=staff.id)
    sent, _lost = _claim(ledger)
    with ledger.database.transaction() as session:
        outbox.mark_sent(session, sent.notice_id, NOW)
    assert _claim(ledger, outbox.LEASE - MINUTE) == ()
    assert [due.key for due in _claim(ledger, outbox.LEASE)] == ["lost"]


def test_a_confirmation_counts_even_when_it_comes_late(ledger: Ledger) -> None:
    """The slow courier's "sent" stops the second one, whose failure changes nothing any more."""
    _put(ledger, staff_id=ledger.hire("wang").id)
    (slow,) = _claim(ledger)
    (second,) = _claim(ledger, outbox.LEASE)
    with ledger.database.transaction() as session:
        outbox.mark_sent(session, slow.notice_id, NOW + outbox.LEASE)
        outbox.retry(session, second, "timeout", NOW + outbox.LEASE)
    assert _claim(ledger, timedelta(days=9)) == ()


def test_the_late_failure_of_a_dead_courier_changes_nothing(ledger: Ledger) -> None:
    """Only who holds a notice may hand it back."""
    _put(ledger, staff_id=ledger.hire("wang").id)
    (dead,) = _claim(ledger)
    _claim(ledger, outbox.LEASE)
    with ledger.database.transaction() as session:
        outbox.fail(session, dead, "gone")
        assert session.scalars(select(Notice.state)).one() == "sending"


def test_failures_wait_longer_each_time_and_end(ledger: Ledger) -> None:
    """30 s, 1 min, 2 min … at most an hour, and after 60 tries it is given up with its reason."""
    _put(ledger, staff_id=ledger.hire("wang").id)
    waits, passed = [], timedelta()
    for _ in range(outbox.MOST_ATTEMPTS):
        (due,) = _claim(ledger, passed)
        with ledger.database.transaction() as session:
            outbox.retry(session, due, "no network", NOW + passed)
            notice = session.scalars(select(Notice)).one()
            waits.append(notice.next_try_at - (NOW + passed))
        passed = notice.next_try_at - NOW
    assert waits[:3] == [timedelta(seconds=30), MINUTE, 2 * MINUTE]
    assert max(waits) == timedelta(hours=1)
    assert (notice.state, notice.last_error) == ("failed", "no network")
    assert _claim(ledger, timedelta(days=30)) == ()


def test_a_notice_may_wait_for_the_morning(ledger: Ledger) -> None:
    """Offices do not write at night."""
    _put(ledger, staff_id=ledger.hire("wang").id, not_before=NOW + timedelta(hours=8))
    assert _claim(ledger, timedelta(hours=7)) == ()
    assert len(_claim(ledger, timedelta(hours=8))) == 1


def test_a_page_fetches_the_notices_of_its_own_teller(ledger: Ledger) -> None:
    """The web page asks; it gets its own, from where it stopped."""
    filed = ledger.file(REPORT)
    _put(ledger, "a", report_id=filed.id)
    _put(ledger, "b", report_id=filed.id)
    with ledger.database.reading() as session:
        anna = identity.account_hash(ledger.vault, "web", "anna")
        first, second = outbox.waiting_for(session, "web", anna)
        assert [notice.key for notice in (first, second)] == ["a", "b"]
        assert outbox.waiting_for(session, "web", anna, after=first.id) == [second]
        bob = identity.account_hash(ledger.vault, "web", "bob")
        assert outbox.waiting_for(session, "web", bob) == []


def test_a_lease_has_one_holder_and_passes_on_when_it_runs_out(ledger: Ledger) -> None:
    """One sweeps; when he is dead, another does; when he comes back, he is told."""
    with ledger.database.transaction() as session:
        assert lease.take(session, "sweep", "a", NOW, MINUTE)
        assert lease.take(session, "sweep", "a", NOW, MINUTE)
        assert not lease.take(session, "sweep", "b", NOW, MINUTE)
        assert lease.take(session, "other", "b", NOW, MINUTE)
        assert lease.renew(session, "sweep", "a", NOW, 2 * MINUTE)
        assert not lease.take(session, "sweep", "b", NOW + MINUTE, MINUTE)
        assert lease.take(session, "sweep", "b", NOW + 2 * MINUTE, MINUTE)
        assert not lease.renew(session, "sweep", "a", NOW + 2 * MINUTE, MINUTE)


def test_a_lease_is_given_back_only_by_its_holder(ledger: Ledger) -> None:
    """Nobody frees what another holds."""
    with ledger.database.transaction() as session:
        lease.take(session, "sweep", "a", NOW, MINUTE)
        lease.release(session, "sweep", "b")
        assert not lease.take(session, "sweep", "b", NOW, MINUTE)
        lease.release(session, "sweep", "a")
        assert lease.take(session, "sweep", "b", NOW, MINUTE)


def test_a_claim_reads_only_what_is_not_yet_settled(ledger: Ledger) -> None:
    """A million sent notices cost the courier nothing: the partial index is used."""
    asked: list[tuple[str, Any]] = []
    event.listen(
        ledger.database.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])), named=False
    )
    _claim(ledger)
    statement, values = next(one for one in asked if "FROM notice" in one[0])
    with ledger.database.transaction() as session:
        plan = how_found(session, statement, values)
    assert "ix_notice_waiting" in plan, plan

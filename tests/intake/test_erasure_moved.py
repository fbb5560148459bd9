"""Erasing a person whose report was moved to another case, and matching again where somebody was erased."""

from __future__ import annotations

from intake import audit, rematch, same
from intake.models import Case, FiledReport, Merging
from tests.intake.conftest import NOW, Ledger
from tests.intake.test_erasure import erased, told


def test_the_case_that_he_opened_is_swept_too_wherever_his_report_lies(ledger: Ledger) -> None:
    """A merged case keeps its number and its summary, which was his text."""
    filed, other = told(ledger), told(ledger, "other", institution="益民医院", place="620102", text="另一件事。")
    opened = filed.case_id
    assert other.case_id != opened
    with ledger.database.transaction() as session:
        event = audit.append(session, opened, "merged", "staff:1", {}, NOW)
        session.flush()
        target = session.get_one(Case, other.case_id)
        session.add(Merging(kind="merge", source_id=opened, target_id=target.id, before={}, at=NOW))
        same.move(session, [session.get_one(FiledReport, filed.id)], target, event=event)
    erased(ledger, filed)
    with ledger.database.reading() as session:
        summary = session.get_one(Case, opened).summary
        assert summary
        assert "护士" not in summary


def test_the_history_is_matched_again_past_somebody_who_was_erased(ledger: Ledger) -> None:
    """What is left of his report is compared by its matter; there is no account any more to know him by."""
    filed = told(ledger)
    erased(ledger, filed)
    with ledger.database.transaction() as session:
        run = rematch.begin(session, since=None, now=NOW)
        assert rematch.go_on(session, run.id, now=NOW).looked == 1

"""A hotline's table is filed row by row: good rows through, bad rows told, nothing twice."""

from __future__ import annotations

import csv
import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from bot import sealing
from bot.app import App
from bot.imports import reports
from bot.imports.reports import Summary, Wish
from intake import erasure, querycodes
from intake.filing import text_of
from intake.models import Case, Clock, FiledReport, Handed, ImportRun, Link, Notice, Staff
from intake.receipts import query_hash
from routing import desk
from routing.errors import UnknownPlace
from tests.bot.imports.tables import HEAD, as_csv, as_xlsx, order, plan


def bring(app: App, path: Path, **wish: Any) -> Summary:
    return reports.run(app, replace(Wish(path, plan()), **wish))


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def table(folder: Path, rows: Sequence[Sequence[str]], name: str = "a.csv") -> Path:
    return as_csv(folder / name, [HEAD, *rows], "gb18030")


def filed(app: App) -> list[FiledReport]:
    with app.database.reading() as session:
        query = select(FiledReport).order_by(FiledReport.id)
        return list(session.scalars(query.options(joinedload(FiledReport.case), joinedload(FiledReport.identity))))


def test_a_row_is_filed_like_any_report(app: App, tmp_path: Path):
    """Heard, routed, sealed and clocked from the day on which the hotline received it."""
    path = as_xlsx(tmp_path / "a.xlsx", {"工单": [HEAD, order(1)]})
    assert bring(app, path).counts == {"read": 1, "filed": 1, "attached": 0}
    (one,) = filed(app)
    assert one.received_at.isoformat() == "2026-09-18T01:30:00+00:00"
    assert (one.channel, one.place, one.case.authority) == ("hotline", "621021", "YB-621021")
    assert [claim["code"] for claim in one.claims] == ["F01"]
    assert "医院挂床\n庆城县" in text_of(one, app.vault)
    assert one.facts["source_number"] == "GD1"
    assert b"138" not in one.identity.sealed
    assert one.identity.mode == "confidential"
    with app.database.reading() as session:
        starts = session.scalars(select(Clock.starts_on).where(Clock.case_id == one.case_id)).all()
    assert {str(day) for day in starts} == {"2026-09-18"}


def test_the_name_in_the_column_is_masked_in_the_text(app: App, tmp_path: Path):
    """Whoever is named beside the text is often named in it."""
    row = order(1, 诉求人="欧阳海棠", 诉求内容="庆城县康宁医院挂空床，欧阳海棠住院时人不在也算床位费")
    bring(app, table(tmp_path, [row]))
    assert "海棠" not in filed(app)[0].redacted


def test_the_same_file_twice_files_nothing_twice(app: App, tmp_path: Path):
    """By the source's number, also within one file and under another file name."""
    path = table(tmp_path, [order(1), order(2), order(1)])
    first, second = bring(app, path), bring(app, table(tmp_path, [order(2), order(3)], "b.csv"))
    assert (first.counts["filed"], first.counts["repeated"]) == (2, 1)
    assert (second.counts["filed"], second.counts["repeated"]) == (1, 1)
    assert bring(app, path).counts == {"read": 3, "repeated": 3}
    assert len(filed(app)) == 3


def test_a_changed_row_is_told_and_changes_nothing(app: App, tmp_path: Path):
    """Columns that the mapping does not use may change; what was told may not."""
    bring(app, table(tmp_path, [order(1), order(2)]))
    again = bring(
        app, table(tmp_path, [order(1, 诉求类型="投诉"), order(2, 诉求内容="庆城县另一家药店空刷医保卡")], "b.csv")
    )
    assert again.counts["repeated"] == 2
    assert again.errors is not None
    (told,) = lines(again.errors)[1:]
    assert told[0] == "3"
    assert filed(app)[1].number in told[2]
    assert len(filed(app)) == 2


def test_bad_rows_are_told_and_good_rows_go_through(app: App, tmp_path: Path):
    """Row, column and reason, with the row as it was given, for its sender alone; nothing in it runs."""
    rows = [
        order(1),
        order(2, 受理时间="昨天"),
        order(3, 受理时间="2199-01-01", 区县="火星县"),
        order(4, 诉求内容="", 诉求标题=""),
        order(5, 工单编号="", 诉求标题="=HYPERLINK(1)"),
        order(6, 工单编号="6.22826E+17"),
        order(8, 受理时间=""),
        (),
        order(7),
    ]
    done = bring(app, table(tmp_path, rows))
    assert (done.counts["filed"], done.counts["refused"], done.counts["skipped"]) == (2, 6, 1)
    assert done.errors == tmp_path / "a.errors.csv"
    assert stat.S_IMODE(done.errors.stat().st_mode) == 0o600
    head, *told = lines(done.errors)
    assert head[3:] == list(HEAD)
    assert [line[:2] for line in told] == [
        ["3", "受理时间"], ["4", "受理时间"], ["5", "诉求标题"], ["6", "工单编号"], ["7", "工单编号"],
        ["8", "受理时间"],
    ]  # fmt: skip
    assert told[3][7] == "'=HYPERLINK(1)"
    assert sum(done.reasons.values()) == 6


def test_the_error_file_is_corrected_and_imported_itself(app: App, tmp_path: Path):
    """Its first columns are passed over, its guards are taken off."""
    done = bring(app, table(tmp_path, [order(1, 受理时间="昨天", 诉求标题="=医院挂床")]))
    assert done.errors is not None
    text = done.errors.read_text("utf-8-sig").replace("昨天,", "2026-09-18,")
    done.errors.write_text(text, "utf-8-sig")
    assert bring(app, done.errors).counts["filed"] == 1
    assert text_of(filed(app)[0], app.vault).startswith("=医院挂床")


def test_an_error_file_that_is_there_is_not_written_over(app: App, tmp_path: Path):
    """Somebody may be correcting it."""
    path = table(tmp_path, [order(1, 受理时间="昨天")])
    assert bring(app, path).errors == tmp_path / "a.errors.csv"
    assert bring(app, path).errors == tmp_path / "a.errors-2.csv"


def test_what_is_no_report_is_skipped_by_the_mapping(app: App, tmp_path: Path):
    """Consultations stay with the hotline."""
    path = table(tmp_path, [order(1, 诉求类型="咨询"), order(2)])
    done = bring(app, path, mapping=plan('\n[skip]\n"诉求类型" = ["咨询"]'))
    assert (done.counts["skipped"], done.counts["filed"], done.counts["refused"]) == (1, 1, 0)


def test_values_are_translated_and_unknown_ones_are_told(app: App, tmp_path: Path):
    """A word that the mapping does not know is never guessed."""
    mapped = plan('\n[values.channel]\n"电话" = "phone"').model_copy(deep=True)
    mapped.columns["channel"] = "来源渠道"
    done = bring(app, table(tmp_path, [order(1), order(2, 来源渠道="飞鸽")]), mapping=mapped)
    assert [one.channel for one in filed(app)] == ["phone"]
    assert "飞鸽" in lines(done.errors or Path())[1][2]


def test_the_same_matter_in_two_rows_is_one_case(app: App, tmp_path: Path):
    """Rows are matched with what is in the ledger and with each other; the count says so."""
    same = "庆城县康宁医院把空床挂在医保上，人早就回家了，每天还在记费"
    rows = [order(1, 诉求内容=same), order(2, 诉求内容=same + "，请查")]
    done = bring(app, table(tmp_path, rows))
    assert (done.counts["filed"], done.counts["attached"]) == (1, 1)
    with app.database.reading() as session:
        assert session.scalar(select(func.count(Case.id))) == 1


def test_a_trial_run_changes_nothing_and_tells_the_same(app: App, tmp_path: Path):
    """The counts and the error file, and an empty ledger."""
    path = table(tmp_path, [order(1), order(2, 受理时间="昨天")])
    done = bring(app, path, dry=True)
    assert (done.counts["filed"], done.counts["refused"]) == (1, 1)
    assert done.errors is not None
    with app.database.reading() as session:
        assert [session.scalar(select(func.count()).select_from(one)) for one in (FiledReport, Handed, ImportRun)] == [
            0
        ] * 3


def test_an_import_goes_on_where_it_was_broken_off(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Rows, counts, errors and receipts continue; nothing is told or filed twice."""
    monkeypatch.setattr(reports, "CHUNK", 10)
    rows = [order(at, 受理时间="昨天") if at % 5 == 0 else order(at) for at in range(1, 41)]
    path, receipts = table(tmp_path, rows), tmp_path / "r.csv"
    bring(app, path, limit=17, receipts=receipts)
    errors = tmp_path / "a.errors.csv"
    with errors.open("ab") as file:  # what a killed process wrote without committing it
        file.write("半行".encode())
    done = bring(app, path, receipts=receipts)
    assert done.after == 18
    assert (done.counts["read"], done.counts["filed"], done.counts["refused"]) == (40, 32, 8)
    assert [line[0] for line in lines(errors)[1:]] == [str(at + 1) for at in range(5, 41, 5)]
    assert {line[1] for line in lines(receipts)[1:]} == {one.number for one in filed(app)}
    assert stat.S_IMODE(receipts.stat().st_mode) == 0o600


def test_an_import_in_portions_comes_to_its_end(app: App, tmp_path: Path):
    """Read two rows at a time; once all are read, the same command begins anew and finds all of them there."""
    path = table(tmp_path, [order(1), order(2), order(3)])
    assert [bring(app, path, limit=2).counts["read"] for _ in range(3)] == [2, 3, 2]
    with app.database.reading() as session:
        assert session.scalar(select(func.count(ImportRun.id)).where(ImportRun.finished_at.is_not(None))) == 1
    assert len(filed(app)) == 3


def test_a_restart_reads_from_the_top(app: App, tmp_path: Path):
    """What is there already is recognised."""
    path = table(tmp_path, [order(1), order(2), order(3)])
    bring(app, path, limit=2)
    assert bring(app, path, resume=False).counts == {"read": 3, "repeated": 2, "filed": 1, "attached": 0}


def test_one_row_that_cannot_be_filed_does_not_take_its_neighbours(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What the desk refuses of one row is undone and told; the others of its commit are filed."""
    really = desk.file_drafts

    def refusing(session: Any, drafts: Sequence[desk.Draft], **law: Any) -> Any:
        filed = really(session, drafts, **law)
        if any("第2康宁" in one.report.text for one in drafts):
            raise UnknownPlace(code="999999")
        return filed

    monkeypatch.setattr(desk, "file_drafts", refusing)
    done = bring(app, table(tmp_path, [order(1), order(2), order(3)]))
    assert (done.counts["filed"], done.counts["refused"], len(filed(app))) == (2, 1, 2)


def test_a_long_table_is_prepared_on_every_core_in_its_order(app: App, tmp_path: Path):
    """Reports are filed in the order of the rows, whichever process heard them."""
    path = table(tmp_path, [order(at) for at in range(1, 301)])
    assert bring(app, path, workers=2).counts["read"] == 300
    with app.database.reading() as session:
        numbers = session.scalars(select(Handed.number).order_by(Handed.report_id)).all()
    assert list(numbers) == [f"GD{at}" for at in range(1, 301)]


def test_the_row_of_an_erased_person_is_known_and_not_filed_again(app: App, tmp_path: Path):
    """Its number stays, what was in it does not: neither the same row nor a changed one is told or filed."""
    path = table(tmp_path, [order(1)])
    bring(app, path)
    with app.database.transaction() as session:
        report = session.scalars(select(FiledReport)).one()
        case = session.get_one(Case, report.case_id)
        case.state, case.outcome, case.closed_at = "closed", "declined", report.received_at
        for clock in session.scalars(select(Clock)):
            clock.state = "met"
        erasure.erase(
            session, report, ground="consent", actor="system", vault=app.vault, now=report.received_at,
            hide=lambda text, _day: text,
        )  # fmt: skip
        assert session.scalars(select(Handed.content)).one() == ""
    again = bring(app, table(tmp_path, [order(1, 诉求内容="庆城县另一家药店空刷医保卡")], "b.csv"))
    assert (again.counts["repeated"], again.errors, len(filed(app))) == (1, None, 1)


def test_an_officer_hears_of_an_import_once(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One notice that counts, over several commits and a repeated try; it goes out when the import rests."""
    monkeypatch.setattr(reports, "CHUNK", 10)
    with app.database.transaction() as session:
        session.add(
            Staff(username="li", password_hash="-", name="李", role="officer", authority="YB-621021", interests="")
        )
    same = "庆城县康宁医院把空床挂在医保上，人早就回家了，每天还在记费"
    rows = [*(order(at) for at in range(1, 25)), order(25, 诉求内容=same), order(26, 诉求内容=same + "，请查")]
    bring(app, table(tmp_path, rows))
    with app.database.reading() as session:
        (notice,) = session.scalars(select(Notice))
        assert "新立25件" in notice.body
        assert "1件" in notice.body.partition("并入")[2]
        assert notice.next_try_at > notice.created_at


def test_what_an_import_filed_verifies(app: App, tmp_path: Path):
    """Every row has its digest and its place in the chain."""
    bring(app, table(tmp_path, [order(at) for at in range(1, 31)]), receipts=tmp_path / "r.csv")
    verdict = sealing.verify(app, datetime.now(UTC), lambda *_: None)
    assert verdict.sound
    with app.database.reading() as session:
        assert session.scalar(select(func.count()).where(Link.source == "report")) == 30


def test_without_receipts_no_code_is_made(app: App, tmp_path: Path):
    """Nobody would hold it, and a slow hash for each of a million rows would keep the service busy for hours."""
    bring(app, table(tmp_path, [order(1), order(2)]))
    assert all(one.query_hash.startswith("-") for one in filed(app))
    bring(app, table(tmp_path, [order(3)], "b.csv"), receipts=tmp_path / "r.csv")
    code = lines(tmp_path / "r.csv")[1][2]
    with app.database.reading() as session:
        found = querycodes.report_by_mark(session, query_hash(app.vault, code))
    assert found is not None
    assert found.number == filed(app)[2].number

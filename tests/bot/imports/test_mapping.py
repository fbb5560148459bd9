"""A mapping says which column is which field; whatever is wrong in it is said before the first row."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot.imports import heading, mapping, reading, values
from bot.imports.mapping import MappingRefused
from bot.imports.words import TableRefused, table
from bot.workorder import CHANNELS
from intake.models.staff import ROLES
from routing.rules import SHANGHAI
from tests.bot.imports.tables import HEAD, PLAIN, as_csv, as_xlsx, order, plan


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("kind =", "kind"), "读不懂"),
        (('kind = "reports"', 'kind = "staff"'), "staff"),
        (("phone =", "telephone ="), "telephone"),
        (('source_number = "工单编号"', ""), "source_number"),
        (("[otherwise]", 'dates = ["%Q"]\n[otherwise]'), "dates"),
        (("[columns]", 'dates = ["%Q"]\n[columns]'), "%Q"),
        (("[otherwise]", "[unheard]"), "unheard"),
        (("citizen", "someone"), "someone"),
        (("[otherwise]", '[values.channel]\n"电话" = "telegraph"\n[otherwise]'), "telegraph"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_place(change: tuple[str, str], said: str):
    """The field or the line at fault."""
    with pytest.raises(MappingRefused, match=said):
        mapping.parse(PLAIN.replace(*change), "reports")


def test_the_allowed_values_are_those_of_the_work_order_and_of_the_ledger():
    """The lists of the data file and of the code cannot part."""
    fields = table("fields.toml")
    assert tuple(fields["reports"]["channel"]["allowed"]) == CHANNELS
    assert set(fields["staff"]["role"]["allowed"]) <= set(ROLES)


@pytest.mark.parametrize("name", mapping.packaged_names())
def test_the_packaged_mappings_are_sound(name: str):
    """Whatever comes with the program can be used."""
    path = mapping.packaged(name)
    assert path is not None
    kind = path.read_text("utf-8").split('kind = "')[1].split('"')[0]
    assert mapping.load(path, kind).columns


def test_a_mapping_is_proposed_from_the_headings_and_can_be_used(tmp_path: Path):
    """The proposal is sound TOML, knows the synonyms, and remarks what nothing uses."""
    path = as_csv(tmp_path / "a.csv", [("导出表",), (*HEAD, "承办单位"), (*order(1), "x")], "gbk")
    names = heading.names_of(reading.rows(path), ["工单编号", "受理时间", "诉求内容"])
    text = mapping.written("庆阳 12345", "reports", mapping.propose(names, "reports"), names)
    found = mapping.parse(text, "reports")
    assert found.of("text") == ("诉求标题", "诉求内容")
    assert found.of("phone") == ("联系电话",)
    assert found.value("channel", "微信") == "wechat"
    assert "承办单位" in text.rpartition("#")[2]


def test_headings_are_found_below_titles_and_with_other_signs(tmp_path: Path):
    """A title, an empty line, headings with stars, colons, blanks and remarks in brackets."""
    lines = [("工单导出表",), (), ("*工单编号：", "受 理 时 间", "内容（原文）")]
    mapped = plan(
        text='kind="reports"\nsource="x"\n[columns]\nsource_number="工单编号"\nreceived_at="受理时间"\ntext="内容"'
    )
    found = heading.find(reading.rows(as_csv(tmp_path / "a.csv", lines)), mapped)
    assert (found.row, found.places) == (3, {"工单编号": 0, "受理时间": 1, "内容": 2})


def test_merged_headings_are_told_by_both_their_parts(tmp_path: Path):
    """Two rows of headings: 诉求人 over 姓名 and 电话, 被反映方 over 姓名."""
    lines = [
        ("编号", "内容", "诉求人", None, "被反映方"),
        (None, None, "姓名", "电话", "姓名"),
        ("1", "a", "b", "c", "d"),
    ]
    text = 'kind="reports"\nsource="x"\n[table]\nlevels=2\n[columns]\nsource_number="编号"\ntext="内容"\nname="{}"'
    path = as_xlsx(tmp_path / "a.xlsx", {"a": lines})
    found = heading.find(reading.rows(path), plan(text=text.format("诉求人/姓名")))
    assert (found.row, found.places["诉求人/姓名"], found.places["编号"]) == (2, 2, 0)
    with pytest.raises(TableRefused, match="两列"):
        heading.find(reading.rows(path), plan(text=text.format("姓名")))


def test_a_table_without_its_headings_is_told_what_is_missing(tmp_path: Path):
    """No headings at all, or a needed one missing, with those that are there."""
    with pytest.raises(TableRefused, match="没有找到表头"):
        heading.find(reading.rows(as_csv(tmp_path / "a.csv", [("a", "b")])), plan())
    with pytest.raises(TableRefused, match=r"诉求内容.*现有：工单编号、受理时间、区县"):
        heading.find(reading.rows(as_csv(tmp_path / "b.csv", [("工单编号", "受理时间", "区县")])), plan())


@pytest.mark.parametrize(
    "text",
    ["2026-09-18 09:30:00", "2026/9/18 9:30", "2026年9月18日 9时30分", "2026.9.18 9：30", "20260918 093000",
     "20260918093000", "2026-09-18T09:30:00+08:00", "2026-09-18T01:30:00Z", "46283.395833333336", "2026-9-18 9:30:00.0"],
)  # fmt: skip
def test_a_moment_is_read_however_it_is_written(text: str):
    """China's zone where none is given; a spreadsheet's serial number."""
    assert values.moment(text) == datetime(2026, 9, 18, 9, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize("text", ["昨天", "2026-13-01", "2026-02-30", "13800001234", "9:30", "", "2026年"])
def test_what_is_no_moment_is_not_guessed(text: str):
    """Neither a telephone nor the thirtieth of February."""
    with pytest.raises(ValueError):
        values.moment(text)


def test_the_mappings_own_formats_come_first():
    """Day before month, where the source writes so."""
    assert values.moment("03/04/2026", ["%d/%m/%Y"]).date().isoformat() == "2026-04-03"


@pytest.mark.parametrize(
    ("text", "yuan"), [("5000", "5000"), ("5,000.50元", "5000.50"), ("约￥300", "300"), ("１２", "12")]
)
def test_a_sum_is_read_without_its_signs(text: str, yuan: str):
    """As clerks write it."""
    assert str(values.amount(text)) == yuan


@pytest.mark.parametrize("text", ["很多", "NaN", "1e999999", "Infinity", "5千"])
def test_what_is_no_sum_is_not_guessed(text: str):
    """An infinite or an unreadable one."""
    if text == "1e999999":
        assert values.amount(text) > 10**100  # refused by the work order's own limit
        return
    with pytest.raises(ValueError):
        values.amount(text)

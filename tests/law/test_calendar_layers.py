"""Regional holidays, and a year taken in from outside."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from routing import yearfile
from routing.deadlines import due
from routing.lawbook import LawBook
from routing.workdays import Calendar

LAW = LawBook.load()

YEAR = """
year = 2027
[[papers]]
title = "国务院办公厅关于2027年部分节假日安排的通知"
number = "国办发明电〔2026〕0号"
[[off]]
name = "元旦"
first = 2027-01-01
last = 2027-01-03
work = []
[[off]]
name = "春节"
first = 2027-02-05
last = 2027-02-11
work = [2027-01-31, 2027-02-20]
[[off]]
name = "清明节"
first = 2027-04-03
last = 2027-04-05
work = []
[[off]]
name = "劳动节"
first = 2027-05-01
last = 2027-05-05
work = [2027-05-08]
[[off]]
name = "端午节"
first = 2027-06-09
last = 2027-06-09
work = []
[[off]]
name = "中秋节"
first = 2027-09-15
last = 2027-09-15
work = []
[[off]]
name = "国庆节"
first = 2027-10-01
last = 2027-10-07
work = [2027-09-26, 2027-10-09]
"""

REGIONAL = """
[[regional]]
place = "640000"
name = "开斋节"
first = 2027-03-10
last = 2027-03-11
paper = "宁夏回族自治区人民政府办公厅通知"
"""


def _calendar(folder: Path, text: str) -> Calendar:
    (folder / "2027.toml").write_text(text, encoding="utf-8")
    return Calendar.load(folder)


def test_a_good_year_has_no_fault() -> None:
    """The invented year is whole: papers, holidays of the law, weekends worked."""
    assert list(yearfile.faults(yearfile.read(YEAR), Calendar.load())) == []


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('number = "国办发明电〔2026〕0号"', 'number = ""', "文号"),
        ("last = 2027-02-11", "last = 2027-02-04", "春节"),
        ("last = 2027-02-11", "last = 2027-05-11", "十五天"),
        ("last = 2027-02-11", "last = 2027-02-07", "法定的春节"),
        ("work = [2027-05-08]", "work = [2027-05-07]", "调休"),
        ("work = [2027-05-08]", "work = [2027-05-02]", "调休"),
        ("first = 2027-06-09\nlast = 2027-06-09", "first = 2029-06-09\nlast = 2029-06-09", "不在2027年"),
        ("first = 2027-09-15\nlast = 2027-09-15", "first = 2027-09-16\nlast = 2027-09-16", "中秋节"),
    ],
)
def test_each_fault_of_a_year_is_named(old: str, new: str, word: str) -> None:
    """A slip in the file moves no due date: it is told and refused."""
    assert old in YEAR
    found = list(yearfile.faults(yearfile.read(YEAR.replace(old, new)), Calendar.load()))
    assert any(word in sentence for sentence in found)


@pytest.mark.parametrize("text", ["no toml at all =", "", 'year = "2027"', "year = 2027"])
def test_what_is_no_year_is_refused(text: str) -> None:
    """One sentence, no trace."""
    with pytest.raises(ValueError, match=r"日历|年份"):
        yearfile.read(text)


def test_a_regional_holiday_holds_in_its_region_only(tmp_path: Path) -> None:
    """Five working days from 2027-03-08 end two days later in Ningxia, and its paper is cited there alone."""
    calendar = _calendar(tmp_path, YEAR + REGIONAL)
    here = due("tell_real_name", date(2027, 3, 8), law=LAW, calendar=calendar, place="640104")
    there = due("tell_real_name", date(2027, 3, 8), law=LAW, calendar=calendar, place="621021")
    assert (here.due_on, there.due_on) == (date(2027, 3, 17), date(2027, 3, 15))
    assert any("宁夏" in paper for paper in here.papers)
    assert not any("宁夏" in paper for paper in there.papers)
    assert "开斋节" in here.prose

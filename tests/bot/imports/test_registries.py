"""Registries come in by the same reader: kept under their keys, brought up to date, refused row by row."""

from __future__ import annotations

import csv
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.app import App
from bot.imports import registries
from bot.imports.registries import Summary, Wish
from intake import creditcode, registry, staffing
from intake.models import Inspection, Institution, Staff, Term
from routing import authorities
from routing.jurisdiction import Facts, route
from tests.bot.imports.tables import as_csv

CODE = "91350100M000100Y43"
"""The example of GB 32100-2015."""
PLACES = ("621021", "621071", "621022")


@pytest.fixture(autouse=True)
def _default_names() -> Iterator[None]:
    yield
    authorities.know({})


def bring(app: App, kind: str, path: Path, **wish: Any) -> Summary:
    return registries.run(app, Wish(kind, path, **wish))


def rows(app: App, model: type[Any]) -> list[Any]:
    with app.database.reading() as session:
        return list(session.scalars(select(model)))


def test_a_social_credit_code_is_checked():
    """The standard's own example; every slip of one sign is found."""
    assert creditcode.is_sound(CODE)
    assert not creditcode.is_sound(CODE[:-1])
    assert not creditcode.is_sound("O" + CODE[1:])


@given(at=st.integers(0, 17), sign=st.sampled_from(creditcode.SIGNS))
def test_one_wrong_sign_never_passes(at: int, sign: str):
    """31 is prime: no weight hides a difference."""
    changed = CODE[:at] + sign + CODE[at + 1 :]
    assert creditcode.is_sound(changed) == (changed == CODE)


def test_institutions_are_kept_by_their_code_and_brought_up_to_date(app: App, tmp_path: Path):
    """The same file changes nothing; a later one changes what differs; nothing is doubled."""
    head = ("机构名称", "统一社会信用代码", "曾用名", "机构等级", "所属区县", "床位数", "职工人数")
    lines = [head, ("庆城县康宁医院", CODE, "县二院、康宁诊所", "二级甲等", "庆城县", "120", "85"),
             ("惠民大药房", "", "", "", "西峰区", "", "3"),
             ("坏代码医院", CODE[:-1] + "4", "", "", "庆城县", "", ""),
             ("无此地医院", "", "", "", "火星县", "", ""),
             ("", "", "", "", "庆城县", "很多", "")]  # fmt: skip
    path = as_csv(tmp_path / "i.csv", lines, "gbk")
    done = bring(app, "institutions", path)
    assert (done.counts["added"], done.counts["refused"]) == (2, 3)
    one = next(one for one in rows(app, Institution) if one.code)
    assert (one.name, one.place, one.beds, one.people) == ("庆城县康宁医院", "621021", 120, 85)
    assert one.former_names == "县二院\n康宁诊所"
    assert done.errors is not None
    with done.errors.open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.reader(file))[1:]
    assert [line[1] for line in told] == ["统一社会信用代码", "所属区县", "机构名称 / 床位数"]
    assert bring(app, "institutions", path).counts["unchanged"] == 2
    lines[1] = ("庆城县康宁医院", CODE, "县二院", "三级", "庆城县", "130", "85")
    assert bring(app, "institutions", as_csv(tmp_path / "j.csv", lines[:2])).counts["changed"] == 1
    assert [one.beds for one in rows(app, Institution) if one.code] == [130]


def test_an_authority_bears_the_name_of_the_registry(app: App, tmp_path: Path):
    """Also after the next start; every other keeps its default name."""
    lines = [("行政区划", "机关名称"), ("庆城县", "庆城县医疗保障服务局"), ("火星县", "x")]
    done = bring(app, "authorities", as_csv(tmp_path / "a.csv", lines))
    assert (done.counts["added"], done.counts["refused"]) == (1, 1)
    assert authorities.by_code("YB-621021").name == "庆城县医疗保障服务局"
    assert authorities.by_code("YB-621002").name == "庆阳市西峰区医疗保障局"
    authorities.know({})
    again = App.open(app.settings, ear=app.ear)
    assert authorities.by_code("YB-621021").name == "庆城县医疗保障服务局"
    again.close()


def test_the_registry_says_who_is_there_and_routing_follows(app: App, tmp_path: Path):
    """A county without a bureau, a development zone with a code of its own, another superior; bad rows get a sentence."""
    head = ("行政区划", "机关名称", "自有代码", "上级机关", "代办机关", "联系方式")
    lines = [
        head,
        ("庆城县", "庆城县医疗保障局", "", "", "庆阳市", "0934-0000000"),
        ("西峰区", "庆阳经济开发区医疗保障局", "621071", "", "", ""),
        ("环县", "环县医疗保障局", "", "甘肃省", "", ""),
        ("宁县", "宁县医疗保障局", "62", "", "", ""),
        ("宁县", "宁县医疗保障局", "621021", "", "", ""),
        ("宁县", "宁县医疗保障局", "", "火星", "", ""),
        ("庆阳市", "庆阳市医疗保障局", "", "", "宁县", ""),
    ]
    done = bring(app, "authorities", as_csv(tmp_path / "a.csv", lines))
    assert (done.counts["added"], done.counts["refused"]) == (3, 4)
    assert done.errors is not None
    told = done.errors.read_text("utf-8-sig")
    assert all(words in told for words in ("六位数字", "没有找到这个机关", "自己的下级"))
    found = {place: route(Facts("citizen", ("F01",), place), home="621000").authority for place in PLACES}
    assert [one.code for one in found.values()] == ["YB-621000", "YB-621071", "YB-621022"]
    assert found["621071"].name == "庆阳经济开发区医疗保障局"
    assert found["621071"].superior == "YB-621002"
    assert found["621022"].superior == "YB-620000"
    assert authorities.by_code("YB-621021").name == "庆城县医疗保障局", "an old case still names its office"
    accused = route(Facts("enterprise", ("X06",), "621071", organ=None), home="621000")
    assert (accused.authority.code, accused.excluded) == ("YB-621002", ("YB-621071", "JB-621071"))


def test_an_authority_numbers_its_papers_by_its_own_word(app: App, tmp_path: Path):
    """A table without the word leaves the one that was told before."""
    lines = [
        ("行政区划", "机关名称", "发文代字"),
        ("庆城县", "庆城县医疗保障局", "庆医保"),
        ("西峰区", "西峰区医疗保障局", ""),
    ]
    bring(app, "authorities", as_csv(tmp_path / "w.csv", lines))
    bring(app, "authorities", as_csv(tmp_path / "v.csv", [("行政区划", "机关名称"), ("庆城县", "庆城县医保局")]))
    with app.database.reading() as session:
        assert registry.number_word(session, "YB-621021") == "庆医保"
        assert registry.number_word(session, "YB-621002") is None
    authorities.know({})


def test_staff_get_a_password_once_and_keep_it(app: App, tmp_path: Path):
    """The file is for its owner alone; a second import changes names and not passwords."""
    head = ("用户名", "姓名", "身份", "行政区划", "利害关系机构")
    lines = [head, ("wangmin", "王敏", "承办人", "621021", "子虚医院、乌有诊所"), ("x y", "王", "承办人", "621021", ""),
             ("lisi", "李四", "门卫", "621021", "")]  # fmt: skip
    done = bring(app, "staff", as_csv(tmp_path / "s.csv", lines))
    assert (done.counts["added"], done.counts["refused"]) == (1, 2)
    assert done.passwords is not None
    assert stat.S_IMODE(done.passwords.stat().st_mode) == 0o600
    with done.passwords.open(encoding="utf-8-sig", newline="") as file:
        ((username, _, password),) = list(csv.reader(file))[1:]
    (one,) = rows(app, Staff)
    assert (username, one.authority, one.role) == ("wangmin", "YB-621021", "officer")
    assert one.interests == "子虚医院\n乌有诊所"
    assert staffing.password_fits(password, one.password_hash)
    lines[1] = ("wangmin", "王敏敏", "承办人", "621021", "")
    again = bring(app, "staff", as_csv(tmp_path / "t.csv", lines[:2]))
    assert (again.counts["changed"], again.passwords) == (1, None)
    assert staffing.password_fits(password, rows(app, Staff)[0].password_hash)


def test_supervisors_come_with_region_term_and_interests(app: App, tmp_path: Path):
    """The term is kept beside the account."""
    head = ("用户名", "姓名", "监督地区", "聘任日期", "到期日期", "推荐单位", "回避机构")
    line = ("zhao", "赵某", "庆阳市", "2026年1月1日", "2028/12/31", "市工商联", "子虚医院")
    assert bring(app, "supervisors", as_csv(tmp_path / "s.csv", [head, line])).counts["added"] == 1
    (one,), (term,) = rows(app, Staff), rows(app, Term)
    assert (one.role, one.authority, one.interests) == ("supervisor", "YB-621000", "子虚医院")
    assert (term.since, term.until, term.proposed_by) == (date(2026, 1, 1), date(2028, 12, 31), "市工商联")
    (listed,) = registries.listed(app, "supervisors", None)
    assert listed[3:5] == ("2026-01-01", "2028-12-31")


def test_inspections_are_kept_by_notice_and_found_by_institution(app: App, tmp_path: Path):
    """For holding complaints against them."""
    head = ("检查机关", "被检查机构", "检查日期", "通知书编号", "执法人员")
    lines = [head, ("庆城县市监局", "益民大药房", "2026-03-01", "庆市监检〔2026〕3号", "甲、乙"),
             ("庆城县市监局", "益民大药房有限公司", "2026-05-01", "", "丙"), ("", "益民大药房", "2026-05-01", "", "")]  # fmt: skip
    path = as_csv(tmp_path / "i.csv", lines)
    done = bring(app, "inspections", path)
    assert (done.counts["added"], done.counts["refused"]) == (2, 1)
    assert bring(app, "inspections", path).counts["unchanged"] == 2
    assert [one.officers for one in rows(app, Inspection)] == ["甲\n乙", "丙"]
    assert len(list(registries.listed(app, "inspections", "益民大药房"))) == 2
    assert not list(registries.listed(app, "inspections", "别家药房"))


def test_a_trial_run_of_a_registry_writes_nothing(app: App, tmp_path: Path):
    """Neither rows nor passwords."""
    lines = [("用户名", "姓名", "身份", "行政区划"), ("wangmin", "王敏", "承办人", "621021")]
    done = bring(app, "staff", as_csv(tmp_path / "s.csv", lines), dry=True)
    assert (done.counts["added"], done.passwords, rows(app, Staff)) == (1, None, [])

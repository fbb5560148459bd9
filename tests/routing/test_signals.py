"""What the words tell of a report's way: hints for officers and tellers, never a decision."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from intake.models import Notice
from intake.names import normal_form
from routing import signals, subjects
from routing.desk.file import facts_of
from tests.routing.conftest import Office, replace, report


@pytest.fixture(autouse=True)
def _unknown() -> Iterator[None]:
    yield
    subjects.know({})


def test_the_words_name_danger_another_procedure_and_another_department() -> None:
    """Plain words of a list; a report without them names nothing."""
    facts = facts_of(report("护工正在打人，快来！药店乱涨价，我还要申请行政复议。"))
    assert (facts.danger, facts.channel, facts.departments) == (True, "review", ("market",))
    plain = facts_of(report())
    assert (plain.danger, plain.channel, plain.departments) == (False, None, ())


def test_several_places_are_read_from_the_words_of_the_place() -> None:
    """Two counties named together; one county named at length is one."""
    assert signals.several_places("庆城县和西峰区", "621021") == ("621021", "621002")
    assert signals.several_places("庆城县驿马镇", "621021") == ()
    facts = facts_of(replace(report(), place_text="庆城县、西峰区"))
    assert facts.places == ("621021", "621002")


def test_the_level_of_an_institution_comes_from_the_registry_alone() -> None:
    """A private clinic may bear the city's name; what the registry calls 市级 is the city's."""
    assert subjects.level_of("庆阳市人民医院") is None
    subjects.know({normal_form("庆阳市人民医院"): "三级甲等 市级", normal_form("庆阳市康民诊所"): "一级"})
    assert subjects.level_of("庆阳市人民医院") == "city"
    assert subjects.level_of("庆阳市康民诊所") is None


def test_a_teller_in_danger_is_told_at_once_whom_to_call(office: Office) -> None:
    """Beside the receipt; nobody else's notice holds it, and a report without danger brings none."""
    told = office.report(office.file(report("护工正在打人，床位也是空的。")))
    bodies = list(office.session.scalars(select(Notice.body).where(Notice.report_id == told.id)))
    assert len(bodies) == 1
    assert "110" in bodies[0]
    assert told.number in bodies[0]
    other = office.report(office.file(report(account="calm", institution="庆城县昆仑医院", codes=("F05",))))
    assert not list(office.session.scalars(select(Notice.body).where(Notice.report_id == other.id)))

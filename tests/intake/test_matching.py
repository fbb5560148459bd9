"""Known matters are recognised and attached; different ones never; every decision explains itself (DOMAIN.md §5.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event

from intake.confidentiality import Vault
from intake.matching import sought_of
from intake.report import Claim, Period, Report, Teller
from tests.intake.conftest import COMPLAINT, REPORT, Ledger, by

OTHER_WORDS = "他们护士亲口说的,住院名单里好多人其实不在,钱照样从医保里扣。"
WINTER = Period(date(2025, 1, 1), date(2025, 1, 31), "month")


def other_words(report: Report) -> Report:
    """The same facts in quite different words."""
    return replace(report, text=OTHER_WORDS, redacted=OTHER_WORDS)


def test_the_first_of_its_kind_is_new(ledger: Ledger) -> None:
    """An empty ledger knows nothing."""
    assert ledger.match(REPORT).decision == "new"


def test_the_same_person_telling_again_is_attached_and_told_so(ledger: Ledger) -> None:
    """Same person, same matter, open: an addition to what is there."""
    first = ledger.file(REPORT)
    match = ledger.match(other_words(REPORT))
    assert (match.decision, match.case_id, match.report_id, match.same_teller) == (
        "attached",
        first.case_id,
        first.id,
        True,
    )
    assert "same_teller" in match.reasons
    assert "same_institution" in match.reasons


def test_the_same_telephone_is_the_same_person(ledger: Ledger) -> None:
    """On another channel he is known by his number, however he types it."""
    ledger.file(replace(REPORT, teller=Teller("web", "anna", phone="138 1234 5678")))
    match = ledger.match(replace(REPORT, teller=Teller("telegram", "77", phone="+86-13812345678")))
    assert match.same_teller


def test_the_same_person_after_closing_is_related(ledger: Ledger) -> None:
    """A closed case takes nothing more; the new report is linked to it."""
    ledger.close_case(ledger.file(REPORT))
    match = ledger.match(REPORT)
    assert (match.decision, match.same_teller) == ("related", True)
    assert "case_closed" in match.reasons


def test_the_same_person_with_another_matter_is_new(ledger: Ledger) -> None:
    """Who once reported a hospital may report a pharmacy."""
    ledger.file(REPORT)
    pharmacy = "益民大药房用医保卡卖油和大米。"
    told = replace(REPORT, institution="益民大药房", claims=(Claim("F11", 0.9),), text=pharmacy, redacted=pharmacy)
    assert ledger.match(told).decision == "new"


def test_different_people_with_one_matter_share_a_case(ledger: Ledger) -> None:
    """Same institution, act and time: one clue, two reporters, each with his own report."""
    first = ledger.file(REPORT)
    second = ledger.file(by("bob", other_words(REPORT)))
    assert second.case_id == first.case_id
    assert second.match["decision"] == "attached"
    assert second.match["same_teller"] is False


def test_another_time_is_another_matter_of_the_same_institution(ledger: Ledger) -> None:
    """What happened two years ago is linked, not merged."""
    ledger.file(REPORT)
    assert ledger.match(by("bob", other_words(REPORT), period=WINTER)).decision == "related"


def test_another_act_of_the_same_institution_is_related(ledger: Ledger) -> None:
    """Separate clues, one subject: they may be inspected together."""
    ledger.file(REPORT)
    told = by("bob", other_words(REPORT), claims=(Claim("F20", 0.9),))
    assert ledger.match(told).decision == "related"


def test_without_a_time_close_wording_decides(ledger: Ledger) -> None:
    """No time told: the same words attach, other words leave it to a person."""
    ledger.file(REPORT)
    assert ledger.match(by("bob", period=None)).decision == "attached"
    assert ledger.match(by("bob", other_words(REPORT), period=None)).decision == "suggested"


def test_the_same_name_in_another_county_is_another_institution(ledger: Ledger) -> None:
    """There is a 康宁医院 in many counties."""
    ledger.file(REPORT)
    assert ledger.match(by("bob", place="621002")).decision == "new"


def test_a_city_contains_its_county(ledger: Ledger) -> None:
    """One says the city, the other the county in it."""
    ledger.file(REPORT)
    assert ledger.match(by("bob", place="621000")).decision == "attached"


def test_a_hospital_that_every_county_has_is_left_to_a_person(ledger: Ledger) -> None:
    """人民医院 without a place may be any."""
    ledger.file(by("anna", institution="县人民医院", place=None))
    assert ledger.match(by("bob", institution="县人民医院", place=None)).decision == "suggested"


@pytest.mark.parametrize(("one", "other"), [("康宁大药房一店", "康宁大药房二店"), ("第一医院", "第二医院")])
def test_a_second_branch_is_another_institution(ledger: Ledger, one: str, other: str) -> None:
    """Branch one does not answer for branch two."""
    ledger.file(by("anna", institution=one))
    assert ledger.match(by("bob", institution=other)).decision == "new"


def test_a_report_without_a_name_is_only_suggested(ledger: Ledger) -> None:
    """Same county, act and words, but nobody named: a person decides, in either order."""
    ledger.file(REPORT)
    assert ledger.match(by("bob", institution=None)).decision == "suggested"
    ledger.file(by("carl", institution=None, place="621002"))
    assert ledger.match(by("dora", place="621002")).decision == "suggested"


def test_two_matters_of_one_telling_are_not_merged(ledger: Ledger) -> None:
    """The dialogue took them apart on purpose."""
    ledger.file(replace(REPORT, group="telling 1"))
    assert ledger.match(replace(REPORT, group="telling 1", claims=(Claim("F03", 0.5),))).decision == "new"


def test_complaints_about_one_inspection_are_one_matter(ledger: Ledger) -> None:
    """Same organ, same enterprise, same days: one inspection."""
    first = ledger.file(COMPLAINT)
    again = replace(by("clerk", COMPLAINT), organ="市场监督管理局", redacted="来了三个人,没亮证。")
    assert ledger.match(again).decision == "attached"
    assert ledger.match(again).case_id == first.case_id


def test_neighbours_inspected_on_one_day_are_left_to_a_person(ledger: Ledger) -> None:
    """Same organ, place and date, another shop: one round perhaps, but each waits for an answer of its own."""
    ledger.file(COMPLAINT)
    assert ledger.match(replace(by("baker", COMPLAINT), institution="张记面馆")).decision == "suggested"


def test_the_next_inspection_is_another_matter(ledger: Ledger) -> None:
    """The fifth inspection of a year is not the fourth."""
    ledger.file(COMPLAINT)
    later = Period(date(2026, 11, 18), date(2026, 11, 18))
    told = replace(COMPLAINT, period=later, redacted="又来了,这次要看所有进货单据。")
    assert ledger.match(told).decision == "related"
    assert ledger.match(replace(by("clerk", told), institution="张记面馆")).decision == "new"


def test_another_organ_is_another_matter(ledger: Ledger) -> None:
    """The fire brigade does not answer for the market bureau."""
    ledger.file(COMPLAINT)
    assert ledger.match(replace(by("clerk", COMPLAINT), organ="消防大队")).decision == "related"


def test_sides_never_meet(ledger: Ledger) -> None:
    """A pharmacy's complaint and a citizen's report of it are two matters."""
    ledger.file(COMPLAINT)
    assert ledger.match(replace(COMPLAINT, side="citizen", claims=(Claim("F11", 0.8),))).decision == "new"


def test_keys_are_few_and_those_of_a_person_need_the_vault(ledger: Ledger) -> None:
    """Numbers of 64 bits; whoever has the ledger and a telephone number, but not the vault's key, cannot try it."""
    told = replace(REPORT, teller=Teller("web", "anna", phone="13812345678"), institution="康" * 300)
    keys = sought_of(told, ledger.vault).stored_keys
    assert 10 <= len(keys) <= 40
    assert all(-(1 << 63) <= key < 1 << 63 for key in keys)
    elsewhere = sought_of(told, Vault(bytes(32))).stored_keys
    assert len(set(keys) - set(elsewhere)) == 2, "account and telephone are keyed, the matter is not"


def test_a_match_asks_the_database_twice_whatever_it_holds(ledger: Ledger) -> None:
    """Candidates come by key: a full ledger costs no more questions than an empty one."""
    for number in range(30):
        ledger.file(by(f"teller {number}", institution=f"{'甲乙丙丁戊己庚辛壬癸'[number % 10]}康医院"))
    asked: list[str] = []
    event.listen(ledger.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    ledger.match(by("new", institution="甲康医院"))
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 2

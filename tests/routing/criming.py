"""Cases in which a crime is suspected, in a county with people enough: two who look into it and a head."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from intake import remarks
from intake.models import Case, Clock, CrimeTransfer, Event, Notice
from intake.report import Report
from routing.crime import ENCLOSED, papers
from tests.routing.conftest import Office, report
from tests.routing.rewarding import hired

WHOLE = {paper["key"]: ENCLOSED for paper in papers()}
POLICE: dict[str, Any] = {"outcome": "police", "finding": "移送公安机关。"}
DAY = "2026-09-21"
"""The day of the suspicion: a Monday, with the Mid-Autumn holiday on Friday."""


def suspected(office: Office, *, told: Report | None = None, **facts: Any) -> Case:
    """A case that was accepted, and a team that looks into it; of the report `told`, or of one with these facts."""
    hired(office)
    case = office.case(office.file(told or report(**facts)))
    office.do("accept", case, "officer", "2026-09-18")
    team(office, case)
    return case


def team(office: Office, case: Case, on: str = DAY, by: str = "officer") -> None:
    """The officer and the clerk look into it."""
    first, second = office.staff("officer").id, office.staff("clerk").id
    office.do("name_team", case, by, on, first=first, second=second, text="病历与费用清单对不上，涉嫌诈骗。")


def approved(office: Office, at: str = "2026-09-21T14:30", **facts: Any) -> Case:
    """Reported by the team, approved by the leader."""
    case = suspected(office, **facts)
    office.do("report_crime", case, "officer", DAY, text="经核实，涉嫌诈骗医保基金。", yuan="41,150")
    office.do("approve_crime", case, "leader", at)
    return case


def sent(office: Office, at: str = "2026-09-22T10:00", **facts: Any) -> Case:
    """With the police, who signed at once."""
    case = approved(office, **facts)
    office.do("pack_crime", case, "officer", "2026-09-22", papers=WHOLE, organ="庆城县公安局")
    office.do("send_crime", case, "officer", at, organ="庆城县公安局", receipt="庆公受〔2026〕17号", signed=at)
    return case


def filed(office: Office, **facts: Any) -> Case:
    """The police opened a case of their own."""
    case = sent(office, **facts)
    office.do("police_files", case, "officer", "2026-09-24", on="2026-09-23")
    return case


def with_police(office: Office, **facts: Any) -> Case:
    """Goods and materials are handed over."""
    case = filed(office, **facts)
    office.do("hand_goods", case, "officer", "2026-09-25T11:00", receipt="接收清单3号")
    return case


def transfer_of(office: Office, case: Case) -> CrimeTransfer:
    """The newest transfer of a case."""
    office.session.flush()
    query = select(CrimeTransfer).where(CrimeTransfer.case_id == case.id).order_by(CrimeTransfer.id.desc())
    return office.session.scalars(query).first()  # type: ignore[return-value]


def clock_of(office: Office, case: Case, kind: str) -> Clock:
    """The newest clock of a kind."""
    query = select(Clock).where(Clock.case_id == case.id, Clock.kind == kind).order_by(Clock.id.desc())
    return office.session.scalars(query).first()  # type: ignore[return-value]


def kinds(office: Office, case: Case) -> list[str]:
    """What happened to a case."""
    return list(office.session.scalars(select(Event.kind).where(Event.case_id == case.id).order_by(Event.id)))


def words(office: Office, case: Case) -> str:
    """Everything that was written beside its events."""
    return "\n".join(remarks.of_events(office.session, case.id).values())


def told(office: Office, case: Case) -> list[str]:
    """What its tellers were told."""
    query = select(Notice.body).where(Notice.case_id == case.id, Notice.report_id.is_not(None)).order_by(Notice.id)
    return list(office.session.scalars(query))


def notices_to(office: Office, who: str) -> list[str]:
    """What a member of staff was told."""
    query = select(Notice.body).where(Notice.staff_id == office.staff(who).id).order_by(Notice.id)
    return list(office.session.scalars(query))

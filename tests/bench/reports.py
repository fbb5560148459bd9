"""Invented but varied reports for the filing benchmark, the same for the same number."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from intake.report import Claim, Period, Report, Teller
from nlu.places import by_code, children

NAMES = ("仁济", "康宁", "百姓", "同心", "惠民", "安泰", "德善", "普济", "永和", "济世")
KINDS = ("医院", "大药房", "诊所", "卫生院", "中医馆", "康复医院")
CODES = ("F01", "F02", "F08", "F09", "F14", "F16", "F19", "F20", "F21")
FACTS = (
    "病人白天输液晚上都回家，床位费天天照收",
    "刷卡给现金，一千块给七百五",
    "没做过的理疗记了二十次",
    "十五天就让办出院，第二天又办住院",
    "拿的是洗衣液，单子上打的是中成药",
    "收来的药重新摆上柜台卖，盒子上的码被刮掉了",
)


def report(number: int, place: str | None = None) -> Report:
    """The report of this number: a county, unless it is given, an institution, an act, a month."""
    dice = random.Random(number)
    provinces = children("000000") or ()
    code = dice.choice(provinces).code if provinces else "621000"
    while below := children(code):
        code = dice.choice(below).code
    code = place or code
    first = date(2026, dice.randint(1, 9), dice.randint(1, 28))
    name = f"{dice.choice(NAMES)}{dice.choice(NAMES)}{dice.choice(KINDS)}"
    named = by_code(code)
    text = (
        f"{named.name if named else ''}{name}，{dice.choice(FACTS)}，{first.month}月的事，我见过{dice.randint(2, 30)}回"
    )
    return Report(
        side="citizen",
        teller=Teller("web", f"person-{number}", "confidential", name="王芳", phone=f"138{number:08d}"),
        conversation=f"c{number}",
        text=text,
        redacted=text,
        claims=(Claim(dice.choice(CODES), 0.9),),
        received_at=datetime(2026, 11, 2, 2, tzinfo=UTC) + timedelta(minutes=number),
        institution=name,
        place=code,
        place_text=named.name if named else None,
        period=Period(first, first + timedelta(days=20)),
        amount_yuan=Decimal(dice.randint(100, 90000)),
    )

"""How long the routing of one case takes: varied facts over the whole country, processor time, nothing kept from before."""

from __future__ import annotations

import random
import time
from pathlib import Path

from nlu import places, taxonomy
from routing import signals
from routing.jurisdiction import Facts, route
from tests.bench.screen import screen, table

CASES, WANTED = 20_000, 0.2
"""How many cases, and the milliseconds of processor time that one may take."""
ORGANS = (
    None,
    None,
    None,
    "医保局",
    "县医保局",
    "市医疗保障局",
    "{place}医保局",
    "{place}医保中心",
    "县市场监督管理局",
)
TEXT = "{place}的一家医院三楼康复科的病人都不在医院，床是空的，医保照样天天扣钱，请你们查一查，费用清单也对不上。" * 3


def cases(count: int, seed: int = 621021) -> list[tuple[Facts, str]]:
    """Invented matters from every county, each with a text."""
    draw = random.Random(seed)
    codes = sorted({code for name in places.names().values() for code in name.codes})
    counties = [one for code in codes if (one := places.by_code(code)) and one.level == "county"]
    categories = sorted(taxonomy.load())
    found = []
    for _ in range(count):
        place = draw.choice(counties)
        organ = draw.choice(ORGANS)
        chosen = tuple(draw.sample(categories, draw.randint(0, 3)))
        facts = Facts(
            side="enterprise" if chosen and chosen[0].startswith("X") else "citizen",
            codes=chosen,
            place=draw.choice((place.code, place.code, None)),
            institution=draw.choice((None, f"{place.name}某医院")),
            organ=organ.format(place=place.name) if organ else None,
            insured_place=draw.choice((None, None, draw.choice(counties).code)),
            places=draw.choice(((), (), (draw.choice(counties).code,))),
        )
        found.append((facts, TEXT.format(place=place.full_name)))
    return found


def routing(_folder: Path) -> None:
    """One pass over cases that were never seen, and one over the same again, as a bureau sees its own counties."""
    some = cases(CASES)
    shown = table("routing of one case", "", "cases", "ms of processor time", "wanted at most")
    for name in ("first pass", "again"):
        began = time.process_time()
        for facts, _ in some:
            route(facts, home="621000")
        shown.add_row(name, f"{len(some)}", f"{1000 * (time.process_time() - began) / len(some):.3f}", f"{WANTED}")
    began = time.process_time()
    for facts, text in some:
        (signals.danger(text), signals.channel(text), signals.departments(text))
        route(facts, home="621000").as_data()
    shown.add_row(
        "with the words read", f"{len(some)}", f"{1000 * (time.process_time() - began) / len(some):.3f}", f"{WANTED}"
    )
    screen.print(shown)

"""Matching a file of reports against each other in a throw-away ledger: what `jianting match` prints."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.dialogue import listen
from bot.dialogue.state import Slot
from bot.settings import Settings
from intake import filing, numbers
from intake.confidentiality import KEY_BYTES, Vault
from intake.db import Database
from intake.matching import find_match
from intake.models import Case
from intake.receipts import new_query_code
from intake.report import Claim, Report, Side, Teller
from intake.schema import migrate
from nlu import places
from nlu.embedded import EmbeddedEar
from nlu.engine import Ear
from nlu.meaning import Understanding
from nlu.text import redact
from routing.authorities import default_authority

CHINA = ZoneInfo("Asia/Shanghai")
OFFERED = 0.15
"""Below this a suggested category is chance."""


def decisions(rows: Iterable[Mapping[str, Any]], settings: Settings) -> Iterator[dict[str, Any]]:
    """One decision a row, in the order of arrival: each row is matched against all before it, then filed.

    Raises KeyError where a row lacks id, text or received_at.
    """
    settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ear = EmbeddedEar.open(settings.data_folder / "model")
    vault = Vault(bytes(KEY_BYTES))
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'match.db'}")
        migrate(database)
        for row in rows:
            report = report_of(row, ear, settings.home)
            with database.transaction() as session:
                yield {"id": row["id"], **_decide(session, report, vault)}
        database.close()


def _decide(session: Session, report: Report, vault: Vault) -> dict[str, Any]:
    match = find_match(session, report, vault=vault)
    joined = match.decision == "attached"
    if joined:
        case = session.get_one(Case, match.case_id)
    else:
        authority = default_authority(report.place or "000000").code
        case = filing.new_case(report, authority=authority, routing={}, now=report.received_at)
    rows = filing.rows_of(
        report,
        numbers.give(session, [numbers.key_of(report)])[0],
        vault=vault,
        case=case,
        query_code=new_query_code(),
        due_on=report.received_at.date(),
        derivation="",
        now=report.received_at,
        match=match,
    )
    filing.write(session, [rows])
    return {
        "decision": match.decision,
        "case": case.id,
        "score": round(match.score, 4),
        "reasons": list(match.reasons),
    }


def report_of(row: Mapping[str, Any], ear: Ear, home: str) -> Report:
    """The row as a report: what it states itself comes before what the ear hears."""
    moment = datetime.fromisoformat(str(row["received_at"]))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
    text = str(row["text"])
    heard = ear.parse(text, now=moment, home=home)
    side: Side = row["side"] if row.get("side") in ("citizen", "enterprise") else listen.side_of(heard) or "citizen"
    slots = listen.found_slots(heard, side)
    account = str(row.get("reporter") or f"row {row['id']}")
    return Report(
        side=side,
        teller=Teller("console", account, "anonymous"),
        conversation=account[:64],
        text=text,
        redacted=redact(text, heard.entities),
        claims=listen.claims_of(heard, side) or _likeliest(heard, side),
        received_at=moment,
        institution=row.get("institution") or _name(slots.get("institution" if side == "citizen" else "enterprise")),
        organ=_name(slots.get("organ")),
        place=_place(row, heard, home),
        period=listen.period(slots.get("time" if side == "citizen" else "inspection_date"), moment.date()),
    )


def _likeliest(heard: Understanding, side: Side) -> tuple[Claim, ...]:
    """What the ear would have offered to choose from: nobody is there to be asked, and a guess compares better than none."""
    letter = "F" if side == "citizen" else "X"
    ours = (one for one in heard.suggestions if one.code[0] == letter and one.probability >= OFFERED)
    return tuple(Claim(one.code, one.probability) for one in islice(ours, 1))


def _name(slot: Slot | None) -> str | None:
    return str((slot.value or {}).get("name") or slot.text) if slot else None


def _place(row: Mapping[str, Any], heard: Understanding, home: str) -> str | None:
    """The county: as the row names it, else as the text does."""
    if row.get("county"):
        found = places.lookup(str(row["county"]), home)
        return found[0].code if found else None
    codes = [str(entity.value["code"]) for entity in heard.of_kind("place") if entity.value.get("code")]
    return codes[0] if codes else None

"""One case, one file (一案一卷, PN-20): index, papers, history, clocks, evidence list, each hashed in a manifest; of nobody.

It holds what a leader of the authority may read, and no more: redacted texts, neutral names of files, no identity.
"""

from __future__ import annotations

import hashlib
import io
import json
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.web.desk import history
from bot.web.desk.labels import label
from bot.web.desk.ledger import staff_names
from bot.web.templating import templates
from intake import audit, custody, papers, queries
from intake.confidentiality import Vault
from intake.errors import NotAllowed, NotFound
from intake.models import Case, Paper, Staff
from intake.views import CasePage
from routing import states
from routing.authorities import by_code
from routing.documents import kinds
from routing.rules import Rules

LEADER = "leader"
EVENT = "archived"
COPY = {"media_type": "media_type", "sha256": "copy", "sm3": "sm3", "size": "size"}
"""What the list says of a working copy, by the name that its record bears."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The file, what it should be called, how many files are in it, and the digest of its manifest."""

    name: str
    content: bytes
    files: int
    sm3: str


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        return tomllib.load(file)


def of_number(session: Session, number: str, *, rules: Rules, vault: Vault, now: datetime) -> Archive:
    """The file of the case with this number, for whoever runs the service; NotFound."""
    case = session.scalar(select(Case).where(Case.number == number.strip()))
    if case is None:
        raise NotFound
    # He reads what a leader of the authority would, and is nobody of the staff.
    eyes = Staff(id=0, username="", name="", role=LEADER, authority=case.authority, interests="", active=True)
    return make(session, case, viewer=eyes, actor="system", rules=rules, vault=vault, now=now)


def make(
    session: Session, case: Case, *, viewer: Staff, actor: str, rules: Rules, vault: Vault, now: datetime
) -> Archive:
    """The file of a case as `viewer` may read it; only a leader may have it, and that it was made is written down."""
    if viewer.role != LEADER:
        raise NotAllowed
    found = queries.case_page(session, case.id, viewer=viewer)
    files = _papers(session, case, viewer, vault)
    names = _names(session, found)
    lists = {
        "history": _history(found, names),
        "clocks": [{**asdict(one), "name": rules.law.kind(one.kind).name} for one in found.clocks],
        "reports": _reports(found),
        "evidence": _evidence(found),
    }
    index = _index(session, found, files, lists, viewer, rules, now)
    called = _words()["file"]
    parts = {called["index"]: index, **files}
    parts |= {called[name]: _json(rows) for name, rows in lists.items()}
    manifest = _json({"case": case.number, "made_at": now, "files": {name: _digests(it) for name, it in parts.items()}})
    sm3 = hashlib.new("sm3", manifest).hexdigest()
    audit.append(session, case.id, EVENT, actor, {"sm3": sm3, "files": len(parts)}, now)
    return Archive(
        called["name"].format(number=case.number), _zip({**parts, called["manifest"]: manifest}, now), len(parts), sm3
    )


def _papers(session: Session, case: Case, viewer: Staff, vault: Vault) -> dict[str, bytes]:
    """The papers in their order, by the path in the file; what was erased has none."""
    folder, files = _words()["file"]["papers"], {}
    for n, one in enumerate(papers.of_case(session, case, viewer=viewer), 1):
        if not one.erased:
            content = papers.content_of(session, session.get_one(Paper, one.id), vault)
            files[f"{folder}/{n:03d} {kinds().get(one.kind, one.kind)} {one.number}.docx"] = content
    return files


def _names(session: Session, found: CasePage) -> Mapping[int, str]:
    """The members of staff who did something, by number."""
    actors = (
        event.actor.removeprefix(history.STAFF) for event in found.events if event.actor.startswith(history.STAFF)
    )
    return staff_names(session, [int(one) for one in actors if one.isdigit()])


def _history(found: CasePage, names: Mapping[int, str]) -> list[dict[str, Any]]:
    events = [one for one in found.events if one.kind != custody.ATTACHED]
    lines = history.lines(events, names)
    return [
        {
            "at": line.at,
            "what": line.words,
            "who": line.who,
            "words": line.detail,
            "kind": event.kind,
            "data": event.data,
        }
        for line, event in zip(lines, events, strict=True)
    ]


def _reports(found: CasePage) -> list[dict[str, Any]]:
    """What was told, redacted, with the letters; no channel, no mode: they help to guess who it was."""
    return [
        {
            "number": one.number,
            "received_at": one.received_at,
            "text": one.redacted,
            "codes": [claim["code"] for claim in one.claims],
            "letters": [
                {"from_teller": letter.from_teller, "at": letter.at, "text": letter.text}
                for letter in found.letters
                if letter.report_id == one.report_id
            ],
        }
        for one in found.reports
    ]


def _evidence(found: CasePage) -> list[dict[str, Any]]:
    """The working copies by their digests; of an original that has none, only why. Originals stay sealed."""
    cleaned = {line.digest: line.data for line in found.custody if line.kind == custody.CLEANED}
    numbers = {one.report_id: one.number for one in found.reports}
    rows = []
    for one in found.files:
        copy = cleaned.get(one.digest, {})
        why = str(copy.get("withheld", "")) if copy else ""
        told = label("withheld", why) if why else "" if copy else _words()["said"]["not_cleaned"]
        kept = {name: None if told else copy[key] for name, key in COPY.items()}
        rows.append({"report": numbers.get(one.report_id), "at": one.at, **kept, "withheld": told})
    return rows


def _index(
    session: Session,
    found: CasePage,
    files: Mapping[str, bytes],
    lists: Mapping[str, list[dict[str, Any]]],
    viewer: Staff,
    rules: Rules,
    now: datetime,
) -> bytes:
    case = found.case
    listed = papers.of_case(session, session.get_one(Case, case.id), viewer=viewer)
    by_number = {name.rpartition(" ")[2].removesuffix(".docx"): name for name in files}
    page = templates.get_template("archive.html").render(
        case=case,
        authority=by_code(case.authority).name,
        subject=case.organ if case.side == "enterprise" else case.institution,
        state=_words()["said"]["closed" if case.closed_at else "open"],
        outcome=states.outcome_name(case.outcome),
        papers=[(one, kinds().get(one.kind, one.kind), by_number.get(one.number, "")) for one in listed],
        clocks=found.clocks,
        clock_names={one.kind: rules.law.kind(one.kind).name for one in found.clocks},
        lists=lists,
        file=_words()["file"],
        now=now,
    )
    return page.encode()


def _zip(parts: Mapping[str, bytes], now: datetime) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date_time=now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, content)
    return out.getvalue()


def _digests(content: bytes) -> dict[str, Any]:
    sm3 = hashlib.new("sm3", content).hexdigest()
    return {"sm3": sm3, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain).encode()


def _plain(value: Any) -> Any:
    """Days and moments in ISO 8601."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return dict(value)

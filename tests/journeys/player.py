"""Plays a journey: what people say and what officers do, step by step, on one of the real channels."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import yaml
from sqlalchemy import select

from bot import talk
from bot.app import App
from bot.channels.message import File, Inbound
from bot.courier import Courier
from intake.models import Case, Clock, EvidenceUse, FiledReport, Identity, Letter, Notice, Rating, Staff
from routing import desk

FOLDER = Path(__file__).parent
CHINA = talk.CHINA
PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


@dataclass(frozen=True)
class Heard:
    """What came back for one message."""

    texts: list[str]
    choices: list[str]
    asks: str | None
    receipts: list[dict[str, Any]]

    @property
    def text(self) -> str:
        """All replies as one text."""
        return "\n".join(self.texts)


class Channel(Protocol):
    """A way to speak to the service as one person."""

    def say(self, person: str, text: str, files: list[tuple[str, bytes]], at: datetime) -> Heard:
        """Send one message and wait for the answer."""
        ...

    def told(self, person: str, at: datetime) -> list[str]:
        """What the desk has sent to this person since the last look, the courier having gone round."""
        ...


class Direct:
    """Straight through the door that all channels use."""

    def __init__(self, app: App, channel: str = "web") -> None:
        self.app, self.channel, self.count = app, channel, 0
        self.cursors: dict[str, int] = defaultdict(int)

    def say(self, person: str, text: str, files: list[tuple[str, bytes]], at: datetime) -> Heard:
        """Send one message and wait for the answer."""
        self.count += 1
        kept = []
        for name, content in files:
            stored = self.app.evidence.store(content, name)
            kept.append(File(stored.digest, name, stored.media_type, stored.size))
        inbound = Inbound(self.channel, person, f"m{self.count}", text, at, tuple(kept))
        answer = talk.converse(self.app, inbound)
        last = answer.replies[-1] if answer.replies else None
        return Heard(
            [reply.text for reply in answer.replies],
            list(last.choices) if last else [],
            last.asks if last else None,
            [
                {"case_number": r.case_number, "query_code": r.query_code, "authority": r.authority}
                for r in answer.receipts
            ],
        )

    def told(self, person: str, at: datetime) -> list[str]:
        """What the desk has sent to this person since the last look."""
        asyncio.run(Courier(self.app, talk, wall=lambda: at).run())
        told = talk.waiting(self.app, self.channel, person, self.cursors[person])
        self.cursors[person] = max((one.cursor for one in told), default=self.cursors[person])
        return [one.reply.text for one in told]


@dataclass
class Journey:
    """One YAML file: a name that is a promise, the steps, and what must hold afterwards."""

    name: str
    steps: list[dict[str, Any]]
    then: dict[str, Any]
    channels: list[str] = field(default_factory=lambda: ["direct"])
    now: datetime = datetime(2026, 11, 20, 10, 0, tzinfo=CHINA)


def journeys(channel: str = "direct") -> list[Journey]:
    """All journeys that are to be played on this channel."""
    found = []
    for path in sorted(FOLDER.glob("*.yml")):
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            # A list is several journeys that share steps by anchors, which do not reach beyond a document.
            for raw in document if isinstance(document, list) else [document]:
                journey = Journey(raw["name"], raw["steps"], raw.get("then", {}), ["direct", *raw.get("channels", [])])
                if "now" in raw:
                    journey.now = datetime.fromisoformat(str(raw["now"])).replace(tzinfo=CHINA)
                found.append(journey)
    return [journey for journey in found if channel in journey.channels]


class Player:
    """Plays one journey and checks every expectation on the way."""

    def __init__(self, app: App, channel: Channel, reopen: Callable[[], App] | None = None) -> None:
        self.app, self.channel, self.reopen = app, channel, reopen
        self.receipts: list[dict[str, Any]] = []
        self.log: list[str] = []
        self.asked: dict[str, str | None] = {}

    def play(self, journey: Journey) -> None:
        """Play every step, then look at the ledger; the whole talk is shown where something fails."""
        now = journey.now
        try:
            for step in journey.steps:
                now += _pause(step.get("wait", "20s"))
                self._step(step, now)
            self._then(journey.then)
        except AssertionError as failed:
            talked = "\n".join(self.log)
            raise AssertionError(f"{journey.name}\n{talked}\n→ {failed}") from failed

    def _step(self, step: dict[str, Any], now: datetime) -> None:
        """One step; one with `when` is for a question that may or may not come, and is left out where it did not."""
        person = step.get("who", "person")
        if "when" in step and self.asked.get(person) != step["when"]:
            return
        if step.get("restart"):
            assert self.reopen, "this channel cannot restart the service"
            self.app = self.reopen()
            if isinstance(self.channel, Direct):
                self.channel.app = self.app
        if "desk" in step:
            for verb, given in step["desk"].items():
                self._act(verb, given or {}, now)
        if "reads" in step:
            told = self.channel.told(person, now)
            self.log.extend(f"<< {line}" for line in told)
            for part in step["reads"]:
                assert any(str(part) in line for line in told), f"is not told {part}: {told}"
            for part in step.get("never_reads", []):
                assert not any(str(part) in line for line in told), f"is told {part}: {told}"
        if "say" in step or "files" in step:
            files = [(name, PHOTO + name.encode()) for name in step.get("files", [])]
            text = str(step.get("say", ""))
            for number, receipt in enumerate(self.receipts, 1):
                text = text.replace(f"{{code{number}}}", receipt["query_code"])
            self.log.append(f"> {text} {[name for name, _ in files] or ''}")
            heard = self.channel.say(person, text, files, now)
            self.log.extend(f"< {line}" for line in heard.texts)
            self.receipts.extend(heard.receipts)
            self.asked[person] = heard.asks
            self._check(step, heard)

    def _check(self, step: dict[str, Any], heard: Heard) -> None:
        if "asks" in step:
            assert heard.asks == step["asks"], f"asks {heard.asks}, expected {step['asks']}"
        for part in step.get("hears", []):
            assert str(part) in heard.text, f"does not say {part}"
        for part in step.get("never", []):
            assert str(part) not in heard.text, f"says {part}"
        for choice in step.get("choices", []):
            assert any(choice in one for one in heard.choices), f"does not offer {choice}: {heard.choices}"
        if "receipts" in step:
            assert len(heard.receipts) == step["receipts"], f"{len(heard.receipts)} receipts"

    def _act(self, verb: str, given: dict[str, Any], now: datetime) -> None:
        """One act of an officer of the responsible authority, or of `by`, on the case of receipt `receipt` (default 1)."""
        given = dict(given)
        number = self.receipts[given.pop("receipt", 1) - 1]["case_number"]
        with self.app.database.transaction() as session:
            report = session.scalars(select(FiledReport).where(FiledReport.number == number)).one()
            case = session.get_one(Case, report.case_id)
            authority = given.pop("by", case.authority)
            role = "leader" if verb in {"extend", "open_case", "not_open"} else "officer"
            officer = session.scalars(select(Staff).where(Staff.authority == authority, Staff.role == role)).first()
            if officer is None:
                officer = Staff(
                    username=f"{role}-{authority}",
                    password_hash="x",
                    name="王敏",
                    role=role,
                    authority=authority,
                )
                session.add(officer)
                session.flush()
            if verb == "ask":
                given["report_id"] = report.id
            law = {"rules": self.app.rules, "vault": self.app.vault, "now": now}
            getattr(desk, verb)(session, case.id, officer, **given, **law)
        self.log.append(f"* {verb} {given}")

    def _then(self, then: dict[str, Any]) -> None:
        with self.app.database.reading() as session:
            reports = session.scalars(select(FiledReport).order_by(FiledReport.id)).all()
            if "receipts" in then:
                assert len(self.receipts) == then["receipts"], f"{len(self.receipts)} receipts"
            if "cases" in then:
                count = len(session.scalars(select(Case)).all())
                assert count == then["cases"], f"{count} cases"
            expected = then.get("reports")
            if expected is not None:
                assert len(reports) == len(expected), f"{len(reports)} reports filed"
                for report, wanted in zip(reports, expected, strict=True):
                    for key, value in wanted.items():
                        self._holds(session, report, key, value)

    def _holds(self, session: Any, report: FiledReport, key: str, value: Any) -> None:
        """One expectation about a filed report."""
        case = session.get_one(Case, report.case_id)
        identity = session.get_one(Identity, report.identity_id)
        uses = session.scalars(select(EvidenceUse).where(EvidenceUse.report_id == report.id)).all()
        letters = session.scalars(select(Letter).where(Letter.report_id == report.id)).all()
        codes = [claim["code"] for claim in report.claims]
        rating = session.get(Rating, report.id)
        clocks = session.scalars(select(Clock).where(Clock.case_id == case.id)).all()
        actual: dict[str, Any] = {
            "side": report.side,
            "institution": report.institution,
            "organ": report.organ,
            "place": report.place,
            "authority": case.authority,
            "state": case.state,
            "mode": identity.mode,
            "evidence": len(uses),
            "letters": len(letters),
            "amount": float(report.amount_yuan) if report.amount_yuan is not None else None,
            "ongoing": report.ongoing,
            "first": report.period_first.isoformat() if report.period_first else None,
            "last": report.period_last.isoformat() if report.period_last else None,
            "due_on": report.due_on.isoformat(),
            "wants_reward": report.wants_reward,
            "stars": rating.stars if rating else None,
            "match": report.match["decision"],
            "case": case.id,
            "clocks": sorted({clock.kind for clock in clocks}),
            "notices": len(session.scalars(select(Notice).where(Notice.case_id == case.id)).all()),
            **{name: report.facts.get(name) for name in ("people", "officers", "visits")},
        }
        if key == "codes":
            assert set(value) <= set(codes), f"codes {codes}, expected {value}"
        elif key == "not_codes":
            assert not set(value) & set(codes), f"codes {codes}"
        elif key == "says":
            assert all(part in report.redacted for part in value), f"redacted: {report.redacted}"
        elif key == "hides":
            told = [report.redacted, *(letter.redacted for letter in letters), str(report.facts)]
            assert not any(part in one for part in value for one in told), f"not hidden: {told}"
        else:
            assert actual[key] == value, f"{key} is {actual[key]!r}, expected {value!r}"


def _pause(text: str) -> timedelta:
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[text[-1]]
    return timedelta(**{unit: int(text[:-1])})

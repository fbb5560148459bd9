"""What the holder of a query code may do: look up, add, rate; the same for the web page and for the chat.

Whoever has the code is the teller. Nothing here depends on other tellers of the same case: the state is derived
from what this teller was told himself, since the case's own state would show that somebody else told as well.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot import reception
from bot.app import App
from bot.channels.message import File
from bot.sealing import witness_of
from intake import erasure, errors, guessing, papers, proof, queries, querycodes
from intake.models import Case, FiledReport
from intake.receipts import luhn_ok, query_hash
from intake.views import FileView, LetterView, Step, TellerPage
from routing import desk, states
from routing.authorities import by_code
from routing.desk.claiming import OwnReward
from routing.documents import kinds
from routing.rules import legal_day

RATED_IN = frozenset({"declined", "replied", "closed"})
"""The states in which nothing more is promised, and a judgement is welcome."""
_LEADS_TO = {
    "accepted": "accepted", "acceptance_told": "accepted", "reopened": "accepted",
    "opening_told": "investigating", "transferred": "received",
    "asked": "supplementing", "declined": "declined", "decided": "decided", "replied": "replied", "closed": "closed",
    "referred": "replied",
}  # fmt: skip
_WAY = ("accepted", "decided", "replied", "closed")
_REACHED = {
    "received": 0,
    "supplementing": 0,
    "accepted": 1,
    "investigating": 1,
    "decided": 2,
    "replied": 3,
    "closed": 4,
}


@cache
def _sentences() -> dict[str, dict[str, str]]:
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        return tomllib.load(file)


def _say(section: str, key: str, **values: object) -> str:
    return _sentences()[section][key].format(**values)


class EnquiryError(Exception):
    """The enquiry cannot be answered; the text is the sentence for the person."""


class WrongCode(EnquiryError):
    """No report has this code."""

    def __init__(self) -> None:
        super().__init__(_say("errors", "wrong_code"))


class MistypedCode(EnquiryError):
    """The check digit does not fit: a slip of the pen, told without a look into the ledger and not counted."""

    def __init__(self) -> None:
        super().__init__(_say("errors", "mistyped_code"))


class TooManyTries(EnquiryError):
    """Too many wrong codes from this origin, or of this one code; `wait` is how long to go."""

    sentence = "too_many_tries"

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        seconds = max(1, round(wait.total_seconds()))
        words = _say("wait", "minutes", n=-(-seconds // 60)) if seconds > 90 else _say("wait", "seconds", n=seconds)
        super().__init__(_say("errors", self.sentence, wait=words))


class Braked(TooManyTries):
    """Somebody guesses from many places, so that every new place waits a moment; the person did nothing wrong."""

    sentence = "braked"


class Erased(EnquiryError):
    """The data of whoever told were erased; of the report nothing is shown any more."""

    def __init__(self) -> None:
        super().__init__(_say("errors", "erased"))


class NoSuchPaper(EnquiryError):
    """No paper of this number is addressed to the teller."""

    def __init__(self) -> None:
        super().__init__(_say("errors", "no_such_paper"))


class NothingToAdd(EnquiryError):
    """Neither text nor files."""

    def __init__(self) -> None:
        super().__init__(_say("errors", "nothing_to_add"))


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way: `state` is done, current or ahead; `at` is unknown for what has not happened."""

    title: str
    at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class RewardTold:
    """A teller's own reward, with what its state means for him."""

    own: OwnReward
    state_name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class PaperTold:
    """A paper addressed to the teller, by its number."""

    number: str
    name: str
    at: datetime
    erased: bool


@dataclass(frozen=True, slots=True)
class Status:
    """How one report stands, as its teller may see it; `due_on` is None once nothing more is promised."""

    number: str
    state: str
    state_name: str
    explanation: str
    authority: str
    received_at: datetime
    due_on: date | None
    derivation: str
    outcome: str
    stages: tuple[Stage, ...]
    letters: tuple[LetterView, ...]
    can_rate: bool
    stars: int | None
    files: tuple[FileView, ...]
    reward: RewardTold | None
    """His own reward; None for an enterprise, which earns none."""
    papers: tuple[PaperTold, ...] = ()
    """The papers addressed to him, oldest first."""


def look_up(app: App, code: str, *, origin: str, now: datetime) -> Status:
    """How the report with this code stands; WrongCode, MistypedCode, TooManyTries."""
    report_id = report_behind(app, code, origin, now)
    due_on: date | None
    with app.database.reading() as session:
        report = session.get_one(FiledReport, report_id)
        page = queries.teller_page(session, report_id, viewer=report, vault=app.vault)
        steps = tuple(step for step in page.steps if _heard(step, now))
        state = _state(steps)
        due_on, derivation = None, ""
        own = desk.own_reward(session, report, now)
        sent = papers.of_report(session, report, viewer=report)
        if state not in RATED_IN:
            case = session.get_one(Case, report.case_id)
            due_on, derivation = desk.promised(session, report, case, app.rules, now)
    return Status(
        number=page.number,
        state=state,
        state_name=states.state_name(state),
        explanation=_say("explanation", state),
        authority=by_code(page.authority).name,
        received_at=page.received_at,
        due_on=due_on,
        derivation=derivation,
        outcome=states.outcome_name(page.outcome) if state in RATED_IN else "",
        stages=_stages(page, steps, state),
        letters=page.letters,
        can_rate=state in RATED_IN and page.rating is None,
        stars=page.rating.stars if page.rating else None,
        files=page.files,
        reward=_of_reward(own) if own else None,
        papers=tuple(PaperTold(one.number, kinds().get(one.kind, one.kind), one.at, one.erased) for one in sent),
    )


def know_owner(app: App, session: Session, code: str, *, origin: str, now: datetime) -> None:
    """The code was given out here: whatever strangers try, its owner may ask from here."""
    guessing.know_owner(session, guessing.guess(app.vault, query_hash(app.vault, code), origin, now), now)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a teller needs to check his own report; the place is None until it was linked and signed."""

    commitment: str
    position: int | None
    rank: int | None
    signed_at: datetime | None
    file: dict[str, Any]


def prove(app: App, code: str, *, origin: str, now: datetime) -> Proof:
    """The proof of the report with this code; WrongCode, MistypedCode, TooManyTries."""
    report_id = report_behind(app, code, origin, now)
    with app.database.reading() as session:
        file = proof.of_report(session, witness_of(app), report_id)
        position, rank, signed_at = proof.place_of(session, report_id) or (None, None, None)
    return Proof(file["items"][0]["digest"], position, rank, signed_at, file)


def add(app: App, code: str, text: str, files: Sequence[File], *, origin: str, now: datetime) -> str:
    """Hand words and stored files to the handler; gives the sentence that says so."""
    report_id = report_behind(app, code, origin, now)
    if not text.strip() and not files:
        raise NothingToAdd
    with app.database.transaction() as session:
        for file in files:
            reception.enter(app, session, file.digest, now)
        report = session.get_one(FiledReport, report_id)
        digests, names = [file.digest for file in files], {file.digest: file.name for file in files}
        desk.add_to_report(session, report, text, digests, rules=app.rules, vault=app.vault, now=now, file_names=names)
    return _say("said", "added")


def rate(app: App, code: str, stars: int, comment: str, *, origin: str, now: datetime) -> str:
    """Keep the teller's judgement, once; gives the sentence that thanks."""
    report_id = report_behind(app, code, origin, now)
    with app.database.transaction() as session:
        report = session.get_one(FiledReport, report_id)
        desk.rate(session, report, stars, comment, rules=app.rules, vault=app.vault, now=now)
    return _say("said", "rated")


def said(what: str) -> str:
    """The sentence that says that something was done."""
    return _say("said", what)


def _of_reward(own: OwnReward) -> RewardTold:
    until = _day(own.claim_until) if own.claim_until else ""
    yuan = f"{own.yuan:,.2f}".removesuffix(".00") if own.yuan is not None else ""
    means = "late" if own.state == "notified" and not own.may_claim else own.state
    return RewardTold(own, _say("reward_state", own.state), _say("reward", means, yuan=yuan, until=until))


def in_words(status: Status) -> str:
    """The status as one message of a chat: where it stands, what is promised, the newest letter."""
    head = {"number": status.number, "state": status.state_name, "explanation": status.explanation}
    lines = [_say("words", "head", **head), _say("words", "authority", authority=status.authority)]
    if status.due_on:
        lines.append(_say("words", "due", due=_day(status.due_on)))
    if status.outcome:
        lines.append(_say("words", "outcome", outcome=status.outcome))
    if status.reward and status.reward.own.offered:
        lines.append(status.reward.sentence)
    letters = [letter for letter in status.letters if not letter.from_teller]
    if letters:
        lines.append(_say("words", "letter", day=_day(legal_day(letters[-1].at)), text=letters[-1].text))
    return "\n".join(lines)


def _day(day: date) -> str:
    return _say("words", "day", y=day.year, m=day.month, d=day.day)


def report_behind(app: App, code: str, origin: str, now: datetime) -> int:
    """The report behind the code; a wrong one is counted, an erased one is said to be erased.

    A right one makes the place known for this code.

    A right code does not forgive wrong ones: whoever holds one code could otherwise guess others for ever.
    """
    if not luhn_ok(code):
        raise MistypedCode
    mark = query_hash(app.vault, code)
    tried = guessing.guess(app.vault, mark, origin, now)
    limit = app.settings.wrong_codes_an_hour
    try:
        with app.database.reading() as session:
            guessing.check(session, tried, now, wrong_an_hour=limit)
            report = queries.report_by_code(session, mark)
            gone = report is not None and erasure.is_erased(session, report.id)
            new = report is not None and guessing.needs_note(session, tried, now)
    except errors.Braked as wait:
        raise Braked(wait.until - now) from wait
    except errors.TooManyTries as wait:
        raise TooManyTries(wait.until - now) from wait
    if report is None:
        with app.database.transaction() as session:
            guessing.count_wrong(session, tried, now, wrong_an_hour=limit)
        raise WrongCode
    if gone:
        raise Erased
    quick = querycodes.is_quick(report.query_hash)
    if new or quick:
        made = [(querycodes.Quick(report.id, mark), querycodes.slow(mark))] if quick else []
        with app.database.transaction() as session:
            guessing.know_owner(session, tried, now)
            querycodes.exchange(session, made)
    return report.id


def _heard(step: Step, now: datetime) -> bool:
    """Whether the teller was told by now: a later teller of an accepted case hears of it the next working day."""
    return step.kind != "acceptance_told" or legal_day(step.at) < legal_day(now)


def _state(steps: Sequence[Step]) -> str:
    """The state that follows from what this teller was told, and from nothing else."""
    state = before = "received"
    for step in steps:
        if step.kind in {"resumed", "supplemented"} and state == "supplementing":
            state = before
        elif step.kind in _LEADS_TO:
            if state != "supplementing":
                before = state
            state = _LEADS_TO[step.kind]
    return state


def _stages(page: TellerPage, steps: Sequence[Step], state: str) -> tuple[Stage, ...]:
    """What happened, the last of it current while the matter is open, and what is still to come."""
    titles = _sentences()["done"]
    happened = [(titles["received"], page.received_at)]
    happened += [(titles[step.kind], step.at) for step in steps if step.kind in titles]
    done = [Stage(title, at, "done") for title, at in happened]
    if state != "closed":
        done[-1] = Stage(done[-1].title, done[-1].at, "current")
    return (*done, *(Stage(_say("ahead", one), None, "ahead") for one in _to_come(steps, state)))


def _to_come(steps: Sequence[Step], state: str) -> tuple[str, ...]:
    """The usual way from this state on; a question asked after the acceptance does not undo it."""
    if state == "declined":
        return ("closed",)
    before = _state([step for step in steps if step.kind != "asked"]) if state == "supplementing" else state
    return _WAY[_REACHED[before] :]

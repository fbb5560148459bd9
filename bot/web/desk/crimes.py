"""The transfer of a suspected crime as the case page shows it: a marked hint, where it stands, and what may be done now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from bot.web.desk import facts, ledger
from bot.web.desk.clockface import moment
from bot.web.desk.labels import label
from bot.web.desk.seat import Seat
from intake import crime
from intake.models import Case, CrimeTransfer, Staff
from intake.viewing import lens
from nlu import places
from routing.authorities import by_code
from routing.crime import ENCLOSED, Hint, absences, hint, papers
from routing.desk import crimecase, people, suspecting
from routing.errors import DeskError
from routing.lawbook import NATION
from routing.lives import life
from routing.rules import Rules, legal_day

PAPER = "paper-"
BY_TEAM = frozenset({"report_crime"})
BY_HEAD = frozenset({"approve_crime", "refuse_crime"})
FIELDS: Mapping[str, tuple[str, ...]] = {
    "name_team": ("first", "second", "text"),
    "report_crime": ("text", "yuan"),
    "refuse_crime": ("text",),
    "pack_crime": ("papers", "organ"),
    "send_crime": ("organ", "receipt", "signed"),
    "police_files": ("on",),
    "police_declines": ("text", "on"),
    "police_passes": ("organ", "on"),
    "police_upholds": ("text", "on"),
    "ask_reconsider": ("text",),
    "ask_supervision": ("text",),
    "supervision_ends": ("text",),
    "accept_answer": ("text",),
    "hand_goods": ("receipt",),
    "receive_back": ("text",),
}
"""What each act asks for; the others ask for nothing."""
KINDS = {
    "first": "choice", "second": "choice", "text": "text", "yuan": "sum", "organ": "line", "receipt": "line",
    "signed": "moment", "on": "day",
}  # fmt: skip
ADDRESSED = frozenset({"pack_crime", "send_crime"})
"""The acts whose organ is known before: the police of the same level, until somebody corrects it."""
OPTIONAL = frozenset({"yuan", "on"})


@dataclass(frozen=True, slots=True)
class CrimeField:
    """One thing to fill in: `kind` is text, line, sum, choice, moment or day."""

    name: str
    kind: str
    label: str
    help: str = ""
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class CrimeAct:
    """One act as a form."""

    verb: str
    name: str
    hint: str
    fields: tuple[CrimeField, ...]


@dataclass(frozen=True, slots=True)
class CrimeFailed:
    """An act on a transfer that was refused: which, why, and what had been typed."""

    act: str
    sentence: str
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HintShown:
    """That a sum reaches a threshold, in words; `doubt` where nobody read the text."""

    words: str
    citation: str
    doubt: bool


@dataclass(frozen=True, slots=True)
class CrimeShown:
    """The section of the page."""

    state: str
    state_word: str
    hint: HintShown | None
    known: tuple[tuple[str, str], ...]
    papers: tuple[tuple[str, str], ...]
    acts: tuple[CrimeAct, ...]
    earlier: tuple[str, ...]
    failed: CrimeFailed | None
    overdue: bool


def shown(
    session: Session, case: Case, here: Seat, rules: Rules, now: datetime, failed: CrimeFailed | None = None
) -> CrimeShown | None:
    """What this viewer sees of it; nothing where he may not, or where there is nothing to see or to do."""
    if not lens(session, case, viewer=here.staff).sees("crime", "life"):
        return None
    every = crime.of_case(session, case.id)
    open_now = next((one for one in every if one.ended_at is None), None)
    it = crimecase.Subject(case, open_now)
    acts = tuple(_acts(session, it, here.staff, failed))
    found = _hint(session, case, rules, now) if not every else None
    if not (acts or every or found):
        return None
    return CrimeShown(
        state=it.state,
        state_word=life("crime").state_name(it.state),
        hint=found,
        known=tuple(_known(session, open_now)) if open_now else (),
        papers=_papers(open_now) if open_now else (),
        acts=acts,
        earlier=tuple(_earlier(one) for one in every if one.ended_at is not None),
        failed=failed,
        overdue=_overdue(open_now, now),
    )


def _overdue(transfer: CrimeTransfer | None, now: datetime) -> bool:
    """Whether the twenty-four hours are over and the police have not signed."""
    waits = transfer is not None and transfer.received_at is None and transfer.transfer_by is not None
    return bool(waits and transfer and transfer.transfer_by and now > transfer.transfer_by)


def _hint(session: Session, case: Case, rules: Rules, now: datetime) -> HintShown | None:
    """The hint in words; none where no sum is known or the case is closed."""
    if case.closed_at is not None:
        return None
    told, found = crime.sums(session, case.id)
    place = by_code(case.authority).place
    one = hint(case.codes, told=told, found=found, law=rules.law, on=legal_day(now), place=place)
    return _in_words(one) if one else None


def _in_words(one: Hint) -> HintShown:
    words = label("crime", "hint").format(
        source=label("crime", "found" if one.found else "told"),
        yuan=facts.yuan(one.yuan),
        grade=label("crime", one.grade),
        threshold=f"{one.threshold:,}",
        layer=_layer(one.layer),
        acts="、".join(f"{act.name}（{act.offence}）" for act in one.acts),
    )
    cited = dict.fromkeys([one.citation, *(act.citation for act in one.acts)])
    return HintShown(words, "；".join(cited), not one.verified)


def _layer(layer: str) -> str:
    """Whose figure it is."""
    place = places.by_code(layer) if layer != NATION else None
    return place.full_name if place else label("crime", "nation")


def _known(session: Session, transfer: CrimeTransfer) -> Iterator[tuple[str, str]]:
    """Who, how much, where, by when."""
    staff = [one for one in (transfer.first_id, transfer.second_id, transfer.decider_id) if one]
    names = ledger.staff_names(session, staff)
    yield label("crime", "team"), "、".join(names.get(one, "") for one in (transfer.first_id, transfer.second_id))
    if transfer.yuan is not None:
        yield label("crime", "yuan"), facts.yuan(transfer.yuan)
    if transfer.decider_id:
        yield label("crime", "decider"), f"{names.get(transfer.decider_id, '')} {moment(transfer.decided_at)}"
    if transfer.transfer_by and transfer.received_at is None:
        yield label("crime", "transfer_by"), moment(transfer.transfer_by)
    if transfer.received_at is not None:
        yield label("crime", "organ"), transfer.organ or ""
        yield label("crime", "receipt"), f"{transfer.receipt} {moment(transfer.received_at)}"


def _papers(transfer: CrimeTransfer) -> tuple[tuple[str, str], ...]:
    """The transfer set, paper by paper."""
    words = {ENCLOSED: label("crime", "enclosed"), **absences()}
    return tuple(
        (str(paper["name"]), words.get(transfer.papers[paper["key"]], ""))
        for paper in papers()
        if paper["key"] in transfer.papers
    )


def _earlier(transfer: CrimeTransfer) -> str:
    """A transfer that has ended, in a line."""
    return label("crime", "earlier").format(
        begun=moment(transfer.found_at), ended=moment(transfer.ended_at), state=life("crime").state_name(transfer.state)
    )


def _acts(session: Session, it: crimecase.Subject, staff: Staff, failed: CrimeFailed | None) -> Iterator[CrimeAct]:
    """What this person may do now; the desk itself asks everything again."""
    told = life("crime")
    if it.crime is None and it.case.state in told.table["case"]["never"]:
        return
    for verb in told.allowed(it.state, staff.role):
        if _may(session, it, staff, verb):
            typed = failed.typed if failed and failed.act == verb else {}
            fields = tuple(_fields(session, it, verb, typed))
            yield CrimeAct(verb, told.moves[verb].name, label("crime_hint", verb, ""), fields)


def _may(session: Session, it: crimecase.Subject, staff: Staff, verb: str) -> bool:
    try:
        crimecase.may(session, it.case, staff, verb)
    except DeskError:
        return False
    team = suspecting.team_of(it.crime) if it.crime else frozenset[int]()
    return not (verb in BY_TEAM and staff.id not in team) and not (verb in BY_HEAD and staff.id in team)


def _fields(session: Session, it: crimecase.Subject, verb: str, typed: Mapping[str, str]) -> Iterator[CrimeField]:
    for name in FIELDS.get(verb, ()):
        if name == "papers":
            yield from _paper_fields(it.open, typed)
            continue
        words = label("crime_field", f"{verb}.{name}", label("crime_field", name))
        yield CrimeField(
            name=name,
            kind=KINDS[name],
            label=words,
            help=label("crime_help", f"{verb}.{name}", label("crime_help", name, "")),
            value=typed.get(name, _given(it, verb, name)),
            choices=_people(session, it.case) if KINDS[name] == "choice" else (),
            required=name not in OPTIONAL,
        )


def _given(it: crimecase.Subject, verb: str, name: str) -> str:
    """What the form holds before anybody typed."""
    if it.crime is None:
        return ""
    if name in {"first", "second"}:
        return str(it.crime.first_id if name == "first" else it.crime.second_id)
    if name == "organ" and verb in ADDRESSED:
        return it.crime.organ or suspecting.police_of(it.case.authority)
    return ""


def _people(session: Session, case: Case) -> tuple[tuple[str, str], ...]:
    """Who may be on the team."""
    staff = [one for role in sorted(suspecting.HANDLING) for one in people.staff_of(session, [case.authority], role)]
    free = [one for one in staff if suspecting.may_join(session, case, one)]
    return tuple((str(one.id), one.name) for one in sorted(free, key=lambda one: one.id))


def _paper_fields(transfer: CrimeTransfer, typed: Mapping[str, str]) -> Iterator[CrimeField]:
    for paper in papers():
        key = str(paper["key"])
        choices = ((ENCLOSED, label("crime", "enclosed")), *(() if paper.get("must") else absences().items()))
        value = typed.get(PAPER + key, str(transfer.papers.get(key, "")))
        yield CrimeField(PAPER + key, "choice", str(paper["name"]), value=value, choices=choices)


def words_of(verb: str, typed: Mapping[str, str]) -> dict[str, object]:
    """The fields of an act as the desk takes them; it refuses itself what is missing."""
    found: dict[str, object] = {}
    for name in FIELDS.get(verb, ()):
        if name == "papers":
            found[name] = {
                key.removeprefix(PAPER): value for key, value in typed.items() if key.startswith(PAPER) and value
            }
        elif KINDS[name] == "choice":
            text = typed.get(name, "")
            found[name] = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(10**9)) else 0
        else:
            found[name] = typed.get(name, "")
    return found

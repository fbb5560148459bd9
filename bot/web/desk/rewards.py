"""The rewards of a case as its page shows them: facts with their rules, the sum step by step, and what may be done now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.web.desk import ledger
from bot.web.desk.labels import label, section
from bot.web.desk.seat import Seat
from intake import rewards
from intake.models import Case, FiledReport, Payment, Reward, Staff
from intake.viewing import lens
from routing import states
from routing.authorities import by_code
from routing.desk import paying, people, rewardcase
from routing.desk.rewardcase import Subject
from routing.desk.rewarding import money
from routing.eligibility import rules as reward_rules
from routing.errors import DeskError
from routing.judging import Judged, judge, sum_of
from routing.rewards import Matter
from routing.rules import Rules

UPLIFTS = ("insider", "competitor")
GIVEN = ("case_value", "grade", "accused", "reporter", "people")
BY_LEADERS = frozenset({"approve_reward", "refuse_reward", "renew_reward", "recover_reward"})


@dataclass(frozen=True, slots=True)
class Question:
    """One rule as it is asked: answered yes where it holds, no where it does not, empty where nobody knows."""

    fact: str
    name: str
    citation: str
    verified: bool
    answer: str
    sure: bool


@dataclass(frozen=True, slots=True)
class PaymentShown:
    """One line of the ledger of payments."""

    words: str
    yuan: str
    reference: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class RewardShown:
    """The reward of one report, for one viewer."""

    report_id: int
    label: str
    state: str
    state_word: str
    lines: tuple[str, ...]
    acts: frozenset[str]
    questions: tuple[Question, ...]
    given: Mapping[str, str]
    kinds: frozenset[str]
    yuan: str
    who: tuple[str, ...]
    paper: str
    payments: tuple[PaymentShown, ...]
    shares: tuple[tuple[int, str], ...]
    failed: RewardFailed | None = None


@dataclass(frozen=True, slots=True)
class RewardFailed:
    """An act on a reward that was refused: whose, which, why, and what had been typed."""

    report_id: int
    act: str
    sentence: str
    typed: Mapping[str, str] = field(default_factory=dict)


def shown(
    session: Session,
    case: Case,
    here: Seat,
    labels: Mapping[int, str],
    rules: Rules,
    failed: RewardFailed | None = None,
) -> list[RewardShown]:
    """One for each report whose teller can still be written to, once a reward is possible; none for who looks on."""
    found = rewards.of_case(session, case.id)
    possible = case.side == "citizen" and states.may_reward(case.outcome, case.state)
    if not (possible or found) or not lens(session, case, viewer=here.staff).sees("report", "reward"):
        return []
    gone = people.erased(session, case)
    return [
        _shown(session, Subject(case, report, found.get(report.id)), here, labels[report.id], rules, failed)
        for report in (session.get_one(FiledReport, report_id) for report_id in labels)
        if report.id not in gone and (possible or report.id in found)
    ]


def _shown(
    session: Session, it: Subject, here: Seat, words: str, rules: Rules, failed: RewardFailed | None
) -> RewardShown:
    mine = failed if failed and failed.report_id == it.report.id else None
    known = rewardcase.known(session, it.case, it.report)
    sure = rewardcase.sure(session, it.case, it.report)
    reward = it.reward
    facts = {**known, **(reward.facts if reward else {}), **sure}
    given = _given(reward)
    kinds = frozenset(reward.matter.get("kinds", ())) if reward else frozenset()
    if mine and mine.act == "propose":
        facts, given = facts_of(mine.typed) | sure, {name: mine.typed.get(name, "") for name in GIVEN}
        kinds = frozenset(kind for kind in UPLIFTS if mine.typed.get(kind))
    payments = rewards.payments(session, reward.id) if reward else []
    return RewardShown(
        report_id=it.report.id,
        label=words,
        state=it.state,
        state_word=states.reward_state_name(it.state),
        lines=_lines(session, it, rules),
        acts=_acts(session, it, here.staff),
        questions=tuple(_questions(facts, sure)),
        given=given,
        kinds=kinds,
        yuan=money(reward.amount) if reward and reward.amount is not None else "",
        who=_who(session, reward),
        paper=reward.paper or "" if reward else "",
        payments=_payments(session, payments),
        shares=_shares(session, reward),
        failed=mine,
    )


def _acts(session: Session, it: Subject, staff: Staff) -> frozenset[str]:
    """What this person may do now; the desk itself asks everything again."""
    open_now = {
        verb for verb, move in states.reward_moves().items() if it.state in move.source and staff.role in move.roles
    }
    return frozenset(verb for verb in open_now if _may(session, it, staff, verb))


def _may(session: Session, it: Subject, staff: Staff, verb: str) -> bool:
    try:
        if verb == "pay_reward":
            paying.may_pay(session, it, staff)
        elif verb in BY_LEADERS and it.reward is not None:
            rewardcase.may_decide(session, it.case, staff, it.reward)
        else:
            people.may_handle(staff, it.case)
    except DeskError:
        return False
    return True


def _questions(facts: Mapping[str, bool | None], sure: Mapping[str, bool]) -> Iterable[Question]:
    for rule in reward_rules():
        fact = rule["fact"]
        if fact in facts:
            value = facts[fact]
            answer = "" if value is None else "yes" if value is rule["must"] else "no"
            yield Question(fact, rule["name"], rule["paper"], bool(rule["verified"]), answer, fact in sure)


def _given(reward: Reward | None) -> dict[str, str]:
    """What the form holds: what was proposed, or nothing."""
    if reward is None or not reward.matter:
        return {"case_value": "", "grade": "", "accused": "unit", "reporter": "person", "people": "1"}
    found = {name: str(reward.matter.get(name) or "") for name in ("case_value", "grade", "accused")}
    return {**found, "reporter": reward.reporter, "people": str(reward.people)}


def _lines(session: Session, it: Subject, rules: Rules) -> tuple[str, ...]:
    """Opinion, reasons and steps of what was proposed."""
    reward = it.reward
    if reward is None or reward.law_day is None:
        return ()
    try:
        judged = rewardcase.judged_again(session, it, reward, rules)
    except DeskError as silent:
        return (silent.sentence,)
    return told(judged)


def told(judged: Judged) -> tuple[str, ...]:
    """A judgement line by line: the opinion, what speaks against it or is open, and the steps of the sum."""
    opinion = judged.eligibility.opinion
    lines = [label("reward", opinion)]
    lines += [f"{one.sentence}（{one.rule}，{one.citation}）" for one in judged.eligibility.against]
    lines += [label("reward", "missing").format(name=one.name) for one in judged.eligibility.missing]
    if opinion != "not_eligible":
        lines += list(judged.amount.steps) if judged.amount else [judged.trouble]
    return tuple(lines)


def preview(
    session: Session, case: Case, report: FiledReport, typed: Mapping[str, str], rules: Rules
) -> tuple[str, ...]:
    """What a proposal would come to as it is typed now; nothing is written."""
    facts = facts_of(typed) | rewardcase.sure(session, case, report)
    try:
        matter, place = matter_of(typed), by_code(case.authority).place
        on = rewardcase.law_day(session, case)
        reporter = typed.get("reporter") or "person"
        return told(judge(facts, matter, law=rules.rewards, place=place, on=on, reporter=reporter))
    except DeskError as refused:
        return (refused.sentence,)


def facts_of(typed: Mapping[str, str]) -> dict[str, bool | None]:
    """The answers of the form as facts: yes means that the rule holds."""
    answers = {"yes": True, "no": False}
    found: dict[str, bool | None] = {}
    for rule in reward_rules():
        held = answers.get(typed.get(f"fact-{rule['fact']}", ""))
        found[rule["fact"]] = None if held is None else rule["must"] is held
    return found


def matter_of(typed: Mapping[str, str]) -> Matter:
    """What the amount depends on, as it was typed; raises BadSum."""
    grade, accused = typed.get("grade", ""), typed.get("accused", "")
    return Matter(
        sum_of(typed.get("case_value", "")),
        int(grade) if grade in {"1", "2", "3"} else None,
        accused if accused in {"unit", "individual"} else None,  # type: ignore[arg-type]
        frozenset(kind for kind in UPLIFTS if typed.get(kind)),
    )


def _who(session: Session, reward: Reward | None) -> tuple[str, ...]:
    """Who proposed and who decided."""
    if reward is None:
        return ()
    staff = {"proposer": reward.proposer_id, "approver": reward.approver_id}
    names = ledger.staff_names(session, [one for one in staff.values() if one])
    return tuple(label("reward", key).format(name=names.get(one, "")) for key, one in staff.items() if one)


def _payments(session: Session, lines: list[Payment]) -> tuple[PaymentShown, ...]:
    names = ledger.staff_names(session, [one.staff_id for one in lines])
    return tuple(
        PaymentShown(label("reward", one.kind), money(one.yuan), one.reference, one.at, names.get(one.staff_id, ""))
        for one in lines
    )


def _shares(session: Session, reward: Reward | None) -> tuple[tuple[int, str], ...]:
    """The shares that wait to be paid."""
    if reward is None or reward.state != "claimed":
        return ()
    return tuple((one.number, money(one.yuan)) for one in paying.shares_of(session, reward) if not one.paid)


def choices(name: str) -> tuple[tuple[str, str], ...]:
    """The choices of a field with their words."""
    return tuple((key, str(words)) for key, words in section(f"reward_{name}").items())


def form() -> Mapping[str, Any]:
    """What the template needs besides the rewards themselves."""
    return {name: choices(name) for name in ("answer", "grade", "accused", "reporter", "kind")}

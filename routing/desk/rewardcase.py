"""What every act on a reward stands on: its report and case, what the ledger knows of the facts, and one move made true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import audit, remarks, rewards
from intake.models import Case, Clock, Event, FiledReport, Reward, Staff
from intake.remarks import Words
from intake.viewing import may_see
from routing import states
from routing.desk import clocks, people
from routing.eligibility import rules as reward_rules
from routing.errors import AccusedMayNotHandle, NotDecidedYet, NotYourCase, SecondNeeded
from routing.judging import Judged, from_json, judge
from routing.lives import Move
from routing.rules import Rules, legal_day

CLAIM = "reward_claim"
"""The clock of one teller, who is told what he may claim: it goes where his report goes."""
FOUND: Mapping[str, bool] = {"established": True, "partly_established": True, "not_established": False}


@dataclass(frozen=True, slots=True)
class Subject:
    """One report, its case, and its reward if there is one yet."""

    case: Case
    report: FiledReport
    reward: Reward | None

    @property
    def state(self) -> str:
        """The state of the reward; `none` while there is no row."""
        return self.reward.state if self.reward else "none"


def subject(session: Session, case_id: int, report_id: int) -> Subject:
    """The report whose reward it is, its case held against other writers; ReportNotInCase, TellerErased."""
    case = people.case_for(session, case_id)
    report = people.report_of(session, case, report_id)
    return Subject(case, report, rewards.of_report(session, report.id))


def may_decide(session: Session, case: Case, leader: Staff, reward: Reward) -> None:
    """Refuse whoever proposed, whoever may not see the case, is complained of, or has an interest of his own.

    A leader of the authority above stands in where the authority has none of its own.
    """
    if leader.id == reward.proposer_id:
        raise SecondNeeded
    if leader.authority in people.excluded(case):
        raise AccusedMayNotHandle(authority=leader.authority)
    if not may_see(session, case, viewer=leader):
        raise NotYourCase


def law_day(session: Session, case: Case) -> date:
    """The day of the handling decision, whose law counts; NotDecidedYet while nothing that is rewarded came out."""
    query = select(Event.at).where(Event.case_id == case.id, Event.kind == "decided").order_by(Event.id.desc())
    decided = session.scalar(query.limit(1))
    if decided is None or case.side != "citizen" or not states.may_reward(case.outcome, case.state):
        raise NotDecidedYet
    return legal_day(decided)


def fact_names() -> tuple[str, ...]:
    """The facts that people answer; who may be rewarded at all follows from the scheme."""
    return tuple(rule["fact"] for rule in reward_rules() if rule["fact"] != "reporter_allowed")


def known(session: Session, case: Case, report: FiledReport) -> dict[str, bool | None]:
    """What the ledger knows of the facts: suggestions, of which `sure` ones cannot be overruled."""
    own = rewards.same_teller(session, report)
    first = rewards.first_reporter(session, case.id).id in own
    return {
        **dict.fromkeys(fact_names()),
        "wants_reward": report.wants_reward,
        # RW-15: whoever holds the query code can be known again, also without a name.
        "identifiable": True,
        "first_or_adds": True if first else None,
        **sure(session, case, report),
    }


def sure(session: Session, case: Case, report: FiledReport) -> dict[str, bool]:
    """Facts that stand in the ledger itself."""
    own = rewards.same_teller(session, report)
    before = rewards.of_case(session, case.id)
    found = {
        "withdrawn": report.id in people.withdrawn(session, case),
        "rewarded_before": any(
            one.state in rewards.GRANTED for report_id, one in before.items() if report_id in own - {report.id}
        ),
    }
    outcome = case.outcome or ""
    return found | ({"found_true": FOUND[outcome]} if outcome in FOUND else {})


def judged_again(session: Session, it: Subject, reward: Reward, rules: Rules) -> Judged:
    """The proposal under what the ledger knows by now, such as a reward of the same teller meanwhile."""
    facts = {**reward.facts, **sure(session, it.case, it.report)}
    on = reward.law_day or law_day(session, it.case)
    return judge(
        facts, from_json(reward.matter), law=rules.rewards, place=reward.place, on=on, reporter=reward.reporter
    )


def change(
    session: Session,
    it: Subject,
    reward: Reward,
    move: Move,
    *,
    actor: str,
    rules: Rules,
    now: datetime,
    words: str = "",
    stay: bool = False,
    data: Mapping[str, object] | None = None,
) -> Event:
    """One move of a reward: state, clocks, queue date and event together; `stay` where a part of it is still to come."""
    case = it.case
    if not stay:
        reward.state = str(move.target)
        reward.ended_at = now if reward.state in rewards.ENDED else None
    for kinds in move.starts.values():
        for kind in kinds:
            clock = clocks.start_own(session, case, kind, rules=rules, on=legal_day(now), now=now)
            session.flush()
            reward.clock_id = clock.id
    session.flush()
    if CLAIM in move.stops and (running := claim_clock(session, reward)):
        clocks.stop_own(running, now=now, state="met" if move.verb == "claim_reward" else "cancelled")
    if "reward_decide" in move.stops:
        decided(session, case, now)
    clocks.settle(session, case)
    said = Words.of(words) if words else None
    told = {"report_id": it.report.id, "reward": reward.id, **(data or {})}
    event = audit.append(session, case.id, move.verb, actor, told | ({"words": said.commitment} if said else {}), now)
    session.flush()
    if said:
        remarks.keep(session, event, said)
    return event


def claim_clock(session: Session, reward: Reward) -> Clock | None:
    """The claim clock of a reward, running or stopped."""
    return session.get(Clock, reward.clock_id) if reward.clock_id is not None else None


def decided(session: Session, case: Case, now: datetime) -> None:
    """Stop the clock of the decision once every teller who asked for a reward has his answer, or gave it up."""
    found = rewards.of_case(session, case.id)
    asked = people.want_reward(session, case)
    if any(one.id not in found or found[one.id].state == "proposed" for one in asked):
        return
    given_up = all(one.state == "waived" for one in found.values())
    state = "cancelled" if given_up else "met"
    clocks.stop(session, case, lambda kind: kind == "reward_decide", now=now, state=state)

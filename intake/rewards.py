"""Rewards as rows: the one of a report, what was paid, who told first, and how the teller wants to be paid, sealed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.models import Clock, FiledReport, Identity, Payment, Reward

ENDED = frozenset({"refused", "paid", "waived", "lapsed", "recovered"})
"""Nothing more is to be done: the teller of such a reward may be erased."""
GRANTED = frozenset({"approved", "notified", "claimed", "paid", "recovered"})
"""The teller was, or is to be, given something for the matter."""
AT_ONCE = 500


def of_report(session: Session, report_id: int) -> Reward | None:
    """The reward of a report, held against other writers; None while nobody proposed or gave up anything."""
    query = select(Reward).where(Reward.report_id == report_id)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def of_case(session: Session, case_id: int) -> Mapping[int, Reward]:
    """The rewards of a case by report."""
    query = select(Reward).join(FiledReport, FiledReport.id == Reward.report_id)
    return {one.report_id: one for one in session.scalars(query.where(FiledReport.case_id == case_id))}


def payments(session: Session, reward_id: int) -> list[Payment]:
    """The lines of the ledger for one reward, oldest first."""
    return list(session.scalars(select(Payment).where(Payment.reward_id == reward_id).order_by(Payment.id)))


def total(lines: list[Payment], kind: str) -> Decimal:
    """The sum of the lines of one kind, paid or recovered."""
    return sum((one.yuan for one in lines if one.kind == kind), Decimal(0))


def first_reporter(session: Session, case_id: int) -> FiledReport:
    """Whose report was received first: a late merge of an earlier report makes that one the first.

    Which case was opened first, and when cases were joined, does not count (医保办发〔2022〕22号); of two in one instant
    the one filed first counts.
    """
    query = select(FiledReport).where(FiledReport.case_id == case_id)
    return session.scalars(query.order_by(FiledReport.received_at, FiledReport.id).limit(1)).one()


def move_clocks(session: Session, report_ids: Iterable[int], case_id: int) -> None:
    """The claim clocks of these reports' rewards go where the reports go."""
    own = select(Reward.clock_id).where(Reward.report_id.in_(list(report_ids)), Reward.clock_id.is_not(None))
    for clock in session.scalars(select(Clock).where(Clock.id.in_(own))):
        clock.case_id = case_id
    session.flush()


def decided(session: Session, case_id: int) -> bool:
    """Whether somebody decided on a reward of the case."""
    query = select(Reward.id).join(FiledReport, FiledReport.id == Reward.report_id)
    return (
        session.scalar(query.where(FiledReport.case_id == case_id, Reward.decided_at.is_not(None)).limit(1)) is not None
    )


def same_teller(session: Session, report: FiledReport) -> frozenset[int]:
    """The reports of the case that came from this report's teller, itself among them."""
    own = session.get_one(Identity, report.identity_id)
    known = [Identity.account_hash == own.account_hash]
    if own.phone_hash is not None:
        known.append(Identity.phone_hash == own.phone_hash)
    query = select(FiledReport.id).join(Identity, Identity.id == FiledReport.identity_id)
    return frozenset(session.scalars(query.where(FiledReport.case_id == report.case_id, or_(*known))))


def keep_claim(reward: Reward, report: FiledReport, wanted: Mapping[str, str], vault: Vault) -> None:
    """Seal how the teller wants to be paid."""
    reward.sealed_claim = vault.seal(json.dumps(dict(wanted), ensure_ascii=False).encode(), _context(report))


def claim_of(reward: Reward, report: FiledReport, vault: Vault) -> Mapping[str, str]:
    """How the teller wants to be paid; for whoever pays, and for nobody else."""
    if not reward.sealed_claim:
        return {}
    wanted: Mapping[str, str] = json.loads(vault.unseal(reward.sealed_claim, _context(report)))
    return wanted


def payee_of(session: Session, report: FiledReport, vault: Vault) -> Mapping[str, str]:
    """Name and telephone of a report's teller as far as he gave them; for whoever pays a claim, and for nobody else."""
    sealed = session.get_one(Identity, report.identity_id).sealed
    known = json.loads(vault.unseal(sealed, f"identity {report.number}")) if sealed else {}
    return {name: known[name] for name in ("name", "phone") if known.get(name)}


def running(session: Session, report: FiledReport, *, wanted: bool) -> bool:
    """Whether a reward has begun and not ended; where none has, whether one is `wanted` and the teller asked for it."""
    state = session.scalar(select(Reward.state).where(Reward.report_id == report.id))
    return state not in ENDED if state else bool(wanted and report.wants_reward)


def every(session: Session) -> Iterator[tuple[Reward, FiledReport]]:
    """All rewards with their reports, a stretch at a time."""
    last = 0
    query = select(Reward, FiledReport).join(FiledReport, FiledReport.id == Reward.report_id)
    while rows := session.execute(query.where(Reward.id > last).order_by(Reward.id).limit(AT_ONCE)).all():
        yield from [(reward, report) for reward, report in rows]
        last = rows[-1][0].id
        session.expunge_all()


def _context(report: FiledReport) -> str:
    """What a claim is sealed for: this report, no other; its first word puts it under the key of identities."""
    return f"identity claimed {report.number}"

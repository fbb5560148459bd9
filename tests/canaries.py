"""A case every field of which holds a word of its own, and by hand: who may find which word where.

The table below is written from the rules of the house (docs/explanation/confidentiality.md), not from access.toml:
where the two differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from intake import audit, identity, letters, papers, receipts, remarks
from intake.confidentiality import Vault
from intake.models import (
    Case,
    Clock,
    Evidence,
    EvidenceUse,
    FiledReport,
    Identity,
    Notice,
    Rating,
    Staff,
    Unmasking,
)
from intake.papers import Draft
from intake.remarks import Words
from intake.report import Teller

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
STATES = ("received", "supplementing", "accepted", "declined", "decided", "replied", "closed")
SETTLED = ("declined", "decided", "replied", "closed")
SIDES = ("citizen", "enterprise")
WHERES = {"office": "YB-621021", "below": "YB-621000", "elsewhere": "YB-621002"}
"""Where a viewer sits: at the authority of the case, at the one above it, in another county."""
INSTITUTION = "朱雀堂医院"

WORDS: Mapping[str, str] = {
    "case.institution": INSTITUTION,
    "case.organ": "玄武县市监局",
    "case.summary": "摘要里的青鸟",
    "case.routing": "路由里的白鹭",
    "clock.derivation": "推算里的灰鹤",
    "event.words": "询问里的黄鹂",
    "event.result": "结论里的红隼",
    "report.text": "正文里的画眉",
    "report.claims": "词语里的鹧鸪",
    "report.place": "地址里的杜鹃",
    "report.facts": "细节里的鸬鹚",
    "report.amount": "7654321",
    "report.match": "wording:0.4321",
    "report.promise": "承诺里的云雀",
    "report.channel": "canary-channel",
    "report.rating": "评语里的布谷",
    "letter.text": "来信里的喜鹊",
    "file.list": "c" * 64,
    "paper.list": "文号里的苍鹭",
    "paper.content": "文书里的白鹳",
    "identity.name": "金丝雀",
    "identity.phone": "13893412345",
    "identity.account": "account-of-canary",
    "original.text": "原话里的百灵",
    "original.letters": "原信里的戴胜",
    "file.name": "文件名里的麻雀",
}
"""The words by field; a word is found in what a viewer was given, or it is not."""
SEALED = frozenset(name for name in WORDS if name.startswith(("identity.", "original.")))

HEAD = {"case.organ", "clock.derivation"}
DESK = set(WORDS) - SEALED - {"file.name"}
"""Everything that those who handle a case read of it."""


def expected(role: str, where: str, side: str, state: str) -> set[str]:
    """Which words this viewer may find of this case, without any grant; written down by hand.

    ============  ==================  ==============================================================
    who           of which case       what
    ============  ==================  ==============================================================
    officer       own authority       all but identity, original words and names of files
    leader        own and below       the same
    supervisor    own and below       the office complained of, how dates came about;
                                      with a result: also the veiled text and the result
    federation    complaints of       the same, and the veiled text from the beginning
                  enterprises there
    auditor       own and below       none of these words
    custodian     –                   none of these words
    administrator –                   none of these words
    ============  ==================  ==============================================================

    Nobody who handles cases reads how an enterprise rated the office that inspects it.
    """
    near = where in {"office", "below"}
    settled = {"event.result"} if state in SETTLED else set()
    if (role == "officer" and where == "office") or (role == "leader" and near):
        untold = set() if state in SETTLED else {"event.result"}
        return DESK - untold - ({"report.rating"} if side == "enterprise" else set())
    if role == "supervisor" and near:
        return HEAD | settled | ({"report.text"} if settled else set())
    if role == "federation" and near and side == "enterprise":
        return HEAD | settled | {"report.text"}
    return set()


def found_in(text: str, among: Iterable[str] = WORDS) -> set[str]:
    """Which words stand in what somebody was given."""
    plain = text.replace(",", "")  # sums of money are written in groups
    return {name for name in among if WORDS[name] in plain}


@dataclass(frozen=True)
class Planted:
    """What was planted, by the numbers of its rows."""

    case_id: int
    report_id: int
    number: str
    code: str
    grant_id: int


def plant(session: Session, vault: Vault, side: str, state: str, handler: Staff, keeper: Staff, n: int) -> Planted:
    """One case with one report, every field of which holds its word; a request on it waits for `keeper`'s authority."""
    number, code = f"621021-2026-{900000 + n}-0", receipts.new_query_code()
    case = Case(
        number=number, side=side, state=state, authority=handler.authority, handler_id=handler.id,
        institution=INSTITUTION, subject="朱雀堂医院", organ=WORDS["case.organ"], place="621021", codes=["F01"],
        summary=WORDS["case.summary"], routing={"reasons": [WORDS["case.routing"]], "excluded": []},
        outcome="established" if state in SETTLED else None, opened_at=NOW,
        closed_at=NOW if state == "closed" else None, next_due=date(2026, 1, 5),
    )  # fmt: skip
    session.add(case)
    session.flush()
    report = _report(session, vault, case, code)
    _around(session, vault, case, report, handler)
    grant = Unmasking(
        case_id=case.id, report_id=report.id, authority=handler.authority, asked_by=handler.id, asked_at=NOW,
        fields=["name", "phone", "account", "text", "letters"], purpose="contact", reason="核实", needs=1,
        state="approved", decided_by=keeper.id, decided_at=NOW, expires_at=NOW + timedelta(minutes=30), looks=0,
    )  # fmt: skip
    session.add(grant)
    session.flush()
    return Planted(case.id, report.id, number, code, grant.id)


def _report(session: Session, vault: Vault, case: Case, code: str) -> FiledReport:
    teller = Teller(
        WORDS["report.channel"],
        WORDS["identity.account"],
        "named",
        WORDS["identity.name"],
        WORDS["identity.phone"],
    )
    who = Identity(**identity.sealed_identity(teller, case.number, vault, NOW))
    session.add(who)
    session.flush()
    text = f"{INSTITUTION}三楼，{WORDS['report.text']}。"
    report = FiledReport(
        case_id=case.id, identity_id=who.id, number=case.number, query_hash=receipts.query_hash(vault, code),
        side=case.side, channel=teller.channel, conversation=f"talk {case.id}", received_at=NOW,
        sealed_text=vault.seal(WORDS["original.text"].encode(), f"text {case.number}"), redacted=text,
        claims=[{"code": "F01", "probability": 0.9, "words": [WORDS["report.claims"]]}], institution=INSTITUTION,
        organ=WORDS["case.organ"], place="621021", place_text=WORDS["report.place"],
        period_first=date(2026, 3, 4), period_last=date(2026, 3, 5), amount_yuan=Decimal("7654321.00"),
        facts={"how_known": WORDS["report.facts"]}, wants_reward=True,
        match={"decision": "suggested", "reasons": [WORDS["report.match"]]},
        due_on=date(2026, 12, 11), derivation=WORDS["report.promise"],
    )  # fmt: skip
    session.add(report)
    session.flush()
    return report


def _around(session: Session, vault: Vault, case: Case, report: FiledReport, handler: Staff) -> None:
    """Clock, history, letter, file, judgement and notices."""
    session.add(
        Clock(
            case_id=case.id, kind="clue_verify", state="running", starts_on=date(2025, 12, 1),
            due_on=date(2026, 1, 5), derivation={"steps": [WORDS["clock.derivation"]]},
        )
    )  # fmt: skip
    by = f"staff:{handler.id}"
    audit.append(session, case.id, "opened", "system", {}, NOW)
    _said(session, case, "asked", by, {"report_id": report.id}, WORDS["event.words"])
    result = f"{INSTITUTION}：{WORDS['event.result']}"
    if case.state == "declined":
        _said(session, case, "declined", by, {"reason": "no_clue"}, result)
    elif case.state in SETTLED:
        _said(session, case, "decided", by, {"outcome": "established"}, result)
    letters.append(
        session, report, text=WORDS["original.letters"], redacted=WORDS["letter.text"], kind="supplement",
        from_teller=True, vault=vault, now=NOW,
    )  # fmt: skip
    if session.get(Evidence, WORDS["file.list"]) is None:
        session.add(
            Evidence(sha256=WORDS["file.list"], sm3="d" * 64, media_type="image/png", size=9, stored_at=NOW)
        )  # fmt: skip
        session.flush()
    sealed = vault.seal(WORDS["file.name"].encode(), f"file name {report.number}")
    session.add(EvidenceUse(sha256=WORDS["file.list"], report_id=report.id, sealed_name=sealed, at=NOW))
    draft = Draft(
        case.authority, "accept_notice", 2026, 100_000 + case.id, WORDS["paper.list"], report.id, None, handler.id
    )
    papers.keep(session, case, draft, WORDS["paper.content"].encode(), actor=by, vault=vault, now=NOW)
    session.add(Rating(report_id=report.id, stars=4, comment=WORDS["report.rating"], at=NOW))
    session.add(
        Notice(
            key=f"case-{case.id}-teller", case_id=case.id, report_id=report.id, body="已受理", next_try_at=NOW,
            created_at=NOW,
        )
    )  # fmt: skip
    session.flush()


def _said(session: Session, case: Case, kind: str, by: str, data: Mapping[str, object], words: str) -> None:
    """An event with its words beside it."""
    said = Words.of(words)
    event = audit.append(session, case.id, kind, by, {**data, "words": said.commitment}, NOW)
    session.flush()
    remarks.keep(session, event, said)

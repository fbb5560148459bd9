"""Lifting the seal: a purpose, a second person, a time; and no way around any of the three."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intake import staffing, unmasking
from intake.confidentiality import Vault
from intake.errors import NotAllowed
from intake.evidence import EvidenceStore
from intake.models import Case, Event, FiledReport, Notice, Staff, Tombstone, Unmasking
from intake.report import Teller
from intake.unmasking import Revealed
from routing import errors
from routing.desk import unmasking as seal
from tests.routing.conftest import Office, moment, replace, report

AT = "2026-09-21"
NOW = moment(AT)
TELLER = Teller("web", "account-of-zhao", "named", "赵栓柱", "13893412345")
TEXT = "我是护士赵栓柱，庆城县桃源康复医院三楼的床是空的，医保照样天天扣钱。"
HIRED = (
    ("keeper", "custodian", "YB-621021", ""),
    ("keeper2", "custodian", "YB-621021", ""),
    ("keeper_city", "custodian", "YB-621000", ""),
    ("keeper_next", "custodian", "YB-621002", ""),
    ("keeper_friend", "custodian", "YB-621021", "桃源康复医院"),
    ("auditor", "auditor", "YB-621000", ""),
)


@pytest.fixture
def store(tmp_path: Path, vault: Vault) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", vault)


@pytest.fixture
def filed(office: Office) -> FiledReport:
    """A named report, accepted by the county's officer; the house has its custodians."""
    for username, role, authority, interests in HIRED:
        hire(office.session, username, role, authority, interests)
    told = replace(report(), teller=TELLER, text=TEXT, redacted="我是护士赵**，三楼的床是空的。")
    receipt = office.file(told)
    office.do("accept", office.case(receipt), "officer", AT)
    return office.report(receipt)


def hire(session: Session, username: str, role: str, authority: str, interests: str = "") -> None:
    session.add(
        Staff(username=username, password_hash="-", name=username, role=role, authority=authority, interests=interests)
    )
    session.flush()


def asked(
    office: Office,
    filed: FiledReport,
    by: str = "officer",
    fields: tuple[str, ...] = ("name", "phone"),
    later: int = 0,
) -> int:
    """A request for fields of a report."""
    at = NOW + timedelta(minutes=later)
    grant = seal.ask(
        office.session,
        filed.id,
        office.staff(by),
        fields=fields,
        purpose="contact",
        reason="需电话核实楼层",
        vault=office.vault,
        now=at,
    )
    return grant.id


def approved(office: Office, filed: FiledReport, **how: object) -> int:
    """A request that a custodian of the house agreed to."""
    grant = asked(office, filed, **how)  # type: ignore[arg-type]
    seal.approve(office.session, grant, office.staff("keeper"), now=NOW)
    return grant


def look(office: Office, grant: int, store: EvidenceStore, by: str = "officer", later: int = 0) -> Revealed:
    """One look, so many minutes after the approval."""
    at = NOW + timedelta(minutes=later)
    return seal.look(office.session, grant, office.staff(by), vault=office.vault, store=store, now=at)[1]


def kinds(office: Office, filed: FiledReport) -> list[str]:
    """What the history says of unmasking."""
    query = select(Event.kind).where(Event.case_id == filed.case_id, Event.kind.startswith("unmasking"))
    return list(office.session.scalars(query.order_by(Event.id)))


def told(office: Office, username: str) -> str:
    """Everything that somebody was told."""
    query = select(Notice.body).where(Notice.staff_id == office.staff(username).id)
    return "\n".join(office.session.scalars(query))


def test_asked_agreed_and_looked_at_with_a_trace_of_each(
    office: Office, filed: FiledReport, store: EvidenceStore
) -> None:
    """The asker sees the granted fields and no other; every step and every look is an event; the right people hear."""
    grant = asked(office, filed)
    with pytest.raises(errors.GrantEnded):
        look(office, grant, store)
    seal.approve(office.session, grant, office.staff("keeper"), now=NOW)
    shown = look(office, grant, store)
    assert dict(shown.values) == {"name": "赵栓柱", "phone": "13893412345"}
    assert (shown.letters, shown.files) == ((), ())
    look(office, grant, store, later=1)
    assert kinds(office, filed) == ["unmasking_asked", "unmasking_approved", "unmasking_looked", "unmasking_looked"]
    seen = office.session.scalars(select(Event).where(Event.kind == "unmasking_looked")).all()[-1]
    assert seen.actor == f"staff:{office.staff('officer').id}"
    assert (seen.data["fields"], seen.data["unmasking"]) == (["name", "phone"], grant)
    assert "解密申请" in told(office, "keeper")
    assert "解密获准" in told(office, "officer")
    assert "解密获准" in told(office, "auditor")
    everything = "".join(office.session.scalars(select(Notice.body)))
    assert "赵栓柱" not in everything
    assert "13893412345" not in everything
    row = next(one for one in unmasking.requests(office.session, viewer=office.staff("auditor")) if one.id == grant)
    assert (row.asker, row.first, row.purpose, row.looks) == ("officer", "keeper", "contact", 2)


def test_original_words_are_granted_apart_from_the_name(
    office: Office, filed: FiledReport, store: EvidenceStore
) -> None:
    """Whoever was granted the text is not shown the phone."""
    shown = look(office, approved(office, filed, fields=("text",)), store)
    assert dict(shown.values) == {"text": TEXT}


def test_a_grant_ends_by_itself(office: Office, filed: FiledReport, store: EvidenceStore) -> None:
    """Held until the thirtieth minute, and not in it: what was on the screen a moment before does not come again."""
    grant = approved(office, filed)
    assert look(office, grant, store, later=29).values
    with pytest.raises(errors.GrantEnded):
        look(office, grant, store, later=30)
    assert asked(office, filed, later=30) != grant  # and may be asked for anew


@pytest.mark.parametrize("by", ["keeper", "keeper2", "keeper_city", "officer"])
def test_a_grant_can_be_taken_back(office: Office, filed: FiledReport, store: EvidenceStore, by: str) -> None:
    """By any custodian who could have given it, and by the asker."""
    grant = approved(office, filed)
    seal.revoke(office.session, grant, office.staff(by), reason="已经核实", vault=office.vault, now=NOW)
    with pytest.raises(errors.GrantEnded):
        look(office, grant, store)
    with pytest.raises(errors.DecidedAlready):
        seal.approve(office.session, grant, office.staff("keeper2"), now=NOW)


@pytest.mark.parametrize("by", ["leader", "colleague", "keeper", "city", "supervisor", "auditor", "mayor"])
def test_a_grant_is_the_askers_alone(office: Office, filed: FiledReport, store: EvidenceStore, by: str) -> None:
    """Neither his leader nor the custodian who gave it looks through it."""
    grant = approved(office, filed)
    with pytest.raises(errors.GrantEnded):
        look(office, grant, store, by=by)
    assert office.session.get_one(Unmasking, grant).looks == 0


@pytest.mark.parametrize(
    ("by", "error"),
    [
        ("leader", errors.NotTheCustodian),
        ("officer", errors.NotTheCustodian),
        ("auditor", errors.NotTheCustodian),
        ("keeper_next", errors.NotTheCustodian),  # another county's
        ("keeper_friend", errors.Conflicted),
    ],
)
@pytest.mark.parametrize("verb", ["approve", "refuse", "revoke"])
def test_who_may_not_decide(office: Office, filed: FiledReport, by: str, error: type[Exception], verb: str) -> None:
    """No other role, no other authority, nobody with an interest in the institution."""
    grant = asked(office, filed)
    more: dict[str, object] = {} if verb == "approve" else {"reason": "不同意"}
    if verb == "revoke":
        more["vault"] = office.vault
    if (by, verb) == ("officer", "revoke"):
        error = errors.DecidedAlready
        seal.refuse(office.session, grant, office.staff("keeper"), reason="用不着", now=NOW)
    with pytest.raises(error):
        getattr(seal, verb)(office.session, grant, office.staff(by), now=NOW, **more)


def test_nobody_decides_on_his_own_request(office: Office, filed: FiledReport) -> None:
    """Not even an officer who was made custodian meanwhile, and not past the desk either."""
    grant = asked(office, filed)
    asker = office.staff("officer")
    asker.role = "custodian"
    office.session.flush()
    with pytest.raises(errors.NotTheCustodian):
        seal.approve(office.session, grant, asker, now=NOW)
    office.session.get_one(Unmasking, grant).decided_by = asker.id
    with pytest.raises(IntegrityError):
        office.session.flush()


@pytest.mark.parametrize(
    ("by", "error"),
    [
        ("colleague", errors.Conflicted),
        ("neighbour", errors.NotYours),
        ("mayor", errors.NotYours),
        ("supervisor", errors.NotTheHandler),
        ("keeper", errors.NotTheHandler),
    ],
)
def test_who_may_not_ask(office: Office, filed: FiledReport, by: str, error: type[Exception]) -> None:
    """Only the handler and the leader of the same authority."""
    with pytest.raises(error):
        asked(office, filed, by=by)


def test_an_officer_who_does_not_handle_the_case_may_not_ask(office: Office, filed: FiledReport) -> None:
    """He reads the redacted text, and that is enough."""
    hire(office.session, "second", "officer", "YB-621021")
    with pytest.raises(errors.NotTheHandler):
        asked(office, filed, by="second")


def test_an_anonymous_teller_has_no_name_to_show(office: Office, filed: FiledReport, store: EvidenceStore) -> None:
    """Neither name nor account; the words in which he told can be granted."""
    told = replace(report(account="nobody", institution="庆城县蓬莱诊所"), teller=Teller("web", "nobody", "anonymous"))
    case = office.case(receipt := office.file(told))
    office.do("accept", case, "officer", AT)
    for field in ("name", "phone", "account"):
        with pytest.raises(errors.AnonymousTeller, match="匿名"):
            asked(office, office.report(receipt), fields=(field, "text"))
    assert look(office, approved(office, office.report(receipt), fields=("text",)), store).values["text"] == told.text


def test_a_request_needs_a_listed_purpose_words_and_a_field(office: Office, filed: FiledReport) -> None:
    """Each lack has its own sentence; the words are kept masked."""
    officer = office.staff("officer")
    ask = {"fields": ["name"], "purpose": "contact", "reason": "核实", "vault": office.vault, "now": NOW}
    for change, error in (
        ({"purpose": "curiosity"}, errors.UnknownPurpose),
        ({"reason": "  "}, errors.ReasonNeeded),
        ({"fields": []}, errors.NothingToUnmask),
        ({"fields": ["query_code"]}, errors.NothingToUnmask),
    ):
        with pytest.raises(error):
            seal.ask(office.session, filed.id, officer, **{**ask, **change})  # type: ignore[arg-type]
    grant = seal.ask(office.session, filed.id, officer, **{**ask, "reason": "给赵栓柱（13893412345）打电话"})  # type: ignore[arg-type]
    assert "3412" not in grant.reason
    assert "栓柱" not in grant.reason
    with pytest.raises(errors.AskedAlready):
        seal.ask(office.session, filed.id, officer, **ask)  # type: ignore[arg-type]


def test_a_leaders_request_needs_two_custodians(office: Office, filed: FiledReport, store: EvidenceStore) -> None:
    """The same one twice is one; one refusal ends it."""
    grant = asked(office, filed, by="leader")
    seal.approve(office.session, grant, office.staff("keeper"), now=NOW)
    with pytest.raises(errors.GrantEnded):
        look(office, grant, store, by="leader")
    with pytest.raises(errors.AgreedAlready):
        seal.approve(office.session, grant, office.staff("keeper"), now=NOW)
    seal.approve(office.session, grant, office.staff("keeper_city"), now=NOW)
    assert look(office, grant, store, by="leader").values["name"] == "赵栓柱"
    office.session.get_one(Unmasking, grant).seconded_by = office.staff("keeper").id
    with pytest.raises(IntegrityError):
        office.session.flush()


def test_without_a_custodian_nothing_can_be_asked(office: Office) -> None:
    """The house is told to appoint one, rather than the request waiting for ever."""
    case = office.case(receipt := office.file(report()))
    office.do("accept", case, "officer", AT)
    with pytest.raises(errors.NoCustodian, match="密管员"):
        asked(office, office.report(receipt))
    hire(office.session, "only", "custodian", "YB-620000")
    assert asked(office, office.report(receipt))
    with pytest.raises(errors.NoCustodian):
        asked(office, office.report(receipt), by="leader")


@pytest.mark.parametrize("who", ["officer", "keeper"])
def test_whoever_has_left_neither_looks_nor_decides(
    office: Office, filed: FiledReport, store: EvidenceStore, who: str
) -> None:
    """A page that is still open does not help: the person is read anew."""
    grant = asked(office, filed)
    stale = office.staff(who)
    if who == "officer":
        seal.approve(office.session, grant, office.staff("keeper"), now=NOW)
        staffing.dismiss(office.session, who)
        with pytest.raises(errors.GrantEnded):
            seal.look(office.session, grant, stale, vault=office.vault, store=store, now=NOW)
    else:
        staffing.dismiss(office.session, who)
        with pytest.raises(errors.NotTheCustodian):
            seal.approve(office.session, grant, stale, now=NOW)


def test_what_changed_between_click_and_read_counts(office: Office, filed: FiledReport, store: EvidenceStore) -> None:
    """The case has passed on, or the asker has declared an interest: the grant opens nothing any more."""
    grant = approved(office, filed)
    asker = office.staff("officer")
    asker.interests = "庆城县桃源康复医院"
    office.session.flush()
    with pytest.raises(errors.GrantEnded):
        look(office, grant, store)
    asker.interests = ""
    office.session.flush()
    assert look(office, grant, store).values
    case = office.session.get_one(Case, filed.case_id)
    office.do("offer", case, "officer", AT, authority="YB-621002", reason="不归我县")
    office.do("take", case, "neighbour", AT)
    with pytest.raises(errors.GrantEnded):
        look(office, grant, store)


def test_who_no_longer_handles_the_case_is_not_given_a_grant(office: Office, filed: FiledReport) -> None:
    """Asked in time, decided too late."""
    grant = asked(office, filed)
    office.session.get_one(Case, filed.case_id).handler_id = office.staff("leader").id
    office.session.flush()
    with pytest.raises(errors.AskerGone):
        seal.approve(office.session, grant, office.staff("keeper"), now=NOW)


def test_a_row_by_itself_opens_nothing(office: Office, filed: FiledReport) -> None:
    """An approval without its second person or its end cannot even be stored."""
    for lack in ({"decided_by": None}, {"expires_at": None}):
        whole = {
            "case_id": filed.case_id, "report_id": filed.id, "authority": "YB-621021", "needs": 1, "looks": 0,
            "asked_by": office.staff("officer").id, "asked_at": NOW, "fields": ["name"], "purpose": "contact",
            "reason": "x", "state": "approved", "decided_by": office.staff("keeper").id, "expires_at": NOW,
        }  # fmt: skip
        with pytest.raises(IntegrityError), office.session.begin_nested():
            office.session.execute(insert(Unmasking).values(whole | lack))


def test_the_teller_does_not_take_an_unmasking_for_his_own_step(office: Office, filed: FiledReport) -> None:
    """His page shows what happened to his matter, not the inner workings of the house."""
    from intake import queries

    approved(office, filed)
    page = queries.teller_page(office.session, filed.id, viewer=filed, vault=office.vault)
    assert [step.kind for step in page.steps] == ["filed", "accepted"]


def test_a_look_without_its_grant_is_refused_by_the_ledger_itself(
    office: Office, filed: FiledReport, store: EvidenceStore
) -> None:
    """The desk is not the only guard."""
    grant = asked(office, filed)
    with pytest.raises(NotAllowed):
        unmasking.reveal(
            office.session, grant, viewer=office.staff("officer"), vault=office.vault, store=store, now=NOW
        )


def test_an_erased_teller_cannot_be_unmasked(office: Office, filed: FiledReport, store: EvidenceStore) -> None:
    """A grant that still holds opens nothing, and no new one can be asked for."""
    grant = approved(office, filed)
    office.session.add(Tombstone(report_id=filed.id, at=NOW, ground="consent", files=False))
    office.session.flush()
    with pytest.raises(errors.GrantEnded):
        look(office, grant, store)
    with pytest.raises(errors.TellerErased):
        asked(office, filed, by="leader")

"""What the holder of a query code may do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select

from bot import enquiry, sealing
from bot.app import App
from intake.models import Attempt, FiledReport, Rating
from intake.receipts import new_query_code
from routing import desk
from tests.bot.web.conftest import WORDS, filed, officer
from tests.bot.web.site import Site

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _forgiven(here: Site) -> None:
    """Every test begins without wrong tries."""
    with here.app.database.transaction() as session:
        session.execute(delete(Attempt))


def look(here: Site, code: str) -> httpx.Response:
    """The status behind a code."""
    return here.post("/receipts/status", json={"query_code": code})


def case_of(here: Site, number: str) -> tuple[int, int]:
    """The case and the report behind a number."""
    with here.app.database.reading() as session:
        report = session.scalars(select(FiledReport).where(FiledReport.number == number)).one()
    return report.case_id, report.id


def law(app: App, days_ago: int = 0) -> dict[str, Any]:
    """What every act of the desk needs."""
    return {"rules": app.rules, "vault": app.vault, "now": datetime.now(UTC) - timedelta(days=days_ago)}


def test_the_code_shows_where_the_report_stands(here: Site):
    """Number, state in words, authority, date with derivation, and the way to come."""
    held = filed(here.app, "r1")
    status = look(here, held.query_code).json()
    assert status["case_number"] == held.case_number
    assert status["state_name"] == "已收到"
    assert status["authority"] == held.authority
    assert status["due_on"] == held.due_on.isoformat()
    assert status["derivation"] == held.derivation
    assert [step["state"] for step in status["steps"]] == ["current", "ahead", "ahead", "ahead", "ahead"]
    assert status["messages"] == []
    assert not status["may_rate"]


@pytest.mark.parametrize("shape", ["{0} {1} {2} {3}", " {0}-{1}-{2}-{3} ", "{0}　{1}　{2}　{3}"])
def test_a_code_may_be_typed_with_gaps(here: Site, shape: str):
    """Spaces, hyphens and full-width spaces do no harm."""
    code = filed(here.app, f"gap {shape}").query_code
    typed = shape.format(*(code[start : start + 4] for start in range(0, 16, 4)))
    assert look(here, typed).status_code == 200


def test_a_slip_of_the_pen_is_told_apart_and_not_counted(here: Site):
    """One wrong digit breaks the check digit: 422, as often as it happens."""
    code = filed(here.app, "slip").query_code
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    for _ in range(8):
        answer = look(here, wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "code_mistyped")
    assert look(here, code).status_code == 200


def test_guessing_is_slowed_down(here: Site):
    """After five wrong codes every further try waits, a right one too, and says how long."""
    code = filed(here.app, "guess").query_code
    for _ in range(5):
        answer = look(here, new_query_code())
        assert (answer.status_code, answer.json()["code"]) == (404, "code_wrong")
    for tried in (new_query_code(), code):
        answer = look(here, tried)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
        assert 1 <= int(answer.headers["retry-after"]) <= 30
        assert "秒" in answer.json()["message"]


def test_a_right_code_does_not_forgive_wrong_ones(here: Site):
    """Whoever holds one code cannot use it to guess others for ever."""
    code = filed(here.app, "own").query_code
    for _ in range(4):
        look(here, new_query_code())
        assert look(here, code).status_code == 200
    look(here, new_query_code())
    assert look(here, new_query_code()).status_code == 429
    assert look(here, code).status_code == 200


def test_one_guesser_does_not_slow_down_others(shared_app: App, here: Site):
    """Tries are counted by origin."""
    code = filed(shared_app, "others").query_code
    for _ in range(5):
        with pytest.raises(enquiry.WrongCode):
            enquiry.look_up(shared_app, new_query_code(), origin="guesser", now=NOW)
    with pytest.raises(enquiry.TooManyTries):
        enquiry.look_up(shared_app, code, origin="guesser", now=NOW)
    assert enquiry.look_up(shared_app, code, origin="neighbour", now=NOW).number


def test_words_and_files_can_be_added(here: Site):
    """A supplement arrives as a letter; a file comes with it."""
    code = filed(here.app, "adds").query_code
    answer = here.post("/receipts/messages", json={"query_code": code, "text": "还有二楼。"})
    assert (answer.status_code, answer.json()) == (200, {"message": "补充的内容已经交给承办单位。"})
    form = {"query_code": code, "text": ""}
    sent = here.post("/receipts/messages", data=form, files={"files": ("记录.txt", "二楼也是空的".encode())})
    assert sent.status_code == 200, sent.text
    status = look(here, code).json()
    assert [(one["from_person"], one["text"]) for one in status["messages"]] == [(True, "还有二楼。")]


def test_nothing_cannot_be_added(here: Site):
    """Neither words nor files: 422 with the field."""
    code = filed(here.app, "empty").query_code
    answer = here.post("/receipts/messages", json={"query_code": code, "text": "  "})
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "text")


def test_a_strangers_files_are_not_kept(here: Site):
    """With a wrong code no file reaches the store."""
    before = sum(1 for _ in here.app.evidence.folder.rglob("*"))
    form = {"query_code": new_query_code(), "text": ""}
    answer = here.post("/receipts/messages", data=form, files={"files": ("a.txt", "只此一份".encode())})
    assert answer.status_code == 404
    assert sum(1 for _ in here.app.evidence.folder.rglob("*")) == before


def test_question_answer_reply_and_rating_go_their_way(here: Site):
    """The officer asks, the teller answers, the officer replies, the teller rates, once."""
    app = here.app
    held, clerk = filed(app, "way", institution="平安医院"), officer(app, "way")
    case_id, report_id = case_of(here, held.case_number)
    with app.database.transaction() as session:
        desk.accept(session, case_id, clerk, **law(app))
    with app.database.transaction() as session:
        desk.ask(session, case_id, clerk, report_id=report_id, question="几楼？", **law(app))
    asked = look(here, held.query_code).json()
    assert asked["state"] == "supplementing"
    assert asked["messages"][-1]["text"] == "几楼？"
    assert [step["title"] for step in asked["steps"] if step["state"] == "ahead"] == ["作出处理", "答复您", "办结"]
    here.post("/receipts/messages", json={"query_code": held.query_code, "text": "三楼。"})
    assert look(here, held.query_code).json()["state"] == "accepted"
    early = here.post("/receipts/rating", json={"query_code": held.query_code, "stars": 5})
    assert (early.status_code, early.json()["code"]) == (409, "rating_too_early")
    with app.database.transaction() as session:
        desk.decide(session, case_id, clerk, outcome="established", finding="属实", **law(app))
    with app.database.transaction() as session:
        desk.reply(session, case_id, clerk, text="查证属实，已经处理。", **law(app))
    replied = look(here, held.query_code).json()
    assert (replied["state"], replied["outcome"], replied["due_on"]) == ("replied", "查证属实", None)
    assert replied["messages"][-1]["text"] == "查证属实，已经处理。"
    assert replied["may_rate"]
    rated = {"query_code": held.query_code, "stars": 4, "comment": "挺快"}
    assert here.post("/receipts/rating", json=rated).status_code == 200
    again = here.post("/receipts/rating", json=rated)
    assert (again.status_code, again.json()["code"]) == (409, "rated_already")
    assert look(here, held.query_code).json()["rating"] == 4
    with app.database.reading() as session:
        assert session.get_one(Rating, report_id).comment == "挺快"


@pytest.mark.parametrize("stars", [0, 6, 2.5, "五"])
def test_stars_are_one_to_five(here: Site, stars: object):
    """Anything else is told by field."""
    answer = here.post("/receipts/rating", json={"query_code": "1", "stars": stars})
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "stars")


def test_nobody_learns_of_another_teller(here: Site):
    """Two people told the same: asked, answered and urged for one, the other's status does not change."""
    app = here.app
    first = filed(app, "first", institution="同心医院", days_ago=5)
    clerk = officer(app, "nobody")
    case_id, report_id = case_of(here, first.case_number)
    with app.database.transaction() as session:
        desk.accept(session, case_id, clerk, **law(app, days_ago=4))
    second = filed(app, "second", institution="同心医院", days_ago=0)
    assert case_of(here, second.case_number)[0] == case_id
    before = look(here, second.query_code).json()
    assert before["state"] == "received"
    with app.database.transaction() as session:
        desk.ask(session, case_id, clerk, report_id=report_id, question="您说的是几楼？", **law(app))
    assert look(here, second.query_code).json() == before
    assert WORDS not in json.dumps(before, ensure_ascii=False)


def test_the_chat_says_the_same_in_words(shared_app: App):
    """One message with state, authority and date."""
    held = filed(shared_app, "words")
    status = enquiry.look_up(shared_app, held.query_code, origin="chat", now=NOW)
    words = enquiry.in_words(status)
    assert held.case_number in words
    assert held.authority in words
    assert f"{held.due_on.year}年{held.due_on.month}月{held.due_on.day}日" in words


def test_the_date_shown_does_not_tell_that_others_told_before(shared_app: App, here: Site):
    """The matter was accepted for somebody else: whoever tells it now is shown the date of his own receipt."""
    first = filed(shared_app, "early", institution="清风医院")
    case_id, _ = case_of(here, first.case_number)
    someone = officer(shared_app, "accepts-early")
    with shared_app.database.transaction() as session:
        desk.accept(session, case_id, someone, **law(shared_app, 2))
        someone.role = "leader"
        desk.extend(session, case_id, someone, reason="复杂", **law(shared_app, 1))
    late = filed(shared_app, "late", institution="清风医院", days_ago=0)
    assert case_of(here, late.case_number)[0] == case_id
    status = look(here, late.query_code).json()
    assert (status["due_on"], status["derivation"]) == (late.due_on.isoformat(), late.derivation)


def test_the_code_opens_conversation_evidence_and_reward(here: Site):
    """What was given stands there under its own name, what was said, and how the claim to a reward stands."""
    code = filed(here.app, "opens").query_code
    assert (look(here, code).json()["evidence"], look(here, code).json()["reward"]["state"]) == ([], "not_said")
    form = {"query_code": code, "text": "还有一张清单。"}
    sent = here.post("/receipts/messages", data=form, files={"files": ("王秀兰的清单.txt", "三楼".encode())})
    assert sent.status_code == 200, sent.text
    status = look(here, code).json()
    assert [(one["name"], one["media_type"], one["size"]) for one in status["evidence"]] == [
        ("王秀兰的清单.txt", "text/plain", 6)
    ]
    assert [one["text"] for one in status["messages"]] == ["还有一张清单。"]


@pytest.mark.parametrize(("wanted", "state"), [(True, "undecided"), (False, "not_wanted"), (None, "not_said")])
def test_a_claim_to_a_reward_is_shown_as_it_stands_and_promises_nothing(here: Site, wanted: bool | None, state: str):
    """Wanted is not yet decided; an enterprise is not rewarded and reads nothing of it."""
    held = filed(here.app, f"reward {state}")
    _, number = case_of(here, held.case_number)
    with here.app.database.transaction() as session:
        report = session.get_one(FiledReport, number)
        report.wants_reward = wanted
    reward = look(here, held.query_code).json()["reward"]
    assert reward["state"] == state
    assert reward["text"]
    with here.app.database.transaction() as session:
        session.get_one(FiledReport, number).side = "enterprise"
    assert look(here, held.query_code).json()["reward"] is None


def test_the_proof_of_a_report_comes_with_its_place_once_it_is_sealed(here: Site) -> None:
    """At once the commitment and the receipt's signature; after a turn of the sealer the position and the rank."""
    held = filed(here.app, "proved")
    asked = {"query_code": held.query_code}
    early = here.post("/receipts/proof", json=asked).json()
    assert early["position"] is early["rank"] is None
    sealing.seal(here.app, NOW, whole=True)
    proof = here.post("/receipts/proof", json=asked).json()
    assert proof["commitment"] == early["commitment"] == proof["file"]["items"][0]["digest"]
    assert 1 <= proof["rank"] <= proof["position"]
    number, position, rank = sealing.check_receipt(here.app, json.dumps(proof["file"]), NOW)
    assert (number, position, rank) == (held.case_number, proof["position"], proof["rank"])
    assert sealing.check_receipt(here.app, held.proof, NOW) == (number, position, rank)
    assert "proved" not in json.dumps(proof)


def test_the_proof_is_for_the_holder_of_the_code(here: Site) -> None:
    """A wrong code gets what it gets everywhere."""
    assert here.post("/receipts/proof", json={"query_code": new_query_code()}).status_code == 404

"""What other programs use: understanding, machine intake, health, metrics, the published schema."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.web.openapi import schema
from intake import handing, tokens
from intake.models import FiledReport
from tests.bot.web.conftest import filed
from tests.bot.web.site import Person, Site

DOCS = Path(__file__).parents[3] / "docs" / "reference"
TOLD = {"text": "群众来电：庆阳市庆城县惠民诊所开空药，套刷医保卡，大约5000元。", "external_number": "12393-2026-1"}


@pytest.fixture(scope="module")
def hotline(here: Site) -> str:
    """The token of a hotline platform."""
    with here.app.database.transaction() as session:
        return tokens.issue(session, "12393", vault=here.app.vault, now=datetime.now(UTC))


def hand_over(here: Site, token: str, key: str | None, body: dict[str, Any]):
    headers = ({"Authorization": f"Bearer {token}"} if token else {}) | ({"Idempotency-Key": key} if key else {})
    return here.post("/reports", headers=headers, json=body)


def test_understanding_has_the_documented_keys(here: Site):
    """Side, intents, categories with the words that spoke for them, entities with spans into the text."""
    text = "庆城县仁和医院挂床住院，三楼病床都是空的"
    heard = here.post("/understand", json={"text": text, "home": "621000"}).json()
    assert set(heard) >= {"side", "intents", "categories", "entities", "abstained", "engine"}
    for entity in heard["entities"]:
        assert text[entity["start"] : entity["end"]] == entity["text"]
    assert any(entity["kind"] == "place" and entity["value"]["code"] == "621021" for entity in heard["entities"])
    for category in heard["categories"]:
        assert all(0 <= start < end <= len(text) for start, end in category["words"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "您好", "now": "昨天"}, "now"),
        ({"text": "您好", "now": "2026-03-01T09:00:00"}, "now"),
        ({"text": "您好", "home": "甘肃"}, "home"),
    ],
)
def test_a_malformed_question_to_the_ear_is_told_which_field(here: Site, body: dict[str, Any], field: str):
    """422 with the field."""
    answer = here.post("/understand", json=body)
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, field)


def test_a_hotlines_report_gets_a_receipt_once(here: Site, hotline: str):
    """The same Idempotency-Key gives the same receipt and files nothing again."""
    first, second = (hand_over(here, hotline, "k1", TOLD) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len(first.json()["query_code"]) == 16
    with here.app.database.reading() as session:
        number = first.json()["case_number"]
        rows = session.scalars(select(FiledReport).where(FiledReport.number == number)).all()
    assert len(rows) == 1
    assert (rows[0].place, rows[0].channel, rows[0].facts["external_number"]) == ("621021", "api", "12393-2026-1")


def test_a_hotline_asks_how_its_own_work_order_stands(here: Site, hotline: str):
    """State, its own limit and light; nothing of the case, and nothing for anybody else."""
    number = "12393-2026-ticket-1"
    filed = hand_over(here, hotline, "kt1", {"text": TOLD["text"], "source_number": number})
    headers = {"Authorization": f"Bearer {hotline}"}
    found = here.post("/tickets/status", headers=headers, json={"source_number": number})
    assert found.status_code == 200
    told = found.json()
    assert (told["case_number"], told["state"], told["light"]) == (filed.json()["case_number"], "open", "green")
    assert told["due_on"] < filed.json()["due_on"], "thirteen working days, not fifteen"
    with here.app.database.transaction() as session:
        other = tokens.issue(session, "another", vault=here.app.vault, now=datetime.now(UTC))
    for token, status in ((other, 404), ("jt_wrong", 401)):
        asked = {"Authorization": f"Bearer {token}"}
        assert here.post("/tickets/status", headers=asked, json={"source_number": number}).status_code == status
    unknown = here.post("/tickets/status", headers=headers, json={"source_number": "none"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "ticket_unknown")


def test_what_the_hotline_states_comes_before_what_is_heard(here: Site, hotline: str):
    """Place, institution, codes, time and amount as given."""
    stated = {
        "institution": "安康诊所",
        "place": "甘肃省庆阳市西峰区",
        "claims": ["F03"],
        "period": {"first": "2026-01-01", "last": "2026-02-01"},
        "amount_yuan": "300.50",
        "reporter": {"mode": "named", "name": "王某", "phone": "13800001234"},
    }
    answer = hand_over(here, hotline, "k2", {**TOLD, **stated})
    assert answer.status_code == 201, answer.text
    with here.app.database.reading() as session:
        row = session.scalars(select(FiledReport).where(FiledReport.number == answer.json()["case_number"])).one()
    assert (row.institution, row.place, row.claims[0]["code"], str(row.amount_yuan)) == (
        "安康诊所",
        "621002",
        "F03",
        "300.50",
    )


def test_a_number_of_the_source_is_filed_once_whichever_way_it_comes(here: Site, hotline: str):
    """Another key, or a table before: 409 names the number it got then, and nothing is filed again."""
    told = {**TOLD, "source_number": "GD-77", "channel": "hotline"}
    first = hand_over(here, hotline, "s1", told)
    assert first.status_code == 201, first.text
    second = hand_over(here, hotline, "s2", told)
    assert (second.status_code, second.json()["code"]) == (409, "already_filed")
    assert first.json()["case_number"] in second.json()["message"]
    assert first.json()["query_code"] not in second.text
    assert hand_over(here, hotline, "s1", told).json() == first.json()
    with here.app.database.reading() as session:
        known = handing.known(session, "12393", ["GD-77"])
    assert known["GD-77"].case_number == first.json()["case_number"]


def test_a_token_opens_nothing_once_it_has_run_out(here: Site):
    """A year, a day, and then 401."""
    now = datetime.now(UTC)
    with here.app.database.transaction() as session:
        old = tokens.issue(
            session, "old", vault=here.app.vault, now=now - timedelta(days=2), lifetime=timedelta(days=1)
        )
        new = tokens.issue(session, "new", vault=here.app.vault, now=now, lifetime=timedelta(days=1))
    assert hand_over(here, old, "t1", TOLD).status_code == 401
    assert hand_over(here, new, "t2", TOLD).status_code == 201


def test_a_used_key_with_another_content_is_refused(here: Site, hotline: str):
    """409: the client has mixed up its numbers."""
    assert hand_over(here, hotline, "k3", TOLD).status_code == 201
    answer = hand_over(here, hotline, "k3", {**TOLD, "text": "别的事情：西峰区某药店串换药品"})
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_reused")


@pytest.mark.parametrize("token", ["", "jt_wrong"])
def test_without_an_api_token_nothing_is_filed(here: Site, token: str):
    """401, and the ledger is as before."""
    with here.app.database.reading() as session:
        before = session.scalar(select(func.count(FiledReport.id)))
    assert hand_over(here, token, "k4", TOLD).status_code == 401
    with here.app.database.reading() as session:
        assert session.scalar(select(func.count(FiledReport.id))) == before


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"text": ""}, "text", "太短"),
        ({"side": "police"}, "side", "只能是"),
        ({"text": "今天天气很好"}, "side", "citizen"),
        ({"place": "亚特兰蒂斯"}, "place", "没有找到"),
        ({"place": "999999"}, "place", "没有找到"),
        ({"place": "朝阳区"}, "place", "不止一个"),
        ({"claims": ["F99"]}, "claims", "F99"),
        ({"received_at": "2999-01-01T00:00:00+08:00"}, "received_at", "将来"),
        ({"received_at": "2026-01-01T00:00:00"}, "received_at", "时区"),
        ({"period": {"first": "2026-02-01", "last": "2026-01-01"}}, "period", "不对"),
        ({"people": -1}, "people", "不能小于"),
        ({"colour": "red"}, "colour", "拼写"),
    ],
)
def test_a_malformed_report_is_told_which_field(
    here: Site, hotline: str, change: dict[str, Any], field: str, words: str
):
    """422, the field, a sentence that helps; nothing unknown is guessed in silence."""
    answer = hand_over(here, hotline, f"bad {field} {words}".encode().hex()[:40], {**TOLD, **change})
    assert answer.status_code == 422, answer.text
    assert answer.json()["fields"][0]["field"] == field
    assert words in answer.json()["fields"][0]["message"]


def test_a_report_needs_its_key(here: Site, hotline: str):
    """Without Idempotency-Key a repeated call would file twice, so it is refused."""
    answer = hand_over(here, hotline, None, TOLD)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_missing")


def test_health_and_readiness(here: Site):
    """Both answer without any token."""
    assert here.http.get("/healthz").json() == {"status": "ok"}
    assert here.http.get("/readyz").json() == {"status": "ready"}


def test_metrics_count_without_telling_of_anybody(here: Site, person: Person):
    """Routes, not paths; open cases; no number, code or conversation."""
    held = filed(here.app, "metrics")
    person.say("您好")
    text = here.http.get("/metrics").text
    assert 'route="/api/v1/conversations/{conversation}/messages",status="200"' in text
    assert 'le="+Inf"' in text
    opened = next(line for line in text.splitlines() if line.startswith("jianting_open_cases "))
    assert int(opened.split()[1]) >= 1
    for secret in (held.case_number, held.query_code, person.conversation, "127.0.0.1"):
        assert secret not in text


def test_metrics_are_not_for_the_public(here: Site):
    """Through a proxy there are none."""
    assert here.http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404


def test_the_published_schema_is_not_stale(here: Site):
    """docs/reference/openapi.json is what the service serves; `python -m bot.web.openapi` writes it."""
    published = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(schema()))
    assert published == here.http.get("/api/v1/openapi.json").json()


def test_every_route_is_documented():
    """Each path of the schema appears in docs/reference/api.md."""
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    for path in schema()["paths"]:
        assert f"`{path}`" in text or f" {path}`" in text, path


def test_times_without_zone_are_chinas():
    """What a file of texts states as its moment is read alike."""
    from bot.wire import now_in

    assert now_in("2026-03-01T09:00:00").utcoffset() == timedelta(hours=8)
    assert now_in(None).tzinfo is not None


def test_what_has_been_late_for_long_is_told_in_counts_that_point_to_nobody(here: Site, hotline: str):
    """With a token alone; an office with few such cases is not told how many."""
    assert here.http.get("/api/v1/reported").status_code == 401
    answer = here.http.get("/api/v1/reported", headers={"Authorization": f"Bearer {hotline}"})
    assert answer.status_code == 200
    found = answer.json()
    assert set(found) == {"on", "offices", "total"}
    assert all(one["cases"] is None or one["cases"] >= 5 for one in found["offices"])

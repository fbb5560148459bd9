"""A conversation over HTTP."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from intake.models import Evidence, FiledReport, Turn
from tests.bot.web.site import Person, Site
from tests.intake.sanitise import corpus
from tests.intake.sanitise import corpus_papers as papers
from tests.intake.sanitise import test_traps as traps

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)


def test_a_new_conversation_gives_number_token_and_greeting(here: Site):
    """POST /conversations → 201 with what the page needs to begin."""
    answer = here.post("/conversations")
    begun = answer.json()
    assert answer.status_code == 201
    assert set(begun) == {"conversation", "token", "replies"}
    assert len(begun["token"]) >= 30
    assert set(begun["replies"][0]) == {"text", "choices", "asks"}
    assert begun["replies"][0]["choices"]
    assert "set-cookie" not in answer.headers


def test_the_same_message_again_gets_the_same_answer_and_has_no_second_effect(person: Person):
    """A client that did not hear the answer may simply ask again."""
    body = {"message_id": "once", "text": "我要举报"}
    send = {"headers": person.headers, "json": body}
    first, second = (person.site.post(person.path, **send) for _ in range(2))
    assert first.json() == second.json()
    with person.site.app.database.reading() as session:
        turns = select(func.count()).select_from(Turn).where(Turn.message_id == "once")
        assert session.scalar(turns) == 1


def test_the_same_message_at_once_from_many_threads_is_answered_alike(person: Person):
    """A double click is one message."""
    answers: list[str] = []

    def send() -> None:
        body = {"message_id": "twice", "text": "我要举报"}
        answers.append(person.site.post(person.path, headers=person.headers, json=body).text)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1


def test_a_matter_told_and_confirmed_gives_a_receipt(person: Person):
    """From own words to case number, query code, authority and a date with its derivation."""
    receipt = confirmed(person)
    assert set(receipt) == {"case_number", "query_code", "authority", "due_on", "derivation", "already_told", "proof"}
    assert len(receipt["query_code"]) == 16
    assert "庆城县" in receipt["authority"]
    assert receipt["due_on"].count("-") == 2
    assert "\n" in receipt["derivation"]
    with person.site.app.database.reading() as session:
        found = session.scalar(select(FiledReport.channel).where(FiledReport.number == receipt["case_number"]))
    assert found == "web"


def confirmed(person: Person) -> dict[str, str]:
    """Tell a matter, answer everything with "不清楚", confirm the summary."""
    said = person.say("我要举报")
    said = person.say("庆阳市庆城县仁和医院挂床住院，三楼病床都是空的，去年10月到现在，二十多个人，我亲眼看到的")
    for _ in range(15):
        if said["receipts"]:
            break
        asks, choices = said["replies"][-1]["asks"], said["replies"][-1]["choices"]
        if asks == "confirm":
            said = person.say(choices[0])
        elif asks == "identity":
            said = person.say("匿名")
        else:
            said = person.say("不清楚")
    assert said["receipts"], said
    receipt: dict[str, str] = said["receipts"][0]
    return receipt


def test_a_reload_shows_what_was_said(person: Person):
    """The page asks for the whole conversation and finds greeting, words, answers."""
    said = person.say("我要举报")
    history = person.site.http.get(f"/api/v1/conversations/{person.conversation}", headers=person.headers).json()
    assert history["greeting"][0]["choices"]
    assert [(turn["begun_by"], turn["text"]) for turn in history["turns"]] == [("person", "我要举报")]
    assert history["turns"][0]["replies"] == said["replies"]


def test_the_desks_words_wait_for_the_page(person: Person):
    """GET …/messages?after= gives nothing while nobody wrote."""
    path = f"/api/v1{person.path}"
    assert person.site.http.get(path, params={"after": 0}, headers=person.headers).json() == {"messages": []}


@pytest.mark.parametrize("token", [None, "wrong", "Bearer"])
def test_without_its_token_a_conversation_stays_closed(person: Person, token: str | None):
    """Number alone opens nothing: 401, whatever is asked."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    path = f"/api/v1{person.path}"
    body = {"message_id": "1", "text": "您好"}
    for answer in (
        person.site.http.get(path, headers=headers),
        person.site.http.post(path, headers=headers, json=body),
    ):
        assert answer.status_code == 401
        assert answer.json()["code"] == "token_missing"
        assert "重新开始" in answer.json()["message"]


def test_one_token_does_not_open_another_conversation(person: Person, here: Site):
    """Each conversation has its own token."""
    other = Person(here)
    other.begin()
    answer = here.post(other.path, headers=person.headers, json={"message_id": "1", "text": "您好"})
    assert answer.status_code == 401


def test_a_picture_is_kept_sealed_and_answered(person: Person):
    """Multipart with a file: the evidence row is there, the bytes on disk are not the picture."""
    form = {"message_id": "photo", "text": "这是照片"}
    files = {"files": ("床位.png", PNG, "image/png")}
    said = person.say("", json=None, data=form, files=files)
    assert said["replies"]
    app = person.site.app
    with app.database.reading() as session:
        digest = session.scalar(select(Evidence.sha256).where(Evidence.media_type == "image/png"))
    assert digest is not None
    assert app.evidence.read(digest) == PNG
    assert PNG not in (app.evidence.folder / digest[:2] / digest).read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("空.png", b"", 422, "是空的"),
        ("大.png", PNG + bytes((2 << 20) + 10), 413, "2 MB"),
        ("病毒.exe", b"MZ" + bytes(2000), 422, "类型"),
        ("炸.png", traps.huge_png(), 422, "展开后太大"),
        ("双.jpg", corpus.jpeg(behind=traps.ZIP), 422, "夹带"),
        ("宏.docx", papers.packed({"[Content_Types].xml": "<T/>", "word/vbaProject.bin": b"x"}), 422, "宏"),
        ("照片.exe", corpus.jpeg(), 422, "后缀"),
    ],
)
def test_a_file_that_is_refused_says_why(person: Person, name: str, content: bytes, status: int, words: str):
    """The sentence names the file and the way out; the message can be sent again without it."""
    form = {"message_id": "again", "text": "请看附件"}
    answer = person.site.post(person.path, headers=person.headers, data=form, files={"files": (name, content)})
    assert answer.status_code == status
    assert words in answer.json()["message"]
    assert answer.json()["fields"][0]["field"] == "files"
    assert person.site.post(person.path, headers=person.headers, json=form).status_code == 200


def test_an_empty_message_gets_a_sentence(person: Person):
    """Nothing said is no error of the machine's: it is asked again."""
    assert person.say("")["replies"][0]["text"]


def test_fifty_thousand_characters_are_answered_and_kept(person: Person):
    """A very long telling loses nothing."""
    assert person.say("挂床住院。" * 10_000)["replies"]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"text": "您好"}, "message_id", "缺少"),
        ({"message_id": "~1", "text": "您好"}, "message_id", "字符"),
        ({"message_id": "x" * 65, "text": "您好"}, "message_id", "最多 64"),
        ({"message_id": "1", "text": 5}, "text", "文字"),
        ({"message_id": "1", "text": "x" * 100_001}, "text", "最多 100000"),
        ({"message_id": "1", "text": "您好", "fil": 1}, "fil", "拼写"),
        ([], "body", "对象"),
    ],
)
def test_a_malformed_call_is_told_which_field(person: Person, body: object, field: str, words: str):
    """422, the field by name, a Chinese sentence, never the value."""
    answer = person.site.post(person.path, headers=person.headers, json=body)
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == field
    assert words in answer.json()["fields"][0]["message"]


def test_what_is_not_json_is_told_so(person: Person):
    """Broken JSON is 422, not 500."""
    headers = {**person.headers, "Content-Type": "application/json"}
    answer = person.site.post(person.path, headers=headers, content=b'{"message_id": ')
    assert answer.status_code == 422
    assert "JSON" in answer.json()["fields"][0]["message"]


def test_a_broken_form_is_told_so(person: Person):
    """A multipart body without its boundary is refused with a sentence."""
    headers = {**person.headers, "Content-Type": "multipart/form-data"}
    answer = person.site.post(person.path, headers=headers, content=b"--x")
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_half_a_character_does_no_harm(person: Person):
    """A lone surrogate in JSON is answered or refused, never an error of the machine."""
    headers = {**person.headers, "Content-Type": "application/json"}
    answer = person.site.post(person.path, headers=headers, content=b'{"message_id": "s", "text": "\\ud83d"}')
    assert answer.status_code in (200, 422)


HEAD = b'--b\r\nContent-Disposition: form-data; name="files"; filename="film.mp4"\r\n\r\n'


@pytest.mark.parametrize("announced", [True, False])
def test_two_hundred_megabytes_are_refused_and_fill_no_memory(person: Person, announced: bool):
    """413 with a sentence that the sender gets to read, whether the body announces its length or not."""
    size, piece = 200 << 20, bytes(1 << 20)

    def film() -> Iterator[bytes]:
        yield HEAD
        for _ in range(200):
            yield piece

    headers = {**person.headers, "Content-Type": "multipart/form-data; boundary=b"}
    if announced:
        headers["Content-Length"] = str(len(HEAD) + size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = person.site.post(person.path, headers=headers, content=film())
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert answer.status_code == 413
    assert "2 MB" in answer.json()["message"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert grown_mib < 40
    assert person.say("还在吗")["replies"]

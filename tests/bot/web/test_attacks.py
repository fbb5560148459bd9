"""Requests that nobody sends by mistake: each is refused or answered, none holds or fills the service."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import pytest

from tests.bot.web.site import Person, Site

MIB = 1 << 20


def raw(here: Site, request: bytes) -> bytes:
    """The beginning of the answer to bytes that no client library would send."""
    address = urlsplit(here.base)
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        return line.recv(200)


def test_a_small_announced_length_does_not_let_a_large_body_in(here: Site):
    """RFC 9112 §6.3: with Transfer-Encoding the length counts for nothing, so the bytes are counted."""
    head = (
        b"POST /api/v1/understand HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    piece = b"100000\r\n" + b"a" * MIB + b"\r\n"
    assert b" 413 " in raw(here, head + piece * 2 + b"0\r\n\r\n")[:40]


@pytest.mark.parametrize("charset", ["idna", "punycode", "unicode_escape", "utf-7", '"utf-16"'])
def test_the_sender_chooses_no_codec(person: Person, charset: str):
    """A form in other letters than UTF-8 is refused unread: some decoders take a minute for a megabyte."""
    form = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nxn--' + b"a" * (MIB - 100) + b"\r\n--b--\r\n"
    headers = {**person.headers, "Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    started = time.perf_counter()
    answer = person.site.post(person.path, headers=headers, content=form)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert time.perf_counter() - started < 5


def test_a_form_that_says_utf_8_is_read(person: Person):
    """Some clients say what is understood anyway."""
    form = b'--b\r\nContent-Disposition: form-data; name="message_id"\r\n\r\nu8\r\n--b--\r\n'
    for written in ("utf-8", '"UTF-8"'):
        headers = {**person.headers, "Content-Type": f"multipart/form-data; charset={written}; boundary=b"}
        assert person.site.post(person.path, headers=headers, content=form).status_code == 200


@pytest.mark.parametrize(
    "name",
    [b"../../etc/passwd.txt", b"\xed\xa0\x80.txt", b"<img src=x>.txt", "\u200eWhatsApp.txt".encode()],
)
def test_no_file_name_breaks_anything(person: Person, name: bytes):
    """It is kept, sealed, as a name and nothing else."""
    head = b'--b\r\nContent-Disposition: form-data; name="message_id"\r\n\r\nf%d\r\n' % len(name)
    file = b'--b\r\nContent-Disposition: form-data; name="files"; filename="' + name + b'"\r\n\r\nhello\r\n--b--\r\n'
    headers = {**person.headers, "Content-Type": "multipart/form-data; boundary=b"}
    assert person.site.post(person.path, headers=headers, content=head + file).status_code == 200


@pytest.mark.parametrize("name", [b"a\x00b.txt", "\u202etxt.exe.txt".encode()])
def test_a_file_name_that_deceives_the_eye_is_refused_with_a_sentence(person: Person, name: bytes):
    """Nothing is kept, and the person is told what to do."""
    head = b'--b\r\nContent-Disposition: form-data; name="message_id"\r\n\r\nd%d\r\n' % len(name)
    file = b'--b\r\nContent-Disposition: form-data; name="files"; filename="' + name + b'"\r\n\r\nhello\r\n--b--\r\n'
    headers = {**person.headers, "Content-Type": "multipart/form-data; boundary=b"}
    answer = person.site.post(person.path, headers=headers, content=head + file)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_name")
    assert "文件名" in answer.json()["message"]


def test_a_name_told_the_long_way_breaks_nothing(person: Person):
    """RFC 5987 lets a name be told in any letters, half characters among them."""
    head = b'--b\r\nContent-Disposition: form-data; name="message_id"\r\n\r\nlong\r\n'
    file = b"--b\r\nContent-Disposition: form-data; name=\"files\"; filename*=utf-16'x'%D8%00%D8%00.txt\r\n\r\nhi\r\n--b--\r\n"
    headers = {**person.headers, "Content-Type": "multipart/form-data; boundary=b"}
    assert person.site.post(person.path, headers=headers, content=head + file).status_code in {200, 400, 422}


@pytest.mark.parametrize("now", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_beyond_every_calendar_is_refused(here: Site, now: str):
    """A sentence at the field, not an overflow."""
    answer = here.post("/understand", json={"text": "去年春节前后", "now": now})
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "now")


def test_invented_methods_do_not_fill_the_metrics(here: Site):
    """They are counted together."""
    for number in range(3):
        raw(here, b"FOO%d /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n" % number)
    shown = here.http.get("/metrics").text
    assert 'method="other"' in shown
    assert "FOO" not in shown

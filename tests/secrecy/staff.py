"""What staff of every role get to see: each page that leads to another is followed, and each file opened."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.bot.desk.conftest import Browser
from tests.secrecy.telling import Seen
from tests.secrecy.unpacking import opened

PASSWORD = "correct horse battery"
ROLES = {
    "officer": "YB-621021",
    "leader": "YB-621000",
    "supervisor": "YB-621000",
    "federation": "YB-621000",
    "custodian": "YB-621021",
    "auditor": "YB-621000",
    "administrator": "YB-621000",
}
LINK = re.compile(r'(?:href|action)="(/desk[^"#]*)')
CASE = re.compile(r'href="(/desk/cases/[\w-]+)[?"#]')
BY_HAND = ("/desk/authorities?q=庆城", "/desk?closed=1", "/desk/figures", "/desk/audit", "/desk/audit/unmasking.csv")
"""Pages to which a form leads, or a reader who knows the address."""
NOT_READ = ("/desk/sign-out", "/desk/static")
ENDS = {
    "text/plain": ".txt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/zip": ".zip",
}
VIEWS = 12
"""Of a page that can be sorted and filtered, so many variants: each shows no more than the others."""


def signed_in(client: httpx.Client, role: str) -> Browser:
    """Somebody of this role at his desk."""
    browser = Browser(client)
    assert browser.sign_in(role, PASSWORD).status_code == 303
    return browser


def reads(browser: Browser, role: str) -> Iterator[Seen]:
    """Everything that can be reached from the desk by following what the pages offer."""
    waiting, known, variants = deque(["/desk", *BY_HAND]), {"/desk", *BY_HAND}, dict[str, int]()
    while waiting:
        path = waiting.popleft()
        answer = browser.client.get(path)
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if "/evidence/" in path:
            place = f"working copy {ENDS.get(kind, kind)} opened by the {role}"
            yield from (Seen(place, part) for part in opened(answer.content))
            continue
        yield Seen(f"desk of the {role} {path}", answer.content)
        for found in map(unescape, LINK.findall(answer.text)):
            if found in known or found.startswith(NOT_READ):
                continue
            known.add(found)
            bare = urlsplit(found)
            if {name for name, _ in parse_qsl(bare.query)} - {"page"}:
                variants[bare.path] = variants.get(bare.path, 0) + 1
                if variants[bare.path] > VIEWS:
                    continue
            waiting.append(found)


def handles(browser: Browser) -> Iterator[Seen]:
    """The officer accepts each case and asks each teller a question."""
    cases: set[str] = set()
    for number in range(1, 200):
        found = set(CASE.findall(browser.get("/desk", page=str(number)).text)) - cases
        if not found:
            break
        cases |= found
    for case in sorted(cases):
        shown = browser.get(case)
        csrf = browser.token("/desk")
        answers = [browser.client.post(f"{case}/accept", data={"csrf": csrf})]
        for report in sorted(set(re.findall(r'id="report-(\d+)"', shown.text))):
            question = {"csrf": csrf, "report_id": report, "question": "请问是哪一层楼？"}
            answers.append(browser.client.post(f"{case}/ask", data=question))
        for answer in answers:
            assert answer.status_code == 303, answer.text
            yield Seen(f"desk act on {case}", answer.content)

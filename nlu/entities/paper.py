"""Papers shown or not: 亮了证, 证都没掏, 没给通知书, 笔录统统没见着.

Each paper is judged within its clause; a clause that says neither (执法证号在哪查) yields nothing.
"""

from __future__ import annotations

import re
from functools import cache

from nlu.entities.heard import Found, Heard, alternatives, lexicon

_CLAUSE = re.compile(r"[^,。.;!?\n]+")
_NEAR = 9


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words = lexicon("paper")
    kinds = "|".join(f"(?P<{kind}>{alternatives(nouns)})" for kind, nouns in words["nouns"].items())
    return {
        "noun": re.compile(kinds),
        "denied": re.compile(alternatives(words["verbs"]["denied"])),
        "shown": re.compile(alternatives(words["verbs"]["shown"])),
        "showing": re.compile(words["patterns"]["showing"]),
        "inspection": re.compile(words["patterns"]["inspection"]),
        "not_before": re.compile(words["patterns"]["not_certificate"]),
        "not_after": re.compile(words["patterns"]["not_certificate_after"]),
    }


def _judge(clause: str, start: int, end: int) -> tuple[bool, int, int] | None:
    """Whether the paper between start and end was shown, and how far the telling words reach."""
    patterns = _patterns()
    before_at = max(0, start - _NEAR)
    before, after = clause[before_at:start], clause[end : end + _NEAR]
    denied_before = list(patterns["denied"].finditer(before))
    denied_after = patterns["denied"].search(after)
    if denied_before:
        return False, before_at + denied_before[-1].start(), end
    if denied_after:
        return False, start, end + denied_after.end()
    shown_before = list(patterns["shown"].finditer(before))
    if shown_before:
        return True, before_at + shown_before[-1].start(), end
    shown_after = patterns["shown"].match(after.lstrip("也都就"))
    if shown_after:
        return True, start, end + len(after) - len(after.lstrip("也都就")) + shown_after.end()
    return None


def find(heard: Heard) -> list[Found]:
    """The papers of a text."""
    patterns = _patterns()
    if not patterns["noun"].search(heard.text):
        return []
    found = []
    inspected = heard.asked is not None or patterns["inspection"].search(heard.text) is not None
    for clause in _CLAUSE.finditer(heard.text):
        text = clause.group()
        showing = inspected or patterns["showing"].search(text) is not None
        for match in patterns["noun"].finditer(text):
            kind = match.lastgroup or ""
            if match.group() == "证" and (
                patterns["not_before"].search(text[: match.start()]) or patterns["not_after"].match(text, match.end())
            ):
                continue
            if match.group() in ("证", "证件") and not showing:
                continue
            judged = _judge(text, match.start(), match.end())
            if judged:
                shown, _start, _end = judged
                value = {"which": kind, "shown": shown}
                found.append(Found("paper", clause.start() + match.start(), clause.start() + match.end(), value, 33))
    return found

"""What a teller said of himself, name and number, hidden wherever else it turns up in what staff read.

The masks know people by the form of what they write; this knows the person. Who gives the name Zhao Tiezhu when asked
may sign a letter with it a month later, in a form that no pattern foresees.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.models import FiledReport, Identity
from intake.report import Report
from nlu.entities.heard import lexicon

FEWEST_DIGITS = 7
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{2,8}[·•][\u4e00-\u9fff]{2,8}")
_DIGITS = re.compile(r"\d(?:[ \-]?\d){6,19}")


def without_own(report: Report) -> Report:
    """The report as it may be kept in clear: where its teller named himself, he is masked."""
    name, phone = report.teller.name, report.teller.phone
    if not name and not phone:
        return report
    answers = {slot: hide(answer, name, phone) for slot, answer in report.answers.items()}
    return replace(report, redacted=hide(report.redacted, name, phone), answers=answers)


def hide_own(session: Session, report: FiledReport, text: str, vault: Vault) -> str:
    """The same for what is written later: the sealed identity of the report tells what to hide."""
    sealed = session.scalar(select(Identity.sealed).where(Identity.id == report.identity_id))
    if sealed is None:  # erased: nothing is known that could be hidden
        return text
    known = json.loads(vault.unseal(sealed, f"identity {report.number}"))
    return hide(text, known.get("name"), known.get("phone"))


def hider(session: Session, report: FiledReport, vault: Vault) -> Callable[[str], str]:
    """The same for a text that comes in pieces, when the session is closed already."""
    sealed = session.scalar(select(Identity.sealed).where(Identity.id == report.identity_id))
    known = json.loads(vault.unseal(sealed, f"identity {report.number}")) if sealed else {}
    return lambda text: hide(text, known.get("name"), known.get("phone"))


def hide(text: str, name: str | None, phone: str | None) -> str:
    """The text with this name and this number masked as DOMAIN.md §7.3 shows them."""
    name = (name or "").strip()
    if name in text and _is_name(name):
        text = text.replace(name, f"{name[0]}**")
    digits = _digits(phone or "")[-11:]
    if len(digits) < FEWEST_DIGITS:
        return text
    return _DIGITS.sub(lambda run: _masked(digits) if digits in _digits(run[0]) else run[0], text)


def _is_name(name: str) -> bool:
    """Whether this was a name: somebody who answers the question with a common word must not blot it out everywhere."""
    if not _HAN_NAME.fullmatch(name):
        return False
    return "·" in name or "•" in name or name[0] in _surnames()[0] or name.startswith(_surnames()[1])


@cache
def _surnames() -> tuple[frozenset[str], tuple[str, ...]]:
    words = lexicon("person")
    return frozenset(words["surnames"]), tuple(words["compound_surnames"])


def _digits(text: str) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", text), flags=re.ASCII)


def _masked(digits: str) -> str:
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) == 11 else f"{'*' * (len(digits) - 2)}{digits[-2:]}"

"""Receipts stand in the dialogue's words as well; a channel that shows them its own way must find them there."""

from __future__ import annotations

import re

from bot.channels.message import Reply
from intake.report import Receipt

GROUP = 4


def code_in(text: str, receipt: Receipt) -> re.Match[str] | None:
    """Where the query code of a receipt stands in a text, in groups or not."""
    return re.search(r"\s?".join(receipt.query_code), text)


def receipt_of(reply: Reply, receipts: tuple[Receipt, ...]) -> Receipt | None:
    """The receipt that a reply puts into words."""
    return next((receipt for receipt in receipts if code_in(reply.text, receipt)), None)


def grouped(code: str) -> str:
    """A code as people read it out: four digits at a time."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))

"""A row of a hotline's table as a report that can be filed: mapped, validated, heard, routed; pure, it runs anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import workorder
from bot.imports import values
from bot.imports.heading import Heading
from bot.imports.mapping import TableMapping
from bot.imports.reading import Row
from bot.imports.values import Picked, Problem
from bot.imports.words import say
from bot.workorder import OrderRefused, WorkOrder
from intake.confidentiality import Vault
from intake.handing import content_hash
from intake.report import Report
from nlu.engine import Ear
from routing import desk
from routing.errors import DeskError


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row, ready to be filed, or with its problems; a row that the mapping skips has neither."""

    row: Row
    number: str = ""
    content: str = ""
    draft: desk.Draft | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def passed_over(self) -> bool:
        """Whether the row is none of our business."""
        return self.draft is None and not self.problems


@dataclass(frozen=True, slots=True)
class Preparing:
    """All that turns a row into a report, the same for every row of a file."""

    mapping: TableMapping
    heading: Heading
    ear: Ear
    vault: Vault
    home: str
    now: datetime

    def __call__(self, row: Row) -> Prepared:
        """The row, prepared."""
        if row.broken:
            return Prepared(row, problems=(Problem("", row.broken),))
        if not any(row.cells) or values.skipped(row, self.heading, self.mapping):
            return Prepared(row)
        found = values.pick(row, self.heading, self.mapping)
        number = values.number(found)
        order = _order(found, self.mapping)
        if found.problems or order is None:
            return Prepared(row, number, problems=tuple(found.problems))
        try:
            report = self._report(order, number)
            drafted = desk.draft(report, vault=self.vault, home=self.home)
        except OrderRefused as refused:
            _translate(found, refused)
            return Prepared(row, number, problems=tuple(found.problems))
        except DeskError as refused:
            reason = say("row", "authority", reason=refused.sentence)
            return Prepared(row, number, problems=(Problem("", reason),))
        return Prepared(row, number, content_hash(self.vault, workorder.content(order)), drafted)

    def _report(self, order: WorkOrder, number: str) -> Report:
        at = workorder.received(order, self.now)
        heard = self.ear.parse(order.text, now=at, home=self.home)
        side: Any = self.mapping.otherwise.get("side")
        account = f"{self.mapping.source} {number}"
        return workorder.as_report(
            order, heard, account=account, vault=self.vault, home=self.home, now=self.now, otherwise=side
        )


def _order(found: Picked, mapping: TableMapping) -> WorkOrder | None:
    """The row as a work order; None where a field is wrong, which is then among the problems."""
    texts = found.texts
    given: dict[str, Any] = {
        name: texts[name]
        for name in ("text", "side", "channel", "institution", "organ", "place", "source_number", "external_number")
        if texts.get(name)
    }
    given.setdefault("channel", "hotline")
    if "received_at" in mapping.columns and not texts.get("received_at"):
        found.wrong("received_at", say("row", "received_missing"))
    given["received_at"] = found.take("received_at", lambda text: values.moment(text, mapping.dates), "date")
    given["amount_yuan"] = found.take("amount_yuan", values.amount, "amount")
    given["people"] = found.take("people", values.whole, "count")
    given["claims"] = values.several(texts.get("claims", ""))
    given["period"] = _period(found, mapping)
    given["reporter"] = _reporter(found, mapping)
    if found.problems:
        return None
    try:
        return workorder.read(given)
    except OrderRefused as refused:
        _translate(found, refused)
        return None


def _reporter(found: Picked, mapping: TableMapping) -> dict[str, Any]:
    """Who told: in confidence where anything is known of him, unless the table says otherwise."""
    texts = found.texts
    known = {name: texts[name] for name in ("name", "phone") if texts.get(name)}
    mode = texts.get("mode") or (mapping.otherwise.get("mode") or "confidential" if known else "anonymous")
    return {"mode": mode, **known, "wants_reward": values.yes_or_no(texts.get("wants_reward", ""))}


def _period(found: Picked, mapping: TableMapping) -> dict[str, Any] | None:
    """When it happened; one day where only the first is told."""
    first, last = (
        found.take(name, lambda text: values.moment(text, mapping.dates), "date")
        for name in ("period_first", "period_last")
    )
    if first is None:
        return None
    return {"first": first.date(), "last": max(first, last or first).date()}


_COLUMN_OF = {
    "reporter.mode": "mode", "reporter.name": "name", "reporter.phone": "phone", "period": "period_first",
    "period.first": "period_first", "period.last": "period_last",
}  # fmt: skip


def _translate(found: Picked, refused: OrderRefused) -> None:
    """The fields at fault as columns of the table."""
    for path, sentence in refused.fields.items():
        name = _COLUMN_OF.get(path) or path.partition(".")[0]
        found.wrong(name, sentence)

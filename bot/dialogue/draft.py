"""From what the conversation gathered to the summary that is read out, and to the reports that are filed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.dialogue import listen, phrases
from bot.dialogue.state import Matter, Slot, Talk
from bot.dialogue.steps import STEPS
from intake.report import Report, Side, Teller
from nlu import taxonomy
from nlu.places import by_code

SHOWN_STORY = 120
FACT_SLOTS = ("how_known", "evidence", "demand", "loss", "documents", "certificate", "notice", "amount", "time")


def label(side: Side, slot: str) -> str:
    """What a slot is called in the summary."""
    return phrases.sentence("ask", side, slot, "label")


def place_name(slot: Slot) -> str:
    """The full official name of a place, or what was said."""
    code = (slot.value or {}).get("code")
    place = by_code(str(code)) if code else None
    return place.full_name if place else slot.text


def shown(side: Side, name: str, slot: Slot) -> str:
    """An answer as the person is to check it."""
    value: Mapping[str, Any] = slot.value or {}
    if slot.skipped:
        return phrases.sentence("summary", "skipped")
    if name == "place":
        return place_name(slot)
    if name in ("time", "inspection_date"):
        return _shown_time(slot, value)
    if name == "amount" and value.get("yuan") is not None:
        how = "approximate" if value.get("approximate") else "exact"
        return phrases.sentence("summary", how).format(value=f"{Decimal(str(value['yuan'])):,f}")
    if name in ("certificate", "notice") and "shown" in value:
        return phrases.sentence("summary", "shown" if value["shown"] else "not_shown")
    if name in ("people", "officers", "visits") and "count" in value:
        return phrases.sentence("summary", name).format(count=value["count"])
    if name == "how_known" and phrases.has("summary", "role", str(value.get("role"))):
        return phrases.sentence("summary", "role", str(value["role"]))
    if name == "identity":
        return phrases.sentence("summary", str(value.get("mode", "anonymous")))
    if name == "reward":
        return phrases.sentence("summary", "wants_reward" if value.get("yes") else "no_reward")
    return str(value.get("name") or slot.text)


def _shown_time(slot: Slot, value: Mapping[str, Any]) -> str:
    first, last = str(value.get("from") or "")[:10], str(value.get("to") or "")[:10]
    text = phrases.without_tail(slot.text)
    if first and first == last:
        text = f"{slot.text}（{first}）" if first not in slot.text else first
    elif first and last:
        text = f"{slot.text}（{first} 至 {last}）"
    if value.get("ongoing") and first:
        return phrases.sentence("summary", "ongoing").format(value=text)
    return text


def story(matter: Matter) -> str:
    """Everything the person told about a matter, one message a line."""
    return "\n".join(words.text for words in matter.words)


def title(side: Side, matter: Matter) -> str:
    """A matter in a few words: who, and what."""
    who = matter.slots.get("institution" if side == "citizen" else "organ")
    name = shown(side, "institution", who) if who and not who.skipped else phrases.sentence("summary", "unnamed_matter")
    return "，".join((name, *(everyday(claim.code) for claim in matter.claims[:2])))


def everyday(code: str) -> str:
    """A category in words that a citizen uses."""
    return taxonomy.load()[code].everyday


def summary(talk: Talk) -> str:
    """All that will be filed, line by line, for the person to check."""
    side = talk.side or "citizen"
    lines = [phrases.sentence("summary", f"side_{side}")]
    line = phrases.sentence("summary", "line")
    for number, matter in enumerate(talk.matters, 1):
        if len(talk.matters) > 1:
            lines.append(phrases.sentence("summary", "matter_title").format(number=number))
        lines.extend(_matter_lines(side, matter, line))
    lines.extend(
        line.format(label=label(side, step.asks), value=shown(side, step.asks, slot))
        for step in STEPS[side]
        if step.of_teller
        and (slot := talk.teller.get(step.asks))
        and not slot.skipped
        and not _withheld(talk, step.asks)
    )
    return "\n".join(lines)


def _withheld(talk: Talk, asks: str) -> bool:
    """Name and telephone of whoever wants to be anonymous after all are not filed, and so not shown."""
    mode = (talk.teller.get("identity", Slot("")).value or {}).get("mode")
    return mode == "anonymous" and asks in ("name", "phone")


def _matter_lines(side: Side, matter: Matter, line: str) -> list[str]:
    told = story(matter)
    short = told.replace("\n", "；")
    if len(short) > SHOWN_STORY:
        short = short[:SHOWN_STORY] + phrases.sentence("summary", "more").format(count=len(told))
    lines = [line.format(label=label(side, "act"), value=short)]
    if matter.claims:
        names = "、".join(everyday(claim.code) for claim in matter.claims)
        lines.append(phrases.sentence("summary", "claims").format(claims=names))
    for step in STEPS[side]:
        slot = matter.slots.get(step.asks)
        if step.asks != "act" and slot and not (slot.skipped and step.asks not in ("institution", "organ", "time")):
            lines.append(line.format(label=label(side, step.asks), value=shown(side, step.asks, slot)))
    if matter.files:
        lines.append(phrases.sentence("summary", "files").format(count=len(matter.files)))
    return lines


def _count(matter: Matter, name: str) -> int | None:
    slot = matter.slots.get(name)
    count = (slot.value or {}).get("count") if slot else None
    return int(count) if count is not None else None


def _amount(matter: Matter) -> Decimal | None:
    slot = matter.slots.get("amount")
    yuan = (slot.value or {}).get("yuan") if slot else None
    if yuan is None:
        return None
    try:
        return Decimal(str(yuan)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None


def _name(matter: Matter, slot_name: str) -> str | None:
    slot = matter.slots.get(slot_name)
    if not slot or slot.skipped:
        return None
    return str((slot.value or {}).get("name") or slot.text)[:200]


def _teller(talk: Talk, channel: str, account: str) -> Teller:
    mode = str((talk.teller.get("identity", Slot("")).value or {}).get("mode", "anonymous"))
    reward = talk.teller.get("reward")
    wants = (reward.value or {}).get("yes") if reward and reward.value else None
    if mode == "anonymous":
        return Teller(channel, account, "anonymous", wants_reward=wants)
    name, phone = talk.teller.get("name"), talk.teller.get("phone")
    return Teller(
        channel,
        account,
        "named" if mode == "named" else "confidential",
        name=name.text if name and not name.skipped else None,
        phone=str((phone.value or {}).get("number") or phone.text) if phone and not phone.skipped else None,
        wants_reward=wants,
    )


def reports(talk: Talk, *, channel: str, account: str, conversation: str, now: datetime) -> tuple[Report, ...]:
    """One report a matter, linked by a common group where there are several."""
    side = talk.side or "citizen"
    teller = _teller(talk, channel, account)
    group = f"{conversation}:{now:%Y%m%dT%H%M%S%f}" if len(talk.matters) > 1 else None
    return tuple(
        Report(
            side=side,
            teller=teller,
            conversation=conversation,
            text=story(matter),
            redacted="\n".join(words.redacted for words in matter.words),
            claims=matter.claims,
            received_at=now,
            institution=_name(matter, "institution" if side == "citizen" else "enterprise"),
            organ=_name(matter, "organ"),
            place=_place_code(matter),
            place_text=matter.slots["place"].text[:200] if matter.has("place") else None,
            period=listen.period(matter.slots.get("time" if side == "citizen" else "inspection_date"), now.date()),
            amount_yuan=_amount(matter),
            amount_approximate=bool((matter.slots.get("amount", Slot("")).value or {}).get("approximate")),
            people=_count(matter, "people"),
            officers=_count(matter, "officers"),
            visits=_count(matter, "visits"),
            answers={name: shown(side, name, matter.slots[name]) for name in FACT_SLOTS if _told(matter, name)},
            evidence=matter.files,
            group=group,
        )
        for matter in talk.matters
    )


def _told(matter: Matter, name: str) -> bool:
    return name in matter.slots and not matter.slots[name].skipped


def _place_code(matter: Matter) -> str | None:
    code = (matter.slots["place"].value or {}).get("code") if matter.has("place") else None
    return str(code) if code else None

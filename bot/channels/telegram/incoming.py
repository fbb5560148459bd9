"""What a Telegram message says to us: pure, from the platform's object to text, attachments and remarks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from aiogram.enums import ContentType
from aiogram.types import Contact, Location, Message, MessageEntity, PhotoSize, Venue

from bot.channels.sentences import commands, sentence

# What Telegram says about the chat itself; no person said it, so there is nothing to answer.
SERVICE = frozenset({
    "boost_added", "chat_background_set", "chat_shared", "checklist_tasks_added", "checklist_tasks_done",
    "connected_website", "delete_chat_photo", "direct_message_price_changed", "message_auto_delete_timer_changed",
    "new_chat_photo", "new_chat_title", "paid_message_price_changed", "pinned_message", "proximity_alert_triggered",
    "user_shared", "users_shared", "write_access_allowed",
})  # fmt: skip

# Kinds of message that cannot be kept: the sentence that says so.
REFUSED = {
    "sticker": "telegram.sticker",
    "poll": "telegram.poll",
    "dice": "telegram.dice",
    "game": "telegram.dice",
    "story": "telegram.story",
    "checklist": "telegram.checklist",
    "paid_media": "telegram.paid",
}

REMARKS = {
    "voice": "telegram.voice_kept",
    "audio": "telegram.voice_kept",
    "video": "telegram.video_kept",
    "video_note": "telegram.video_kept",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that lies at Telegram still; `unique` stays the same for the same content."""

    file_id: str
    unique: str
    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Heard:
    """Text and files for the dialogue, and remarks: sentences for the person that only this channel says."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether there is anything for the dialogue to hear."""
        return bool(self.text.strip() or self.attachments)


class _Sent(Protocol):
    file_id: str
    file_unique_id: str
    file_size: int | None


def hear(message: Message) -> Heard | None:
    """What the message says; None where no person said anything."""
    kind = ContentType(message.content_type).value
    if kind in SERVICE:
        return None
    if kind == "text":
        return Heard(text=_command(_with_links(message.text or "", message.entities or ())))
    if kind == "rich_message":
        return _rich(message)
    if kind in REFUSED:
        return Heard(remarks=(sentence(REFUSED[kind]),))
    if special := _SPECIAL.get(kind):
        return special(message)
    attachment = _attachment(message, kind)
    if attachment is None:
        return Heard(remarks=(sentence("telegram.other"),))
    caption = _with_links(message.caption or "", message.caption_entities or ())
    # Whoever wrote something beside the recording need not be told that we cannot hear it.
    remark = () if caption or kind not in REMARKS else (sentence(REMARKS[kind]),)
    return Heard(text=caption, attachments=(attachment,), remarks=remark)


def together(parts: Iterable[Heard]) -> Heard:
    """One hearing of the parts of an album."""
    every = tuple(parts)
    return Heard(
        text="\n".join(part.text for part in every if part.text),
        attachments=tuple(attachment for part in every for attachment in part.attachments),
        remarks=tuple(dict.fromkeys(remark for part in every for remark in part.remarks)),
    )


def _command(text: str) -> str:
    """A command of the menu becomes the words that it stands for; "/start" stays, it is a new beginning."""
    if not text.startswith("/"):
        return text
    name = text[1:].partition(" ")[0].partition("@")[0].strip().lower()
    says = {command.name: command.says for command in commands()}
    return says.get(name, text) or "/start"


def _with_links(text: str, entities: Iterable[MessageEntity]) -> str:
    """The text with the addresses that lie hidden under words: they may be what the person wants to show."""
    raw = text.encode("utf-16-le")
    for entity in sorted(entities, key=lambda entity: -entity.offset):
        if entity.type == "text_link" and entity.url:
            start, end = entity.offset * 2, (entity.offset + entity.length) * 2
            word = raw[start:end].decode("utf-16-le", errors="replace")
            shown = sentence("telegram.link", word=word, address=entity.url)
            raw = raw[:start] + shown.encode("utf-16-le") + raw[end:]
    return raw.decode("utf-16-le", errors="replace")


def _rich(message: Message) -> Heard:
    """A message with headings and lists: its words, line by line."""
    blocks = message.rich_message.model_dump(mode="json")["blocks"] if message.rich_message else []
    text = "\n".join(filter(None, ("".join(_words(block)) for block in blocks)))
    return Heard(text=text) if text.strip() else Heard(remarks=(sentence("telegram.other"),))


def _words(node: Any) -> Iterable[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for part in node:
            yield from _words(part)
    elif isinstance(node, dict):
        for key in ("text", "caption", "blocks", "items", "cells", "rows"):
            yield from _words(node.get(key))


def _attachment(message: Message, kind: str) -> Attachment | None:
    if kind == "photo" and message.photo:
        return _sized(message.photo, message.message_id)
    sent: _Sent | None = getattr(message, kind, None)
    if sent is None or not hasattr(sent, "file_id"):
        return None
    name = getattr(sent, "file_name", None) or sentence(f"telegram.files.{kind}", number=message.message_id)
    return Attachment(sent.file_id, sent.file_unique_id, name, sent.file_size)


def _sized(sizes: list[PhotoSize], number: int) -> Attachment:
    """The photo in its largest size: Telegram offers several of the same picture."""
    best = max(sizes, key=lambda size: size.width * size.height)
    name = sentence("telegram.files.photo", number=number)
    return Attachment(best.file_id, best.file_unique_id, name, best.file_size)


def _contact(message: Message) -> Heard:
    contact: Contact | None = message.contact
    if contact is None or not contact.phone_number.strip():
        return Heard(remarks=(sentence("telegram.contact_without_phone"),))
    phone = contact.phone_number.strip().removeprefix("+86").removeprefix("+").replace(" ", "")
    if phone.startswith("86") and len(phone) == 13:
        phone = phone[2:]
    own = message.from_user is not None and contact.user_id == message.from_user.id
    if own:
        return Heard(text=sentence("telegram.own_phone", phone=phone))
    name = " ".join(filter(None, (contact.last_name, contact.first_name)))
    return Heard(text=sentence("telegram.other_contact", name=name, phone=phone))


def _coordinates(location: Location) -> dict[str, str]:
    return {"longitude": f"{location.longitude:.6f}", "latitude": f"{location.latitude:.6f}"}


def _location(message: Message) -> Heard:
    if message.location is None:
        return Heard()
    # No table of outlines is at hand, so a point is kept as said and the county is asked for: never guessed.
    text = sentence("telegram.place", **_coordinates(message.location))
    return Heard(text=text, remarks=(sentence("telegram.place_kept"),))


def _venue(message: Message) -> Heard:
    venue: Venue | None = message.venue
    if venue is None:
        return Heard()
    values = {"title": venue.title, "address": venue.address, **_coordinates(venue.location)}
    return Heard(text=sentence("telegram.venue", **values))


_SPECIAL: dict[str, Callable[[Message], Heard]] = {"contact": _contact, "location": _location, "venue": _venue}

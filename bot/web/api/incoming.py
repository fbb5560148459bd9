"""Reads a message in either of its forms: JSON, or multipart with files, which the server spools to disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from bot import reception
from bot.app import App
from bot.channels.message import File
from bot.web.door import now
from bot.web.errors import Refused
from bot.web.words import say
from intake.errors import (
    EvidenceBomb,
    EvidenceDeceives,
    EvidenceEmpty,
    EvidenceMacros,
    EvidenceNameHostile,
    EvidencePolyglot,
    EvidenceRefused,
    EvidenceTooLarge,
    EvidenceTypeNotAllowed,
)

FILES_MAX = 20
MIB = 1024 * 1024
_REFUSED: Mapping[type[EvidenceRefused], tuple[int, str]] = {
    EvidenceEmpty: (422, "file_empty"),
    EvidenceTooLarge: (413, "file_too_large"),
    EvidenceTypeNotAllowed: (422, "file_kind"),
    EvidenceBomb: (422, "file_bomb"),
    EvidencePolyglot: (422, "file_polyglot"),
    EvidenceMacros: (422, "file_macros"),
    EvidenceNameHostile: (422, "file_name"),
    EvidenceDeceives: (422, "file_deceives"),
}
Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Incoming(Generic[Shape]):
    """A validated body and the files that came with it, not yet stored; leaving it closes them."""

    body: Shape
    uploads: tuple[UploadFile, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for upload in self.uploads:
            upload.file.close()

    def keep(self, app: App) -> tuple[File, ...]:
        """The files, sealed into the store of evidence; a refused one refuses the message, which may come again."""
        return tuple(kept(app, upload) for upload in self.uploads)


async def read(request: Request, shape: type[Shape]) -> Incoming[Shape]:
    """The request's body as `shape`; raises what FastAPI raises for a body that does not fit."""
    form = request.headers.get("content-type", "").startswith("multipart/")
    try:
        if form:
            return await _form(request, shape)
        return Incoming(shape.model_validate_json(await request.body() or b"{}"))
    except ValidationError as invalid:
        raise RequestValidationError(invalid.errors()) from invalid


async def _form(request: Request, shape: type[Shape]) -> Incoming[Shape]:
    form = await request.form(max_files=FILES_MAX + 1, max_fields=FILES_MAX)
    uploads = tuple(value for value in form.getlist("files") if isinstance(value, UploadFile) and value.filename)
    words = {key: value for key, value in form.items() if key != "files" and isinstance(value, str)}
    try:
        _check_count(uploads)
        # A form knows only strings: numbers are read leniently.
        return Incoming(shape.model_validate_strings(words), uploads)
    except BaseException:
        await form.close()
        raise


def _check_count(uploads: tuple[UploadFile, ...]) -> None:
    if len(uploads) > FILES_MAX:
        sentence = say("refused", "too_many_files", limit=FILES_MAX)
        raise Refused(422, "too_many_files", sentence, fields={"files": sentence})


def kept(app: App, upload: UploadFile) -> File:
    """One file, sealed into the store of evidence; raises Refused with the sentence why not."""
    # What is no character stays out: a name is kept sealed and shown again to its teller.
    name = (upload.filename or "")[:200].encode("utf-8", "replace").decode()
    try:
        if (upload.size or 0) > app.settings.max_file_mb * MIB:
            raise EvidenceTooLarge
        stored = reception.take(app, upload.file, name, now())
    except EvidenceRefused as refused:
        status, code = _REFUSED.get(type(refused), (422, "file_refused"))
        sentence = say("refused", code, name=name, limit=app.settings.max_file_mb)
        raise Refused(status, code, sentence, fields={"files": sentence}) from refused
    return File(stored.digest, name, stored.media_type, stored.size)


def documented(shape: str, *required: str, **more: Mapping[str, Any]) -> dict[str, Any]:
    """The OpenAPI request body of a route that reads its body by itself: JSON of `shape`, or a form with files."""
    words: dict[str, Any] = {name: {"type": "string"} for name in (*required, "text")}
    files = {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": FILES_MAX}
    form = {"type": "object", "required": list(required), "properties": {**words, **more, "files": files}}
    content = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}},
        "multipart/form-data": {"schema": form},
    }
    return {"requestBody": {"required": True, "content": content}}

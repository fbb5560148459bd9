"""What a file is, judged by its content as it streams past; the name only decides between kinds of text."""

from __future__ import annotations

import codecs
from pathlib import PurePath

import filetype  # type: ignore[import-untyped]

from intake.errors import EvidenceMacros, EvidenceTypeNotAllowed

HEAD = 8192
TAIL = 1 << 17

ALLOWED = frozenset({
    "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff", "image/heic",
    "application/pdf", "application/rtf",
    "audio/mpeg", "audio/amr", "audio/mp4", "audio/ogg", "audio/x-wav",
    "video/mp4", "video/quicktime",
})  # fmt: skip

OOXML = "application/vnd.openxmlformats-officedocument."
ZIPPED = (
    (b"word/document.xml", OOXML + "wordprocessingml.document"),
    (b"xl/workbook.xml", OOXML + "spreadsheetml.sheet"),
    (b"ppt/presentation.xml", OOXML + "presentationml.presentation"),
)
# ODF 1.3 part 2 §3.3: the first entry of the package is "mimetype", stored, with the type as its content.
OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."
OPEN_KINDS = ("text", "spreadsheet", "presentation")

OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# [MS-CFB]: names of streams are UTF-16; these tell an office document from an installer in the same container.
OLE_STREAMS = (
    ("WordDocument".encode("utf-16-le"), "application/msword"),
    ("Workbook".encode("utf-16-le"), "application/vnd.ms-excel"),
    ("PowerPoint Document".encode("utf-16-le"), "application/vnd.ms-powerpoint"),
)
# [MS-OVBA] §2.2.1: the storage of a VBA project holds a stream of this name, whatever the document is.
OLE_MACROS = "_VBA_PROJECT".encode("utf-16-le")

TEXT_SUFFIXES = {
    "": "text/plain",
    ".txt": "text/plain",
    ".text": "text/plain",
    ".log": "text/plain",
    ".csv": "text/csv",
}
SCRIPT_MARKS = (b"#!", b"<?php", b"<script", b"<!doctype html", b"<html", b"<svg", b"<hta:")
# What text may hold below the space: tab, line feed, form feed, carriage return.
CONTROL = bytes(set(range(32)) - {9, 10, 12, 13})


class Inspector:
    """Fed the pieces of one file, it tells its media type, or refuses."""

    def __init__(self, name: str = "") -> None:
        self._suffix = PurePath(name).suffix.casefold()
        self._head = b""
        self._tail = b""
        self._texts = [_Text(encoding) for encoding in ("utf-8", "gb18030", "utf-16")]
        self._ole: str | None = None
        self._macros = False

    def feed(self, piece: bytes) -> None:
        """Look at the next piece."""
        if len(self._head) < HEAD:
            self._head += piece[: HEAD - len(self._head)]
        if self._head.startswith(OLE_MARK) and self._ole is None:
            # A name may lie across two pieces: the end of the last one is looked at again.
            seen = self._tail[-64:] + piece
            self._ole = next((kind for mark, kind in OLE_STREAMS if mark in seen), None)
        if self._head.startswith(OLE_MARK):
            self._macros = self._macros or OLE_MACROS in self._tail[-64:] + piece
        self._tail = (self._tail + piece)[-TAIL:]
        self._texts = [text for text in self._texts if text.goes_on(piece)]

    def media_type(self) -> str:
        """The type of the whole; raises EvidenceTypeNotAllowed."""
        found = self._known() or self._text()
        if found is None:
            raise EvidenceTypeNotAllowed
        return found

    def _known(self) -> str | None:
        """The type by the marks of a binary format."""
        head = self._head
        if head.startswith(b"PK\x03\x04"):
            return self._zipped()
        if head.startswith(OLE_MARK):
            if self._macros:
                raise EvidenceMacros
            return self._ole
        if head[4:8] == b"ftyp":
            return _by_brand(head[8:12])
        if head[4:8] in {b"moov", b"wide"}:
            return "video/quicktime"
        guessed = filetype.guess_mime(head)
        return guessed if guessed in ALLOWED else None

    def _zipped(self) -> str | None:
        """Office documents by the names in their directory, which stands at the end; other archives are not taken."""
        at = self._head.find(OPEN_DOCUMENT, 0, 200)
        if at >= 0:
            rest = self._head[at + len(OPEN_DOCUMENT) :]
            kind = next((kind for kind in OPEN_KINDS if rest.startswith(kind.encode())), None)
            return f"application/vnd.oasis.opendocument.{kind}" if kind else None
        if b"[Content_Types].xml" not in self._tail:
            return None
        if b"vbaProject.bin" in self._tail:
            raise EvidenceMacros
        return next((kind for mark, kind in ZIPPED if mark in self._tail), None)

    def _text(self) -> str | None:
        """Text in a usual encoding that is not a script."""
        start = self._head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if not self._texts or not any(text.ended_well() for text in self._texts):
            return None
        if any(mark in start[:1024] if mark.startswith(b"<") else start.startswith(mark) for mark in SCRIPT_MARKS):
            return None
        return TEXT_SUFFIXES.get(self._suffix)


class _Text:
    """Whether a stream of pieces is text in one encoding."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._begun = False

    def goes_on(self, piece: bytes) -> bool:
        """Whether the text is still one after this piece."""
        if self._encoding == "utf-16":
            if not self._begun and not piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return False
        elif piece.translate(None, CONTROL) != piece:
            return False
        self._begun = True
        try:
            decoded = self._decoder.decode(piece)
        except UnicodeDecodeError:
            return False
        return "\0" not in decoded

    def ended_well(self) -> bool:
        """Whether no half character is left at the end."""
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return True


def _by_brand(brand: bytes) -> str | None:
    """The type of an ISO base media file (ISO/IEC 14496-12 §4.3) by its major brand."""
    if brand in {b"M4A ", b"M4B "}:
        return "audio/mp4"
    if brand == b"qt  ":
        return "video/quicktime"
    if brand in {b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis", b"hevc", b"hevx"}:
        return "image/heic"
    if brand.startswith((b"mp4", b"iso", b"avc", b"M4V", b"dash", b"MSNV", b"f4v")):
        return "video/mp4"
    return None

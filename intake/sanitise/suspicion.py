"""Signs that a file is made to be something else as well, or to be taken for something else."""

from __future__ import annotations

import re
from pathlib import PurePath

from intake.sanitise.verdict import Hostile

_SCRIPTS = re.compile(rb"<(?:script|html|!doctype html|\?php|svg[\s>]|iframe|hta:)", re.IGNORECASE)
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_END_OF_ZIP = b"PK\x05\x06"
# What begins so is also a valid statement of JavaScript: GIF89a/*…, GIF89a=…, RIFF=…
_STATEMENTS = (b"/*", b"//", b"=1", b"='", b'="')
_HEAD = 1024
PACKED = ("application/vnd.openxmlformats", "application/vnd.oasis")
# Unicode overrides: "photo\u202egpj.exe" is shown as "photoexe.jpg". Other marks of direction come from phones.
_DECEIVING = re.compile("[\x00\u202d\u202e]")
_UNSEEN = re.compile("[\x01-\x1f\x7f\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069]")
FAMILIES = {
    "picture": {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif"},
    "paper": {".pdf"},
    "document": {
        ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".ods", ".odp", ".rtf", ".wps", ".et", ".dps",
        ".dotx", ".xltx",
    },
    "recording": {
        ".mp3", ".amr", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".wav", ".mp4", ".m4v", ".mov", ".3gp", ".ogv",
    },
    "text": {".txt", ".text", ".log", ".csv"},
    "program": {
        ".exe", ".com", ".scr", ".pif", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta", ".lnk",
        ".msi", ".jar", ".apk", ".dll", ".cpl", ".reg", ".html", ".htm", ".xhtml", ".svg", ".php", ".sh", ".py",
        ".docm", ".xlsm", ".pptm", ".zip", ".rar", ".7z", ".iso",
    },
}  # fmt: skip


def family(media_type: str) -> str:
    """Picture, paper, document, recording or text."""
    if media_type.startswith("image/"):
        return "picture"
    if media_type.startswith(("audio/", "video/")):
        return "recording"
    if media_type.startswith("text/"):
        return "text"
    return "paper" if media_type == "application/pdf" else "document"


def fit_name(name: str) -> str:
    """The last part of a path, which is all that a name may be; raises Hostile for signs that deceive the eye."""
    if _DECEIVING.search(name):
        raise Hostile("name")
    last = re.split(r"[/\\]", _UNSEEN.sub("", name))[-1].strip()
    return "" if last in {".", ".."} else last


def check_name(name: str, media_type: str) -> None:
    """Raise Hostile where the name claims another family than the content has; within one, phones err all the time."""
    suffix = PurePath(name).suffix.casefold()
    claimed = next((kind for kind, suffixes in FAMILIES.items() if suffix in suffixes), None)
    if claimed is not None and claimed != family(media_type):
        raise Hostile("lies")


def check_content(content: bytes, media_type: str) -> None:
    """Raise Hostile where another reader would take the same bytes for an archive, a paper, a page or a script."""
    if media_type.startswith("text/"):
        return
    head = content[:_HEAD]
    if _ends_as_archive(content) and not media_type.startswith(PACKED):
        raise Hostile("polyglot")
    if media_type.startswith(PACKED):
        return
    if b"%PDF-" in head and media_type != "application/pdf":
        raise Hostile("polyglot")
    if _SCRIPTS.search(head) or any(mark in content for mark in _ARCHIVES):
        raise Hostile("polyglot")
    if (head[:4] == b"RIFF" and head[4:6] in _STATEMENTS) or (head[:3] == b"GIF" and head[6:8] in _STATEMENTS):
        raise Hostile("polyglot")


def _ends_as_archive(content: bytes) -> bool:
    """Whether a zip's directory ends here: its last record says how long the comment is that fills the rest."""
    at = content.rfind(_END_OF_ZIP, max(0, len(content) - 65_557))
    while at >= 0:
        if at + 22 <= len(content) and at + 22 + int.from_bytes(content[at + 20 : at + 22], "little") == len(content):
            return True
        at = content.rfind(_END_OF_ZIP, max(0, len(content) - 65_557), at)
    return False

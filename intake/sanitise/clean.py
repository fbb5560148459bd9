"""One file, cleaned by the rules of its family; runs only inside the process that is made for it."""

from __future__ import annotations

from intake.sanitise import suspicion
from intake.sanitise.verdict import Cleaned, Limits, Withheld

_LEGACY = frozenset({"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"})


def clean(content: bytes, media_type: str, limits: Limits) -> Cleaned:
    """A copy that tells only what the file shows; raises Hostile or Withheld.

    Each family's library is loaded only where it is needed: a process lives for one file.
    """
    # ruff: noqa: PLC0415
    suspicion.check_content(content, media_type)
    if media_type.startswith("image/"):
        from intake.sanitise import images

        return images.clean(content, media_type, limits)
    if media_type == "application/pdf":
        from intake.sanitise import pdf

        return pdf.clean(content, limits)
    if media_type.startswith("application/vnd.openxmlformats"):
        from intake.sanitise import office

        return office.clean(content, media_type, limits)
    if media_type.startswith("application/vnd.oasis"):
        from intake.sanitise import opendocument

        return opendocument.clean(content, media_type, limits)
    if media_type.startswith("text/"):
        from intake.sanitise import plain

        return plain.clean(content, media_type)
    if media_type.startswith(("audio/", "video/")):
        return _recording(content, media_type)
    raise Withheld("legacy" if media_type in _LEGACY else "unknown")


def _recording(content: bytes, media_type: str) -> Cleaned:
    from intake.sanitise import boxes, sound

    if media_type in {"audio/mp4", "video/mp4", "video/quicktime"}:
        return boxes.clean(content, media_type)
    by_type = {
        "audio/mpeg": sound.mpeg, "audio/x-wav": sound.wave, "audio/amr": sound.amr, "audio/ogg": sound.ogg,
    }  # fmt: skip
    if media_type not in by_type:
        raise Withheld("unknown")
    return by_type[media_type](content)

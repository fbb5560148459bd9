"""Pictures: decoded, set upright, brought to sRGB, and encoded anew from their pixels alone.

What is not a pixel does not come along: no EXIF, XMP, IPTC, profile, comment, thumbnail, nor anything after the end.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError

from intake.sanitise.verdict import Cleaned, Hostile, Limits, Withheld

FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
    "image/bmp": ("BMP",),
    "image/tiff": ("TIFF",),
    "image/heic": ("HEIF",),
}
ANIMATED = frozenset({"image/gif", "image/webp", "image/png"})
QUALITY = 92
"""Of JPEG and WebP: no difference is seen, and the tables are not the camera's own."""
TOGETHER = 10
"""All frames together may have this many times the pixels of the largest single picture."""
# EXIF 2.32 §4.6: the tags that tell on somebody, by what they tell.
TELLING = {
    0x8825: "location",
    0x010F: "device", 0x0110: "device", 0xA430: "author", 0xA431: "device", 0xA434: "device", 0xA435: "device",
    0x013B: "author", 0x9C9D: "author", 0x8298: "author",
    0x0131: "software",
    0x0132: "time", 0x9003: "time", 0x9004: "time",
    0x9286: "comment", 0x010E: "comment", 0x9C9C: "comment",
    0x927C: "maker_note",
    0x02BC: "xmp", 0x83BB: "iptc", 0x8773: "profile",
}  # fmt: skip
INFO = {
    "xmp": "xmp", "XML:com.adobe.xmp": "xmp", "photoshop": "iptc", "icc_profile": "profile",
    "comment": "comment", "mp": "thumbnail",
}  # fmt: skip

Image.MAX_IMAGE_PIXELS = None  # the budget is ours, and is kept before anything is decoded


def clean(content: bytes, media_type: str, limits: Limits) -> Cleaned:
    """The picture as pixels alone; raises Hostile over budget, Withheld where it cannot be read."""
    removed: Counter[str] = Counter()
    for lenient in (False, True):
        # A photo whose transfer broke off still shows what came: its rest is grey, and that is said.
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
        try:
            with _opened(content, media_type, limits) as picture:
                removed = _found(picture, content, media_type)
                if lenient:
                    removed["incomplete"] = 1
                out = io.BytesIO()
                kind = _save(picture, media_type, out)
                return Cleaned(out.getvalue(), kind, removed)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError):
            if lenient:
                raise Withheld("damaged") from None
    raise Withheld("damaged")


def _opened(content: bytes, media_type: str, limits: Limits) -> Image.Image:
    """The picture with its header read and nothing decoded, within the budget."""
    if media_type == "image/heic":
        import pi_heif  # noqa: PLC0415 - only iPhone photos need it

        pi_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    picture = Image.open(io.BytesIO(content), formats=FORMATS[media_type])
    if picture.width * picture.height > limits.pixels:
        raise Hostile("bomb")
    frames = getattr(picture, "n_frames", 1)
    if frames > limits.frames or frames * picture.width * picture.height > TOGETHER * limits.pixels:
        raise Hostile("bomb")
    return picture


def _save(picture: Image.Image, media_type: str, out: io.BytesIO) -> str:
    """Write the pixels; the type of what was written."""
    frames = getattr(picture, "n_frames", 1)
    if media_type == "image/tiff":
        _save_pages(picture, frames, out)
        return media_type
    if media_type in ANIMATED and frames > 1:
        _save_animation(picture, media_type, out)
        return media_type
    pixels = bare(picture)
    if media_type in {"image/jpeg", "image/heic"}:
        _flat(pixels).save(out, "JPEG", quality=QUALITY, subsampling=_sampling(picture))
        return "image/jpeg"
    if media_type == "image/bmp":
        _flat(pixels).save(out, "BMP")
    elif media_type == "image/webp":
        pixels.save(out, "WEBP", quality=QUALITY)
    else:
        pixels.save(out, FORMATS[media_type][0])
    return media_type


def _sampling(picture: Image.Image) -> int:
    """Colours as fine as they were: 4:4:4, or 4:2:0 where the camera had halved them."""
    from PIL import JpegImagePlugin  # noqa: PLC0415 - a function of the plugin

    with suppress(Exception):
        return 2 if JpegImagePlugin.get_sampling(picture) == 2 else 0
    return 0


def _save_pages(picture: Image.Image, frames: int, out: io.BytesIO) -> None:
    """A paper scanned as TIFF, page after page, one in memory at a time."""
    with TiffImagePlugin.AppendingTiffWriter(out) as writer:
        for number in range(frames):
            picture.seek(number)
            bare(picture).save(writer, "TIFF", compression="tiff_deflate")
            writer.newFrame()


def _save_animation(picture: Image.Image, media_type: str, out: io.BytesIO) -> None:
    """Every frame with its time; nothing else of the file."""
    times: list[int] = []
    loop = picture.info.get("loop", 1 if media_type == "image/gif" else 0)

    def drawn() -> Iterator[Image.Image]:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            times.append(int(picture.info.get("duration", 0)) or 100)
            yield bare(picture).convert("RGBA")

    first, *rest = drawn()
    told: dict[str, Any] = {"save_all": True, "append_images": rest, "duration": times}
    if media_type != "image/gif" or loop != 1:
        told["loop"] = int(loop)
    if media_type == "image/gif":
        told |= {"disposal": 2, "optimize": False}
    if media_type == "image/webp":
        told |= {"quality": QUALITY}
    first.save(out, FORMATS[media_type][0], **told)


def bare(picture: Image.Image) -> Image.Image:
    """The pixels of the frame that is shown, upright, in sRGB, in a mode that every encoder knows; no further words."""
    picture.load()
    profile = picture.info.get("icc_profile")
    frame = ImageOps.exif_transpose(picture) if picture.format != "HEIF" else picture.copy()
    if frame.mode == "P":
        frame = frame.convert("RGBA" if "transparency" in frame.info else "RGB")
    elif "transparency" in frame.info and frame.mode in {"L", "RGB"}:
        frame = frame.convert("LA" if frame.mode == "L" else "RGBA")
    if profile:
        frame = _in_srgb(frame, profile)
    if frame.mode not in {"1", "L", "LA", "RGB", "RGBA", "I;16", "I", "F"}:
        frame = frame.convert("RGB")
    if frame is picture or frame.info:
        frame = frame.copy()
        frame.info = {}
    return frame


def _in_srgb(frame: Image.Image, profile: bytes) -> Image.Image:
    """The colours as they were meant, without the profile: phones photograph in Display P3."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if frame.mode in {"RGB", "RGBA", "CMYK"} and "srgb" not in ImageCms.getProfileDescription(source).lower():
            mode = "RGBA" if frame.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(frame, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            return converted or frame
    return frame


def _flat(pixels: Image.Image) -> Image.Image:
    """In a mode that JPEG and BMP know; what was transparent is white."""
    if pixels.mode in {"L", "RGB"}:
        return pixels
    if pixels.mode in {"LA", "RGBA"}:
        white = Image.new("RGBA", pixels.size, "white")
        return Image.alpha_composite(white, pixels.convert("RGBA")).convert("RGB")
    if pixels.mode in {"I", "I;16", "F"}:
        return pixels.point(lambda value: value / 256).convert("L")
    return pixels.convert("RGB")


def _found(picture: Image.Image, content: bytes, media_type: str) -> Counter[str]:
    """What the file told beside its pixels, by kind; for the record, and never what it said."""
    found: Counter[str] = Counter()
    with suppress(Exception):  # broken metadata is dropped like any other
        exif = picture.getexif()
        if media_type != "image/tiff" and exif.get_ifd(ExifTags.IFD.IFD1):  # of a TIFF it is the second page
            found["thumbnail"] = 1
        tags = [*exif, *exif.get_ifd(0x8769)]
        found.update({kind for tag in tags if (kind := TELLING.get(tag))})
    for name in picture.info:
        if name in INFO:
            found[INFO[name]] = 1
    if getattr(picture, "text", None):
        found["comment"] = 1
    if media_type == "image/jpeg" and b"ftyp" in content[content.rfind(b"\xff\xd9") :][:64]:
        found["embedded"] = 1
    if media_type == "image/bmp" and int.from_bytes(content[2:6], "little") < len(content):
        found["other"] = 1
    if media_type == "image/heic" and getattr(picture, "n_frames", 1) > 1:
        found["further_frames"] = getattr(picture, "n_frames", 1) - 1
    return found

"""The corpus: a file of each format, built here, with planted places, authors, devices, programs, notes and previews."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin, TiffImagePlugin

WORDS = ("PlantedAuthor", "PlantedMaker", "PlantedPhone", "PlantedProgram", "PlantedNote", "PlantedXmp", "王小明")
XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    b"<rdf:Description xmlns:p='urn:p'><p:by>PlantedXmp</p:by></rdf:Description></rdf:RDF></x:xmpmeta>"
)


@dataclass(frozen=True)
class Sample:
    """One file with what was planted in it."""

    name: str
    content: bytes
    words: tuple[str, ...]


def picture(size: tuple[int, int] = (96, 48), mode: str = "RGB") -> Image.Image:
    """Something whose up and left can be told: a red corner and a blue bar."""
    drawn = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 0, size[0] // 3, size[1] // 3), "#c00000")
    pen.rectangle((0, size[1] - 8, size[0], size[1]), "#0000c0")
    return drawn.convert(mode)


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: maker, model, author, program, note, place, and a preview with words of its own."""
    told = Image.Exif()
    told[0x010F], told[0x0110], told[0x013B] = "PlantedMaker", "PlantedPhone 12", "PlantedAuthor"
    told[0x0131], told[0x010E], told[0x0112] = "PlantedProgram 3.1", "PlantedNote", orientation
    told[0x9C9D] = "王小明".encode("utf-16-le")
    told.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0PlantedNote"
    told.get_ifd(0x8769)[0x927C] = b"PlantedMaker"
    place = told.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (36.0, 5.0, 17.25), "E", (107.0, 38.0, 12.5)
    return told


def _with_preview(told: bytes) -> bytes:
    """EXIF with a second directory, which holds a preview (EXIF 2.32 §4.5.2)."""
    small = io.BytesIO()
    picture((16, 8)).save(small, "JPEG", comment=b"PlantedNote")
    tiff = bytearray(told.removeprefix(b"Exif\0\0"))
    order = "<" if tiff[:2] == b"II" else ">"
    (first,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, first)
    struct.pack_into(order + "I", tiff, first + 2 + 12 * count, len(tiff))
    where = len(tiff) + 2 + 24 + 4
    tiff += struct.pack(order + "H", 2)
    tiff += struct.pack(order + "HHII", 0x201, 4, 1, where)
    tiff += struct.pack(order + "HHII", 0x202, 4, 1, len(small.getvalue()))
    tiff += struct.pack(order + "I", 0) + small.getvalue()
    return b"Exif\0\0" + bytes(tiff)


def profile() -> bytes:
    """A colour profile that names its maker."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return plain.replace(b"sRGB built-in", b"PlantedProgram").replace(
        "sRGB built-in".encode("utf-16-be"), "PlantedMaker ".encode("utf-16-be")
    )


IPTC = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", 18) + b"\x1c\x02\x50\x00\x0dPlantedAuthor"


def jpeg(orientation: int = 6, mode: str = "RGB", behind: bytes = b"PlantedNote behind the end") -> bytes:
    """A phone's photo."""
    out = io.BytesIO()
    picture(mode=mode).save(
        out, "JPEG", quality=95, exif=_with_preview(exif(orientation).tobytes()), comment=b"PlantedNote",
        icc_profile=profile() if mode == "RGB" else None, xmp=XMP,
    )  # fmt: skip
    content = out.getvalue()
    return content[:2] + b"\xff\xed" + struct.pack(">H", len(IPTC) + 2) + IPTC + content[2:] + behind


def png() -> bytes:
    """With words in each of its chunks for words."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "PlantedAuthor")
    told.add_text("Comment", "PlantedNote", zip=True)
    told.add_itxt("XML:com.adobe.xmp", XMP.decode())
    told.add(b"prVt", b"PlantedMaker")
    out = io.BytesIO()
    picture().save(out, "PNG", pnginfo=told, exif=exif().tobytes(), icc_profile=profile())
    return out.getvalue()


def gif() -> bytes:
    """Three frames with a comment, and XMP in an extension."""
    frames = [picture().rotate(angle) for angle in (0, 90, 180)]
    out = io.BytesIO()
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0, comment=b"PlantedNote"
    )
    content = out.getvalue()
    extension = b"!\xff\x0bXMP DataXMP" + bytes([len(XMP[:250])]) + XMP[:250] + b"\0"
    named = b"!\xfe\x0dPlantedAuthor\0"
    at = content.index(b"!\xff\x0bNETSCAPE")
    return content[:at] + named + extension + content[at:]


def webp() -> bytes:
    """With EXIF, XMP and a profile."""
    out = io.BytesIO()
    picture().save(out, "WEBP", lossless=True, exif=exif().tobytes(), xmp=XMP, icc_profile=profile())
    return out.getvalue()


def tiff() -> bytes:
    """Two scanned pages, tagged."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[271], tags[272], tags[305], tags[315] = "PlantedMaker", "PlantedPhone", "PlantedProgram", "PlantedAuthor"
    tags[270], tags[316], tags[700] = "PlantedNote", "PlantedMaker host", XMP
    out = io.BytesIO()
    picture().save(out, "TIFF", save_all=True, append_images=[picture().rotate(180)], tiffinfo=tags)
    return out.getvalue()


def bmp() -> bytes:
    """BMP has no place for words but behind its pixels."""
    out = io.BytesIO()
    picture().save(out, "BMP")
    return out.getvalue() + b"PlantedNote"


def heic() -> bytes:
    """An iPhone's format, made once and kept: nothing here can write it."""
    return (Path(__file__).parent / "phone.heic").read_bytes()


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def samples() -> list[Sample]:
    """All of them."""
    from tests.intake.sanitise import corpus_papers as papers
    from tests.intake.sanitise import corpus_recordings as recordings

    made: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
        "照片.jpg": (jpeg, WORDS),
        "截图.png": (png, ("PlantedAuthor", "PlantedNote", "PlantedXmp", "PlantedMaker", "PlantedPhone")),
        "动图.gif": (gif, ("PlantedNote", "PlantedAuthor", "PlantedXmp")),
        "图.webp": (webp, ("PlantedAuthor", "PlantedMaker", "PlantedXmp", "PlantedProgram")),
        "扫描.tif": (tiff, ("PlantedAuthor", "PlantedMaker", "PlantedPhone", "PlantedProgram", "PlantedXmp")),
        "图.bmp": (bmp, ("PlantedNote",)),
        "苹果.heic": (heic, ("PlantedAuthor", "PlantedMaker", "PlantedPhone", "PlantedXmp")),
        "单据.pdf": (papers.pdf, papers.PDF_WORDS),
        "材料.docx": (papers.docx, papers.OFFICE_WORDS),
        "明细.xlsx": (papers.xlsx, papers.SHEET_WORDS),
        "汇报.pptx": (papers.pptx, papers.OFFICE_WORDS),
        "材料.odt": (papers.odt, papers.OPEN_WORDS),
        "录音.mp3": (recordings.mp3, ("PlantedAuthor", "PlantedProgram", "PlantedNote", "PlantedMaker")),
        "录音.wav": (recordings.wav, ("PlantedAuthor", "PlantedProgram", "PlantedNote")),
        "录音.ogg": (recordings.ogg, ("PlantedAuthor", "PlantedProgram")),
        "录音.amr": (recordings.amr, ("PlantedNote",)),
        "录像.mp4": (recordings.mp4, recordings.FILM_WORDS),
        "录像.mov": (recordings.mov, recordings.FILM_WORDS),
        "录音.m4a": (recordings.m4a, recordings.FILM_WORDS),
    }
    return [Sample(name, build(), words) for name, (build, words) in made.items()]


def opened(content: bytes) -> Any:
    """A picture, decoded."""
    shown = Image.open(io.BytesIO(content))
    shown.load()
    return shown

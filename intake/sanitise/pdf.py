"""PDF (ISO 32000-2): pages written anew without information, attachments, scripts, authors and earlier revisions.

What a page shows stays; the catalogue is rebuilt from the few entries that showing needs.
"""

from __future__ import annotations

import io
import re
import zlib
from collections import Counter
from contextlib import suppress
from typing import Any

import pikepdf

from intake.sanitise import jpeg
from intake.sanitise.verdict import Cleaned, Hostile, Limits, Withheld

ROOT = frozenset({
    "/Type", "/Pages", "/PageLabels", "/Outlines", "/Dests", "/Names", "/PageMode", "/PageLayout", "/AcroForm",
    "/OCProperties", "/Lang", "/MarkInfo", "/StructTreeRoot",
})  # fmt: skip
EVERYWHERE = {
    "/Metadata": "xmp", "/PieceInfo": "properties", "/LastModified": "time", "/AA": "active", "/Thumb": "thumbnail",
    "/JS": "active", "/AF": "embedded", "/EmbeddedFiles": "embedded", "/JavaScript": "active", "/XFA": "active",
    "/SpiderInfo": "properties", "/CreatorInfo": "software", "/OpenAction": "active", "/Info": "properties",
    "/Renditions": "embedded", "/AlternatePresentations": "active", "/IDS": "properties", "/URLS": "properties",
    "/WebCaptureInfo": "properties", "/EF": "embedded", "/RichMediaContent": "embedded", "/URI_Base": "path",
}  # fmt: skip
NOTED = {"/T": "author", "/M": "time", "/CreationDate": "time", "/NM": "author", "/Subj": "author", "/RC": "author"}
HARMLESS_ACTIONS = frozenset({"/GoTo", "/URI", "/Named"})
FOREIGN = frozenset({"/FileAttachment", "/Sound", "/Movie", "/RichMedia", "/Screen", "/3D", "/TrapNet"})
SIGNED = frozenset({"/Sig", "/DocTimeStamp"})
_STREAM = re.compile(rb"stream(?:\r\n|\n|\r)")
_WRAPPED = frozenset({
    "/ASCIIHexDecode", "/AHx", "/ASCII85Decode", "/A85", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL",
})  # fmt: skip
_PICTURES = frozenset({"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"})
_CHUNK = 1 << 20
DEPTH = 4


def clean(content: bytes, limits: Limits) -> Cleaned:
    """The paper as its pages; raises Hostile over budget, Withheld where a password is asked or nothing opens."""
    _no_bomb(content, limits.unpacked)
    try:
        with pikepdf.open(io.BytesIO(content)) as paper:
            if len(paper.pages) > limits.pages:
                raise Hostile("bomb")
            if not len(paper.pages):
                raise Withheld("damaged")
            removed: Counter[str] = Counter()
            _trailer(paper, removed)
            for page in paper.pages:
                _annotations(page.obj, removed)
            left = limits.unpacked
            for thing in paper.objects:
                if isinstance(thing, pikepdf.Stream):
                    left = _no_hidden_bomb(thing, limits, left)
                _object(thing, removed)
            out = io.BytesIO()
            paper.save(
                out,
                deterministic_id=True,
                encryption=False,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                fix_metadata_version=False,
            )
    except pikepdf.PasswordError:
        raise Withheld("encrypted") from None
    except pikepdf.PdfError:
        raise Withheld("damaged") from None
    if content.count(b"%%EOF") > 1:
        removed["revisions"] = 1
    return Cleaned(out.getvalue(), "application/pdf", removed)


def _no_bomb(content: bytes, budget: int) -> None:
    """Unpack every packed stream in small pieces, keeping none, before anything reads the file as a whole.

    It looks at bytes alone: tables and compressed objects are counted before a parser opens them, and no dictionary
    can say that a stream is not packed.
    """
    left, view = budget, memoryview(content)
    for found in _STREAM.finditer(content):
        left = _unpacked(view[found.end() :], left)


def _unpacked(packed: memoryview, left: int) -> int:
    """What is left of the budget after one stream, and after what is packed within it."""
    chain: list[Any] = []

    def feed(level: int, piece: bytes | memoryview) -> None:
        nonlocal left
        if level == len(chain):
            chain.append(zlib.decompressobj() if _begins_packed(piece) else None)
            if len(chain) > DEPTH and chain[-1]:
                raise Hostile("bomb")
        unpacker, waiting = chain[level], piece
        while unpacker and waiting and not unpacker.eof:
            got = unpacker.decompress(waiting, _CHUNK)
            waiting = unpacker.unconsumed_tail
            left -= len(got)
            if left < 0:
                raise Hostile("bomb")
            if got:
                feed(level + 1, got)

    with suppress(zlib.error):  # broken: nothing more comes out of it
        for at in range(0, len(packed), _CHUNK):
            feed(0, packed[at : at + _CHUNK])
            if not chain[0] or chain[0].eof:
                break
    return left


def _begins_packed(piece: bytes | memoryview) -> bool:
    """RFC 1950 §2.2: the method is 8, and both bytes together are a multiple of 31."""
    return len(piece) > 1 and piece[0] & 15 == 8 and (piece[0] << 8 | piece[1]) % 31 == 0


def _no_hidden_bomb(thing: pikepdf.Stream, limits: Limits, left: int) -> int:
    """Streams in other packings, unpacked within the memory that there is, and pictures that say how large they are."""
    width, height = thing.get("/Width", 0), thing.get("/Height", 0)
    if isinstance(width, int) and isinstance(height, int) and width * height > limits.pixels:
        raise Hostile("bomb")
    filters = thing.get("/Filter")
    names = {str(name) for name in (filters if isinstance(filters, pikepdf.Array) else [filters])}
    if names & _WRAPPED and not names & _PICTURES:
        left -= len(thing.read_bytes())
        if left < 0:
            raise Hostile("bomb")
    return left


def _trailer(paper: pikepdf.Pdf, removed: Counter[str]) -> None:
    """The catalogue with what showing needs, and no document information."""
    if "/Info" in paper.trailer:
        removed["properties"] += 1
        del paper.trailer["/Info"]
    root = paper.Root
    for name in list(root.keys()):
        if name not in ROOT:
            removed[EVERYWHERE.get(name, "properties")] += 1
            del root[name]
    if "/Names" in root:
        for name in list(root.Names.keys()):
            if name != "/Dests":
                removed[EVERYWHERE.get(name, "embedded")] += 1
                del root.Names[name]
    if "/AcroForm" in root:
        for name in ("/XFA", "/SigFlags", "/CO"):
            if name in root.AcroForm:
                del root.AcroForm[name]


def _annotations(page: pikepdf.Object, removed: Counter[str]) -> None:
    """Notes stay without their authors; attachments and players go."""
    noted = page.get("/Annots")
    if not isinstance(noted, pikepdf.Array):
        return
    kept = pikepdf.Array()
    for note in noted:
        if not isinstance(note, pikepdf.Dictionary) or str(note.get("/Subtype", "")) in FOREIGN:
            removed["embedded"] += 1
            continue
        kept.append(note)
    page["/Annots"] = kept


def _object(thing: Any, removed: Counter[str]) -> None:
    """One object: whatever tells is taken out, of pictures their own metadata too."""
    if isinstance(thing, pikepdf.Stream):
        _dictionary(thing, removed)
        _picture(thing, removed)
    else:
        _inside(thing, removed, 0)


def _inside(thing: Any, removed: Counter[str], depth: int) -> None:
    """Direct values within an object; what is referred to comes in its own turn."""
    if depth > 30:
        raise Withheld("damaged")
    if isinstance(thing, pikepdf.Dictionary):
        _dictionary(thing, removed, depth)
    elif isinstance(thing, pikepdf.Array):
        for value in thing:
            if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
                _inside(value, removed, depth + 1)


def _dictionary(thing: Any, removed: Counter[str], depth: int = 0) -> None:
    """The entries of a dictionary, or of a stream's dictionary."""
    subtype = str(thing.get("/Subtype", "")) if isinstance(thing.get("/Subtype"), pikepdf.Name) else ""
    note = "/Rect" in thing and bool(subtype)
    signature = str(thing.get("/FT", "")) == "/Sig" or str(thing.get("/Type", "")) in SIGNED
    for name in list(thing.keys()):
        if name in EVERYWHERE:
            removed[EVERYWHERE[name]] += 1
            del thing[name]
        elif note and name in NOTED and not (name == "/T" and subtype == "/Widget"):
            removed[NOTED[name]] += 1
            del thing[name]
        elif signature and name in {"/V", "/Name", "/Reason", "/Location", "/ContactInfo", "/M", "/Contents", "/Cert"}:
            removed["signature"] += 1
            del thing[name]
        elif name in {"/A", "/Next", "/PA"} and _acts(thing[name]):
            removed["active"] += 1
            del thing[name]
        elif isinstance(value := thing[name], pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            _inside(value, removed, depth + 1)


def _acts(action: Any) -> bool:
    """Whether an action does more than lead to a place."""
    actions = list(action) if isinstance(action, pikepdf.Array) else [action]
    return any(
        isinstance(one, pikepdf.Dictionary) and "/S" in one and str(one["/S"]) not in HARMLESS_ACTIONS
        and str(one.get("/Type", "/Action")) == "/Action" and "/O" not in one
        for one in actions
    )  # fmt: skip


def _picture(thing: pikepdf.Stream, removed: Counter[str]) -> None:
    """A photograph inside the paper: its own EXIF and words go, its pixels stay as they are."""
    filters = thing.get("/Filter")
    last = filters[-1] if isinstance(filters, pikepdf.Array) and len(filters) else filters
    if str(last) != "/DCTDecode" or (isinstance(filters, pikepdf.Array) and len(filters) > 1):
        return
    stripped = jpeg.stripped(thing.read_raw_bytes())
    if stripped is not None:
        removed["picture_metadata"] += 1
        parameters: Any = thing.get("/DecodeParms")
        thing.write(stripped, filter=pikepdf.Name.DCTDecode, decode_parms=parameters)

"""Word, Excel and PowerPoint documents (ECMA-376): their parts without properties, authors, revisions' marks and traps.

What is written and drawn stays, also in comments and tracked changes; who wrote it, when, and on which machine goes.
"""

from __future__ import annotations

import posixpath
from collections import Counter

from lxml import etree

from intake.sanitise import embedded, markup, packages
from intake.sanitise.verdict import Cleaned, Hostile, Limits, Withheld

CONTENT_TYPES = "[Content_Types].xml"
DROPPED = (
    "docprops/", "customxml/", "docmetadata/", "customui/", "_xmlsignatures/", "package/",
    "word/webextensions/", "word/customizations.xml", "word/vbadata.xml", "word/recipientdata.xml",
    "xl/printersettings/", "ppt/printersettings/", "word/printersettings/", "xl/webextensions/",
    "xl/activex/", "word/activex/", "ppt/activex/", "xl/ctrlprops/", "xl/connections.xml", "xl/querytables/",
    "xl/revisions/", "xl/custommaps/", "xl/custompropert", "ppt/changesinfos/", "ppt/revisioninfo.xml",
    "xl/customdata/", "xl/usernames.xml", "word/userids", "ppt/tags/",
)  # fmt: skip
# Elements that stand for a dropped part or hold nothing but words about people and machines.
ELEMENTS = {
    "rsids": "revision_marks", "attachedTemplate": "template", "absPath": "path", "docVars": "properties",
    "presenceInfo": "author", "fileSharing": "author", "control": "active",
    "mailMerge": "data_source", "revisionPtr": "revision_marks", "cmAuthorLstExt": "author",
    "saveThroughXslt": "path", "webPublishing": "path", "creationId": "revision_marks",
    "custDataLst": "properties", "documentProtection": "protection", "fileRecoveryPr": "revision_marks",
}  # fmt: skip
AUTHORED = {
    "author": "author", "initials": "author", "userId": "author", "providerId": "author", "userName": "author",
    "lastModifiedBy": "author", "authorEmail": "author",
}  # fmt: skip
MARKS = ("rsid", "paraId", "textId")
_WORKING = ("/comments", "/people.xml", "/persons/", "/threadedcomments/", "/commentauthors.xml", "/authors.xml")
_POINTING = frozenset({"externalData", "subDoc", "altChunk", "externalReference", "oleObject", "OLEObject"})
_MACRO_TYPES = (b"vbaProject", b"macroEnabled", b"ms-excel.macrosheet", b"intlmacrosheet")
_HYPERLINK = "/hyperlink"


def clean(content: bytes, media_type: str, limits: Limits, depth: int = 0) -> Cleaned:
    """The document rebuilt; raises Hostile for macros, bombs and traps, Withheld where it cannot be read."""
    parts = packages.unpack(content, limits)
    if CONTENT_TYPES not in parts:
        raise Withheld("encrypted" if "EncryptedPackage" in parts else "damaged")
    _no_macros(parts)
    removed: Counter[str] = Counter()
    kept: dict[str, bytes] = {}
    for name, part in parts.items():
        lowered = name.casefold()
        if lowered.startswith(DROPPED) or "thumbnail" in lowered:
            removed["properties" if lowered.startswith("docprops") else "embedded"] += 1
        elif lowered.endswith((".xml", ".rels", ".vml")):
            kept[name] = part
        elif "/embeddings/" in lowered:
            kept[name] = _nested(part, limits, removed, depth)
        elif lowered.endswith((".odttf", ".fntdata", ".ttf")):
            kept[name] = part
        else:
            kept[name] = embedded.clean(part, limits, removed)
    lost = _relate(kept, removed)
    kept[CONTENT_TYPES] = _types(kept[CONTENT_TYPES], kept)
    for name in [name for name in kept if name.casefold().endswith((".xml", ".vml")) and name != CONTENT_TYPES]:
        kept[name] = _part(name, kept[name], lost.get(name, frozenset()), removed)
    return Cleaned(packages.pack(kept, CONTENT_TYPES), media_type, removed)


def _no_macros(parts: dict[str, bytes]) -> None:
    """Macros have no place in evidence: the document is sent again without them."""
    if any(mark in parts[CONTENT_TYPES] for mark in _MACRO_TYPES):
        raise Hostile("macros")
    if any(name.casefold().endswith("vbaproject.bin") or "macrosheets/" in name.casefold() for name in parts):
        raise Hostile("macros")


def _nested(part: bytes, limits: Limits, removed: Counter[str], depth: int) -> bytes:
    """A document inside a document is cleaned too, one level deep; other objects leave their picture behind."""
    if depth == 0 and part.startswith(b"PK\x03\x04"):
        try:
            found = clean(part, "", limits, depth + 1)
        except Withheld:
            pass
        else:
            removed.update(found.removed)
            return found.content
    removed["embedded"] += 1
    return b""


def _relate(kept: dict[str, bytes], removed: Counter[str]) -> dict[str, frozenset[str]]:
    """Cut relationships to what is gone or lies outside; the names that each part must forget."""
    lost: dict[str, frozenset[str]] = {}
    for name in [name for name in kept if name.casefold().endswith(".rels")]:
        root = markup.parse(kept[name])
        folder, _, own = name.rpartition("/")
        base = folder.rpartition("_rels")[0]
        gone = set()
        for relation in list(root):
            target, kind = relation.get("Target", ""), relation.get("Type", "")
            if relation.get("TargetMode") == "External":
                if kind.endswith(_HYPERLINK) and target.casefold().startswith(("http://", "https://", "mailto:", "#")):
                    continue
                removed["outside_link"] += 1
                if kind.endswith((_HYPERLINK, "/externalLinkPath")):
                    relation.set("Target", "about:blank")
                    continue
            elif target and _resolved(base, target) in kept:
                continue
            gone.add(relation.get("Id", ""))
            root.remove(relation)
        kept[name] = markup.written(root)
        lost[base + own.removesuffix(".rels")] = frozenset(gone)
    return lost


def _resolved(base: str, target: str) -> str:
    """The part that a relationship's target names."""
    target = target.partition("#")[0]
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(base, target))


def _part(name: str, content: bytes, lost: frozenset[str], removed: Counter[str]) -> bytes:
    """One XML part without the words that tell."""
    root = markup.parse(content)
    people = any(mark in f"/{name.casefold()}" for mark in _WORKING)
    for element in list(root.iter()):
        tag = markup.local(element.tag)
        if element is not root and (tag in ELEMENTS or (tag in _POINTING and _points(element, lost))):
            removed[ELEMENTS.get(tag, "outside_link")] += 1
            markup.drop(element)
            continue
        if people and tag == "author" and not len(element):
            removed["author"] += bool(element.text)
            element.text = None
        _attributes(element, tag, lost, removed, people)
    return markup.written(root)


def _points(element: etree._Element, lost: frozenset[str]) -> bool:
    """Whether an element stands for something that is gone."""
    return any(value in lost for name, value in element.attrib.items() if "/relationships" in name)


def _attributes(element: etree._Element, tag: str, lost: frozenset[str], removed: Counter[str], people: bool) -> None:
    """Names blank, times and revision marks gone, references to what is gone cut."""
    for name in list(element.attrib):
        short = markup.local(name)
        if "/relationships" in name and element.get(name) in lost:
            del element.attrib[name]
        elif short in AUTHORED or (
            people and short in {"name", "displayName"} and tag in {"cmAuthor", "author", "person"}
        ):
            removed["author"] += bool(element.get(name))
            element.set(name, "")
        elif short.startswith(MARKS):
            removed["revision_marks"] += 1
            del element.attrib[name]
        elif short in {"date", "dateUtc", "dT", "dt", "created", "lastEdited"} and tag not in {"dateGroupItem", "fld"}:
            if short == "dT":  # this one must be there
                element.set(name, "2000-01-01T00:00:00.00")
            elif tag in {"ins", "del", "comment", "commentExtensible", "moveFrom", "moveTo", "cm", "rPrChange",
                         "pPrChange", "sectPrChange", "tblPrChange", "tcPrChange", "trPrChange", "cellIns",
                         "cellDel", "numberingChange", "fileVersion"}:  # fmt: skip
                removed["time"] = 1
                del element.attrib[name]


def _types(content: bytes, kept: dict[str, bytes]) -> bytes:
    """The list of parts without those that are gone."""
    root = markup.parse(content)
    for entry in list(root):
        if (part := entry.get("PartName")) and part.lstrip("/") not in kept:
            root.remove(entry)
    return markup.written(root)

"""OpenDocument (ODF 1.3): content and styles stay; properties, settings, authors, thumbnails and objects go."""

from __future__ import annotations

from collections import Counter

from intake.sanitise import embedded, markup, packages
from intake.sanitise.verdict import Cleaned, Hostile, Limits, Withheld

MANIFEST = "META-INF/manifest.xml"
_DROPPED = ("thumbnails/", "configurations2/", "meta-inf/documentsignatures", "meta-inf/macrosignatures", "versions/")
_GONE = frozenset({"meta.xml", "settings.xml", "layout-cache", "versionlist.xml", "manifest.rdf"})
# Elements whose text names a person or a time, wherever they stand.
_TOLD = {
    "creator": "author", "creator-initials": "author", "sender-initials": "author", "initial-creator": "author",
    "printed-by": "author", "author-name": "author", "author-initials": "author", "date": "time",
    "date-string": "time",
}  # fmt: skip
_ACTIVE = frozenset({"event-listeners", "script", "scripts", "dde-source", "applet", "plugin", "floating-frame"})


def clean(content: bytes, media_type: str, limits: Limits) -> Cleaned:
    """The document rebuilt; raises Hostile for macros, bombs and traps, Withheld where it cannot be read."""
    parts = packages.unpack(content, limits)
    if "mimetype" not in parts or "content.xml" not in parts:
        raise Withheld("damaged")
    if b"encryption-data" in parts.get(MANIFEST, b""):
        raise Withheld("encrypted")
    if any(name.casefold().startswith(("basic/", "scripts/")) for name in parts):
        raise Hostile("macros")
    removed: Counter[str] = Counter()
    kept: dict[str, bytes] = {"mimetype": media_type.encode()}
    for name, part in parts.items():
        lowered = name.casefold()
        if name == "mimetype":
            continue
        if lowered.startswith(_DROPPED) or lowered.rpartition("/")[2] in _GONE:
            removed["thumbnail" if lowered.startswith("thumb") else "properties"] += 1
        elif lowered.endswith(".xml") or lowered.startswith("fonts/"):
            kept[name] = part
        elif "/" in name:
            kept[name] = embedded.clean(part, limits, removed)
        else:  # an object of another program, in the package's root
            removed["embedded"] += 1
    for name in [name for name in kept if name.endswith(".xml")]:
        kept[name] = _part(name, kept[name], kept, removed)
    return Cleaned(packages.pack(kept, "mimetype"), media_type, removed)


def _part(name: str, content: bytes, kept: dict[str, bytes], removed: Counter[str]) -> bytes:
    """One XML part without the words that tell."""
    root = markup.parse(content)
    for element in list(root.iter()):
        tag = markup.local(element.tag)
        if name == MANIFEST:
            path = next((value for key, value in element.attrib.items() if markup.local(key) == "full-path"), "/")
            if tag == "file-entry" and not path.endswith("/") and path not in kept:
                markup.drop(element)
            continue
        if tag in _ACTIVE:
            removed["active"] += bool(len(element))
            markup.drop(element)
            continue
        # text:date is a field that people read; dc:date is when somebody changed something.
        if tag in _TOLD and (tag != "date" or "purl.org/dc" in element.tag):
            removed[_TOLD[tag]] += bool(element.text or len(element))
            for inner in list(element):
                element.remove(inner)
            element.text = None
        for key in list(element.attrib):
            short, value = markup.local(key), element.attrib[key]
            if short.startswith("rsid") or short in {"chg-author", "change-author"}:
                del element.attrib[key]
            elif (short == "href" and tag != "a" and ":" in value and not value.startswith("#")) or (
                short == "href" and value.casefold().startswith("file:")
            ):
                removed["outside_link"] += 1
                element.set(key, "")
    return markup.written(root)

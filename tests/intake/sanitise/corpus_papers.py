"""Documents of the corpus: PDF, Word, Excel, PowerPoint and OpenDocument with all that they tell of their makers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pikepdf

from tests.intake.sanitise import corpus

WORDS_SHOWN = "SHOWN TO THE READER"
PDF_WORDS = (
    "PlantedAuthor", "PlantedProgram", "PlantedXmp", "PlantedNote", "PlantedMaker", "PlantedScript", "PlantedSigner",
    "PlantedAttachment", "PlantedEarlier", "王小明",
)  # fmt: skip
OFFICE_WORDS = (
    "PlantedAuthor", "PlantedProgram", "PlantedNote", "PlantedMaker", "PlantedPhone", "PlantedXmp", "PlantedTemplate",
    "王小明", "00AB12CD",
)  # fmt: skip
SHEET_WORDS = ("PlantedAuthor", "PlantedProgram", "PlantedPath", "PlantedPrinter", "PlantedServer", "王小明")
OPEN_WORDS = ("PlantedAuthor", "PlantedProgram", "PlantedMaker", "PlantedPrinter", "PlantedXmp", "王小明")

_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def pdf() -> bytes:
    """Information, XMP, attachment, scripts, a signed field, an annotation, a photo, and an earlier revision."""
    paper = pikepdf.new()
    page = paper.add_blank_page(page_size=(200, 100)).obj
    photo = pikepdf.Stream(paper, corpus.jpeg(behind=b""))
    photo.Type, photo.Subtype, photo.Width, photo.Height = pikepdf.Name.XObject, pikepdf.Name.Image, 96, 48
    photo.ColorSpace, photo.BitsPerComponent, photo.Filter = pikepdf.Name.DeviceRGB, 8, pikepdf.Name.DCTDecode
    photo.Metadata = paper.make_indirect(pikepdf.Stream(paper, corpus.XMP))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=paper.make_indirect(photo)))
    page.Contents = paper.make_indirect(pikepdf.Stream(paper, b"q 96 0 0 48 10 10 cm /P Do Q"))
    page.PieceInfo = pikepdf.Dictionary(App=pikepdf.Dictionary(Private=pikepdf.String("PlantedMaker")))
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('PlantedScript')"))
    page.AA = pikepdf.Dictionary(O=script)
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 10, 10], T=pikepdf.String("王小明"),
        Contents=pikepdf.String(WORDS_SHOWN), M=pikepdf.String("D:20260101"), A=script,
    )  # fmt: skip
    signature = pikepdf.Dictionary(Type=pikepdf.Name.Sig, Name=pikepdf.String("PlantedSigner"))
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, Rect=[0, 0, 1, 1],
        T=pikepdf.String("field"), V=paper.make_indirect(signature),
    )  # fmt: skip
    page.Annots = pikepdf.Array([paper.make_indirect(note), paper.make_indirect(field)])
    paper.Root.AcroForm = pikepdf.Dictionary(Fields=[page.Annots[1]], SigFlags=3)
    paper.Root.OpenAction = script
    paper.Root.Metadata = paper.make_indirect(pikepdf.Stream(paper, corpus.XMP))
    paper.attachments["a.txt"] = pikepdf.AttachedFileSpec(paper, b"PlantedAttachment", description="PlantedNote")
    paper.docinfo["/Author"], paper.docinfo["/Producer"] = "PlantedAuthor", "PlantedProgram"
    paper.docinfo["/Title"] = "王小明的账单"
    out = io.BytesIO()
    paper.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return _revised(out.getvalue())


def _revised(content: bytes) -> bytes:
    """The file with a later revision behind it (ISO 32000-2 §7.5.6), whose text of before can still be read."""
    old = b"\n900 0 obj\n(PlantedEarlier)\nendobj\n"
    start = content.rindex(b"startxref") + 9
    previous = int(content[start:].split()[0])
    root = content[content.rindex(b"/Root") + 5 :].split()[0]
    at = len(content) + 1
    table = b"xref\n900 1\n%010d 00000 n \n" % at
    trailer = b"trailer << /Size 901 /Root %s 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        root, previous, len(content) + len(old)
    )  # fmt: skip
    return content + old + table + trailer


def packed(parts: Mapping[str, str | bytes], first: str = "") -> bytes:
    """A package; the `first` part is stored."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part, zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _types(*overrides: str) -> str:
    named = "".join(f'<Override PartName="{name}" ContentType="application/xml"/>' for name in overrides)
    return f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>{named}</Types>'


def _rels(*relations: tuple[str, str, str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="{number}" Type="{_R}/{kind}" Target="{target}"{mode}/>'
        for number, kind, target, mode in relations
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


_OUTSIDE = ' TargetMode="External"'
_PROPERTIES: dict[str, str | bytes] = {
    "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>PlantedAuthor</dc:creator>'
    "<cp:lastModifiedBy>王小明</cp:lastModifiedBy></cp:coreProperties>",
    "docProps/app.xml": "<Properties><Application>PlantedProgram</Application><Company>PlantedMaker</Company></Properties>",
    "docProps/custom.xml": "<Properties><property>PlantedNote</property></Properties>",
    "docProps/thumbnail.jpeg": b"PlantedNote",
    "_rels/.rels": _rels(
        ("r1", "officeDocument", "word/document.xml", ""), ("r2", "metadata", "docProps/core.xml", "")
    ),
}


def docx() -> bytes:
    """Tracked changes, comments, people, revision marks, a template's path, a photo, an object of another program."""
    document = (
        f'<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body><w:p w:rsidR="00AB12CD"><w:ins w:author="王小明" '
        f'w:date="2026-01-01T00:00:00Z"><w:r><w:t>{WORDS_SHOWN}</w:t></w:r></w:ins>'
        '<w:del w:author="PlantedAuthor"><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>'
        '<w:p><w:drawing r:embed="r1"/><w:object><o:OLEObject xmlns:o="urn:o" r:id="r3"/></w:object></w:p>'
        "<!-- PlantedNote --></w:body></w:document>"
    )
    comments = (
        f'<w:comments xmlns:w="{_W}"><w:comment w:id="0" w:author="王小明" w:initials="PlantedAuthor">'
        f"<w:p><w:r><w:t>{WORDS_SHOWN}</w:t></w:r></w:p></w:comment></w:comments>"
    )
    people = '<w15:people xmlns:w15="urn:w15"><w15:person w15:author="王小明"><w15:presenceInfo w15:providerId="AD" '
    people += 'w15:userId="PlantedAuthor"/></w15:person></w15:people>'
    settings = (
        f'<w:settings xmlns:w="{_W}" xmlns:r="{_R}"><w:attachedTemplate r:id="t1"/><w:rsids><w:rsid w:val="00AB12CD"/>'
        "</w:rsids></w:settings>"
    )
    return packed({
        "[Content_Types].xml": _types("/word/document.xml", "/docProps/core.xml", "/word/comments.xml"),
        **_PROPERTIES,
        "word/document.xml": document,
        "word/comments.xml": comments,
        "word/people.xml": people,
        "word/settings.xml": settings,
        "word/_rels/settings.xml.rels": _rels(
            ("t1", "attachedTemplate", "file:///D:/PC/PlantedTemplate/Normal.dotm", _OUTSIDE)
        ),
        "word/_rels/document.xml.rels": _rels(
            ("r1", "image", "media/image1.jpeg", ""), ("r3", "oleObject", "embeddings/o.bin", "")
        ),
        "word/media/image1.jpeg": corpus.jpeg(),
        "word/embeddings/o.bin": b"\xd0\xcf\x11\xe0PlantedPhone",
        "customXml/item1.xml": "<x>PlantedNote</x>",
    })  # fmt: skip


def xlsx() -> bytes:
    """Authors of comments, the folder it lay in, the printer, a connection to a server."""
    workbook = (
        f'<workbook xmlns="{_S}" xmlns:r="{_R}" xmlns:x="urn:x"><fileSharing userName="PlantedAuthor"/>'
        '<x:absPath url="D:\\PC\\PlantedPath\\"/><sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    sheet = (
        f'<worksheet xmlns="{_S}" xmlns:r="{_R}"><sheetData><row><c t="inlineStr"><is><t>{WORDS_SHOWN}</t></is></c></row>'
        '</sheetData><pageSetup r:id="p1"/></worksheet>'
    )
    return packed({
        "[Content_Types].xml": _types("/xl/workbook.xml", "/xl/connections.xml"),
        **{name: part for name, part in _PROPERTIES.items() if name != "docProps/custom.xml"},
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": _rels(
            ("r1", "worksheet", "worksheets/sheet1.xml", ""), ("r9", "connections", "connections.xml", "")
        ),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/worksheets/_rels/sheet1.xml.rels": _rels(("p1", "printerSettings", "../printerSettings/p.bin", "")),
        "xl/printerSettings/p.bin": "PlantedPrinter".encode("utf-16-le"),
        "xl/comments1.xml": f'<comments xmlns="{_S}"><authors><author>王小明</author></authors></comments>',
        "xl/connections.xml": "<connections><c>PlantedServer</c></connections>",
    })  # fmt: skip


def pptx() -> bytes:
    """Authors of comments, and a photo."""
    slide = (
        f'<p:sld xmlns:p="{_P}" xmlns:r="{_R}"><a:t xmlns:a="urn:a">{WORDS_SHOWN}</a:t><p:pic r:embed="i1"/>'
        '<p:tag rsidR="00AB12CD"/></p:sld>'
    )
    authors = (
        f'<p:cmAuthorLst xmlns:p="{_P}"><p:cmAuthor id="0" name="王小明" initials="PlantedAuthor"/></p:cmAuthorLst>'
    )
    return packed({
        "[Content_Types].xml": _types("/ppt/presentation.xml"),
        **_PROPERTIES,
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{_P}"/>',
        "ppt/slides/slide1.xml": slide,
        "ppt/slides/_rels/slide1.xml.rels": _rels(
            ("i1", "image", "../media/image1.png", ""), ("i2", "image", "file:///C:/PlantedTemplate.png", _OUTSIDE),
            ("i3", "image", "../media/image2.jpeg", ""),
        ),
        "ppt/media/image1.png": corpus.png(),
        "ppt/media/image2.jpeg": corpus.jpeg(),
        "ppt/commentAuthors.xml": authors,
    })  # fmt: skip


def odt() -> bytes:
    """Properties, settings, annotations and tracked changes of LibreOffice."""
    names = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xmlns:meta="urn:m" xmlns:draw="urn:d"'
    )
    content = (
        f"<office:document-content {names}><office:scripts/><office:body><text:p>{WORDS_SHOWN}<office:annotation>"
        "<dc:creator>王小明</dc:creator><dc:date>2026-01-01</dc:date><meta:creator-initials>PlantedAuthor</meta:creator-initials>"
        '</office:annotation></text:p><draw:image xlink:href="Pictures/a.jpg"/></office:body></office:document-content>'
    )
    return packed({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": content,
        "meta.xml": f"<office:document-meta {names}><meta:generator>PlantedProgram</meta:generator></office:document-meta>",
        "settings.xml": f"<office:document-settings {names}>PlantedPrinter</office:document-settings>",
        "Thumbnails/thumbnail.png": corpus.png(),
        "Pictures/a.jpg": corpus.jpeg(),
        "META-INF/manifest.xml": '<m:manifest xmlns:m="urn:m"><m:file-entry m:full-path="/"/>'
        '<m:file-entry m:full-path="content.xml"/><m:file-entry m:full-path="meta.xml"/></m:manifest>',
    }, "mimetype")  # fmt: skip

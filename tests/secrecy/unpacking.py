"""Archives opened, in archives: what lies in a DOCX in a ZIP in a TAR is searched as if it lay there bare."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

DEEPEST = 6


def opened(content: bytes, depth: int = 0) -> Iterator[bytes]:
    """The content, the names in it, and whatever is packed in it; what only looks like an archive stays as it is."""
    yield content
    if depth >= DEEPEST:
        return
    for inner in _members(content):
        yield from opened(inner, depth + 1)


def _members(content: bytes) -> Iterator[bytes]:
    try:
        if content.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(content)) as bundle:
                yield "\n".join(bundle.namelist()).encode()
                yield from map(bundle.read, bundle.namelist())
        elif content.startswith(b"\x1f\x8b"):
            yield gzip.decompress(content)
        elif content[257:262] == b"ustar":
            with tarfile.open(fileobj=io.BytesIO(content)) as bundle:
                for member in bundle:
                    yield member.name.encode()
                    file = bundle.extractfile(member)
                    if file:
                        yield file.read()
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError):
        return

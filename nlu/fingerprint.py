"""A name for exactly this data and this code: whenever either changes, another model is needed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from nlu import blends, examples, features

_CODE = (
    "blends.py",
    "calibration.py",
    "examples.py",
    "features.py",
    "linear.py",
    "machine.py",
    "pieces.py",
    "train.py",
)


def content_hash(data: Path) -> str:
    """Twenty hexadecimal digits over the sentences, the lexicon, the frames of letters and the code that learns from them."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in [
        *(here / name for name in _CODE),
        features.lexicon_path(),
        features.sounds_path(),
        blends.path(),
        *examples.files(data),
    ]:
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:20]

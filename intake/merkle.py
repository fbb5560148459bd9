"""The Merkle tree over the links between two heads, as in RFC 9162 §2.1 with SM3: a short proof that a link is in it."""

from __future__ import annotations

from collections.abc import Sequence

from intake.witness import sm3


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree's hash; of no leaves, the hash of nothing."""
    return _tree(leaves)[-1][0] if leaves else sm3(b"")


def path(leaves: Sequence[bytes], index: int) -> list[tuple[str, bytes]]:
    """The hashes beside the way from one leaf to the root, lowest first, each with the side on which it stands."""
    found = []
    for level in _tree(leaves)[:-1]:
        beside = index ^ 1
        if beside < len(level):
            found.append(("left" if beside < index else "right", level[beside]))
        index //= 2
    return found


def _tree(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All levels, leaves first; one that has no neighbour moves up as it is, which gives RFC 9162's tree."""
    levels = [[sm3(b"\0" + leaf) for leaf in leaves]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = [sm3(b"\1" + below[at] + below[at + 1]) for at in range(0, len(below) - 1, 2)]
        levels.append(pairs + below[len(pairs) * 2 :])
    return levels

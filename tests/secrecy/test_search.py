"""The search itself: a search that finds nothing must be one that would have found it."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given, strategies

from tests.secrecy.canaries import Canary, Search

PEOPLE = [Canary(number) for number in range(200)]
SEARCH = Search(PEOPLE)


@given(strategies.sampled_from(PEOPLE), strategies.binary(max_size=40), strategies.binary(max_size=40))
def test_every_trait_is_found_in_every_coding_wherever_it_lies(one: Canary, before: bytes, after: bytes) -> None:
    """Also in base64 of something longer, at whatever offset."""
    for kind, trait in one.traits():
        plain = before + trait.encode() + after
        for content in (
            plain, base64.b64encode(plain), plain.hex().encode(), plain.hex().upper().encode(),
            before + trait.encode("utf-16-le") + after, json.dumps({"x": trait}).encode(), quote(trait).encode(),
        ):  # fmt: skip
            assert any(number == one.number and found.startswith(kind) for number, found in SEARCH.found(content))


def test_no_two_canaries_are_alike() -> None:
    """What is found belongs to one person."""
    people = [Canary(number) for number in range(1000)]
    for trait in ("name", "phone", "identity", "account", "story"):
        assert len({getattr(one, trait) for one in people}) == len(people), trait


@pytest.mark.parametrize("innocent", [b"", "庆城县康宁医院三楼的床空着".encode(), b"139****1234", "赵**".encode()])
def test_what_may_be_read_is_not_found(innocent: bytes) -> None:
    """Masked values and the accused are nobody's secret."""
    assert SEARCH.found(innocent) == set()
    assert SEARCH.found(PEOPLE[3].name.encode(), own=3) == set()

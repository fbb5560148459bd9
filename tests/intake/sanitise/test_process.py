"""The process that cleans can do nothing but clean."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from intake.sanitise.process import Cleaner
from intake.sanitise.verdict import Limits
from tests.intake.sanitise import corpus

ROOT = Path(__file__).parents[3]
PRISONER = """
import json, socket, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from intake.sanitise.lock import lock
if not lock(Path(sys.argv[1]) / "intake"):
    print(json.dumps("no landlock"))
    raise SystemExit
done = []
def attempt(name, act):
    try:
        act()
        done.append(name)
    except OSError:
        pass
secret = Path(sys.argv[2])
attempt("read", secret.read_bytes)
attempt("write", lambda: secret.with_name("new").write_bytes(b"x"))
attempt("list", lambda: list(secret.parent.iterdir()))
attempt("remove", secret.unlink)
attempt("code", lambda: Path(json.__file__).read_bytes())
print(json.dumps(done))
"""


def test_it_reads_program_code_and_nothing_else(tmp_path: Path) -> None:
    """Were it taken over, it would find neither key nor ledger, and could leave nothing behind."""
    secret = tmp_path / "vault.key"
    secret.write_bytes(b"secret")
    told = subprocess.run(
        [sys.executable, "-I", "-c", PRISONER, str(ROOT), str(secret)], capture_output=True, text=True, check=True
    ).stdout.strip()
    if told == '"no landlock"':
        pytest.skip("this kernel has no Landlock")
    assert told == '["code"]'
    assert secret.read_bytes() == b"secret"


def test_many_files_at_once_are_each_cleaned(tmp_path: Path) -> None:
    """A crowd waits its turn; no answer is mixed up with another."""
    cleaner = Cleaner(Limits(), at_once=2)
    contents = {"image/png": corpus.png(), "image/jpeg": corpus.jpeg(), "text/plain": b"words"}
    told: list[tuple[str, str]] = []

    def run(media_type: str) -> None:
        with cleaner.clean([contents[media_type]], media_type) as copy:
            told.append((media_type, copy.media_type))

    threads = [threading.Thread(target=run, args=(kind,)) for kind in contents for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == sorted((kind, kind) for kind in contents for _ in range(3))


def test_a_process_that_does_not_answer_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sleeping uses no processor: the clock on the wall ends it, too."""
    from intake.sanitise import process

    monkeypatch.setattr(process, "_CODE", "import time; time.sleep(600)")
    monkeypatch.setattr(process, "_GRACE", 0.2)
    with Cleaner(Limits(seconds=0.3)).clean([b"x"], "text/plain") as copy:
        assert copy.withheld == "heavy"


@pytest.mark.parametrize(
    "code",
    ["import os; os.abort()", "print('{}' * 10)", "print('[1]')", "raise SystemExit(3)", "print('x' * 10_000_000)"],
)
def test_a_process_that_was_taken_over_says_nothing_that_is_believed(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """Whatever comes back that is no answer means: no copy."""
    from intake.sanitise import process

    monkeypatch.setattr(process, "_CODE", code)
    with Cleaner().clean([b"x"], "text/plain") as copy:
        assert copy.withheld == "damaged"
        assert copy.file is None

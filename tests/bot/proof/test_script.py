"""The stranger's script: one file, none of our code, run as its own process; and its algorithms beside the library's."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot import sealing
from bot.app import App
from intake import proof
from tests.bot.proof.conftest import Lived, at, file_one, live, nothing, open_app, told_by
from tests.routing.conftest import report

SCRIPT = Path(__file__).parents[3] / "docs" / "verify" / "jianting_verify.py"
SECRETS = ("web-0", "13900000000", "telegram-1", "1390000")


@pytest.fixture(scope="session")
def script() -> ModuleType:
    """The script as a module, for the many small changes that would each need a process."""
    spec = importlib.util.spec_from_file_location("jianting_verify", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*arguments: object, folder: Path) -> tuple[int, str]:
    """The script, alone in a folder, isolated from every package of ours."""
    own = folder / "jianting_verify.py"
    if not own.exists():
        shutil.copy(SCRIPT, own)
    command = [sys.executable, "-I", str(own), *map(str, arguments)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def finds(script: ModuleType, lines: list[bytes], receipts: tuple[Any, ...] = ()) -> bool:
    """Whether the script finds something in these lines, in this process."""
    chain = script.Chain({item["place"]["position"] for receipt in receipts for item in receipt["items"]})
    try:
        chain.walk(lines)
        for receipt in receipts:
            script.check_proof(receipt, chain.keys, chain)
    except (script.Wrong, AttributeError, KeyError, TypeError, IndexError, ValueError):
        return True
    return False


def test_a_stranger_verifies_chain_and_receipt(lived: Lived, tmp_path: Path) -> None:
    """The whole, with the published key; the order counts every channel."""
    key = json.loads(lived.export.read_text("utf-8").splitlines()[0])["key"]
    code, said = run(lived.export, "--receipt", lived.proof, "--public-key", key, folder=tmp_path)
    assert code == 0, said
    assert "第 1 件" in said
    assert lived.receipts[0].case_number in said
    code, said = run(lived.export, "--receipt", lived.receipts[3].proof, folder=tmp_path)
    assert code == 0, said
    assert "第 4 件" in said


def test_a_receipt_alone_is_verified_with_the_published_key(lived: Lived, tmp_path: Path) -> None:
    """Neither ledger nor chain is needed; another key is refused, and without a key nothing is believed."""
    key = json.loads(lived.export.read_text("utf-8").splitlines()[0])["key"]
    for receipt in (lived.proof, lived.receipts[2].proof):
        assert run("--receipt", receipt, "--public-key", key, folder=tmp_path)[0] == 0
        assert run("--receipt", receipt, "--public-key", "0" * 64, folder=tmp_path)[0] == 1
        assert run("--receipt", receipt, folder=tmp_path)[0] == 1
    assert run("nowhere.ndjson", folder=tmp_path)[0] == 2


def test_the_export_tells_nothing_about_who_reported(lived: Lived) -> None:
    """Neither accounts nor numbers, nor institutions, nor what was told; only the opening that its teller holds."""
    export = lived.export.read_text("utf-8")
    assert not any(secret in export for secret in (*SECRETS, *(receipt.case_number for receipt in lived.receipts)))
    assert "\\u" not in export
    told = lived.proof.read_text("utf-8")
    assert not any(secret in told for secret in SECRETS)
    opening = json.loads(json.loads(told)["items"][0]["opening"])
    assert {"match", "identity_id", "query_hash", "conversation", "sealed_text"}.isdisjoint(opening)


def test_every_single_bit_of_the_export_counts(lived: Lived, script: ModuleType) -> None:
    """One bit in each byte of the file, and every bit of the bytes of a few lines."""
    lines = lived.export.read_bytes().splitlines(keepends=True)
    assert not finds(script, lines)
    dice = random.Random(7)
    whole = {0, 1, 2, len(lines) // 2, len(lines) - 1}
    for number, line in enumerate(lines):
        for place in range(len(line)):
            for bit in range(8) if number in whole and place % 7 == 0 else (dice.randrange(8),):
                changed = line[:place] + bytes([line[place] ^ (1 << bit)]) + line[place + 1 :]
                assert finds(script, [*lines[:number], changed, *lines[number + 1 :]]), (number, place, bit)


def test_each_deletion_insertion_exchange_and_truncation_of_the_export_is_found(
    lived: Lived, script: ModuleType
) -> None:
    """Line by line."""
    lines = lived.export.read_bytes().splitlines(keepends=True)
    for number in range(len(lines)):
        assert finds(script, lines[:number] + lines[number + 1 :]), f"deleted {number}"
        assert finds(script, lines[:number]), f"cut at {number}"
        assert finds(script, [*lines[:number], lines[number], *lines[number:]]), f"repeated {number}"
        if number:
            turned = [*lines[: number - 1], lines[number], lines[number - 1], *lines[number + 1 :]]
            assert finds(script, turned), f"exchanged {number}"


def test_a_changed_export_is_found_by_the_process_too(lived: Lived, tmp_path: Path) -> None:
    """Exit code 1, and a sentence that names the line."""
    lines = lived.export.read_bytes().splitlines(keepends=True)
    changed = tmp_path / "chain.ndjson"
    changed.write_bytes(b"".join([*lines[:9], *lines[10:]]))
    code, said = run(changed, folder=tmp_path)
    assert code == 1
    assert "第 10 行" in said


def test_every_part_of_a_proof_file_counts(lived: Lived, script: ModuleType) -> None:
    """Each value of the file changed in turn, against the export and alone."""
    lines = lived.export.read_bytes().splitlines(keepends=True)
    true = json.loads(lived.proof.read_bytes())
    assert not finds(script, lines, (true,))
    for path in [*_paths(true)]:
        changed = json.loads(lived.proof.read_bytes())
        _change(changed, path)
        assert finds(script, lines, (changed,)), path


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths(inner, (*before, key))
    else:
        yield before


def _change(value: Any, path: tuple[Any, ...]) -> None:
    for key in path[:-1]:
        value = value[key]
    old = value[path[-1]]
    if isinstance(old, bool):
        value[path[-1]] = not old
    elif isinstance(old, int):
        value[path[-1]] = old + 1
    else:
        value[path[-1]] = old[:-1] + chr(ord(old[-1]) ^ 1)


def test_a_receipt_that_was_shown_proves_a_report_that_vanished(office: App, tmp_path: Path) -> None:
    """Even where a report is removed in the second before it is linked, its teller can show that it was taken in."""
    live(office)
    lost = file_one(office, told_by("web", 77, report(institution="庆城县失踪医院")))
    with office.database.transaction() as session:
        raw = session.connection().connection.driver_connection
        assert raw is not None
        raw.execute("DROP TRIGGER event_refuses_delete")
        raw.execute("PRAGMA defer_foreign_keys=ON")
        (number,) = raw.execute("SELECT max(id) FROM report").fetchone()
        case = raw.execute("SELECT case_id FROM report WHERE id = ?", (number,)).fetchone()
        for table in ("notice", "match_key"):
            raw.execute(f"DELETE FROM {table} WHERE report_id = ?", (number,))
        raw.execute("DELETE FROM notice WHERE case_id = ?", case)
        raw.execute("DELETE FROM clock WHERE case_id = ?", case)
        raw.execute("DELETE FROM event WHERE case_id = ?", case)
        raw.execute("DELETE FROM report WHERE id = ?", (number,))
        raw.execute('DELETE FROM "case" WHERE id = ?', case)
        raw.execute("DELETE FROM identity WHERE id = (SELECT max(id) FROM identity)")
    export = tmp_path / "chain.ndjson"
    sealing.export(office, export, at("2026-10-01"), nothing)
    code, said = run(export, "--receipt", lost.proof, folder=tmp_path)
    assert code == 1
    assert lost.case_number in said


def test_an_export_over_a_change_of_key_verifies(office: App, tmp_path: Path, script: ModuleType) -> None:
    """The old key signs the new one; receipts of both are believed; a forged change is not."""
    first = live(office)[0]
    sealing.change_key(office, at("2026-10-02"))
    again = open_app(office.settings.data_folder)
    second = file_one(again, told_by("web", 78, report(institution="庆城县后来医院", at="2026-10-02")))
    export = tmp_path / "chain.ndjson"
    sealing.export(again, export, at("2026-10-03"), nothing)
    with again.database.reading() as session:
        late = proof.of_report(session, sealing.witness_of(again), 6)
    again.close()
    code, said = run(export, "--receipt", first.proof, "--receipt", second.proof, folder=tmp_path)
    assert code == 0, said
    lines = export.read_bytes().splitlines(keepends=True)
    assert not finds(script, lines, (late,))
    change = next(number for number, line in enumerate(lines) if b'"next"' in line)
    forged = json.loads(lines[change]) | {"next": "a" * 64}
    assert finds(script, [*lines[:change], script.canonical(forged) + b"\n", *lines[change + 1 :]])


def test_a_proof_before_its_link_says_so(office: App, script: ModuleType) -> None:
    """Within the first seconds: the opening and the receipt are checked, the place is promised."""
    file_one(office, report())
    with office.database.reading() as session:
        early = proof.of_report(session, sealing.witness_of(office), 1)
        key = sealing.witness_of(office).public
    assert "place" not in early["items"][0]
    assert any("稍后" in sentence for sentence in script.check_proof(early, [key], None))


def test_the_scripts_sm3_is_sm3(script: ModuleType) -> None:
    """GB/T 32905 A.2, and the library's on every length around the block."""
    assert script.sm3_plain(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    for length in (0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 300):
        content = random.Random(length).randbytes(length)
        assert script.sm3_plain(content) == hashlib.new("sm3", content).digest()


def test_the_scripts_ed25519_is_ed25519(script: ModuleType) -> None:
    """RFC 8032 §7.1, test 1; the library's signatures hold, and no changed one does."""
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    signature = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert script.signature_fits(key, b"", signature)
    for number in range(5):
        dice = random.Random(number)
        signer = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        public, content = signer.public_key().public_bytes_raw(), dice.randbytes(number * 40)
        true = signer.sign(content)
        assert script.signature_fits(public, content, true)
        assert not script.signature_fits(public, content + b"x", true)
        for place in range(0, 64, 7):
            false = true[:place] + bytes([true[place] ^ 1 << dice.randrange(8)]) + true[place + 1 :]
            assert not script.signature_fits(public, content, false)
    assert not script.signature_fits(b"", b"", b"")

"""`jianting law` and `jianting reward`, as a lawyer at a terminal types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import cli


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, list(words))
    return done.exit_code, done.output


def test_a_value_tells_its_layer_its_day_and_its_source() -> None:
    """In a county of Qingyang the city's paper speaks; before it, the nation's."""
    code, text = _run("law", "show", "inspect_result_notice", "--place", "621021", "--on", "2026-01-01", "--json")
    found = json.loads(text)
    assert code == 0
    assert (found["value"], found["layer"], found["verified"]) == (20, "621000", True)
    assert [one["layer"] for one in found["former"]] == ["nation"]


def test_the_shipped_law_passes_its_check() -> None:
    """Exit code 0, and the doubts are listed."""
    code, text = _run("law", "check")
    assert code == 0
    assert "reward_claim" in text


@pytest.mark.parametrize(
    "words",
    [
        ("law", "show", "nothing_of_the_kind"),
        ("law", "show", "clue_verify", "--place", "999999"),
        ("law", "show", "clue_verify", "--on", "2001-01-01"),
        ("reward", "many", "--place", "340100"),
        ("reward", "-5", "--place", "340100"),
        ("reward", "100000", "--place", "621021"),
        ("reward", "100000", "--place", "340100", "--accused", "ghost"),
    ],
)
def test_what_the_book_cannot_answer_is_said_and_not_guessed(words: tuple[str, ...]) -> None:
    """Exit code 2 and one sentence, no trace."""
    code, text = _run(*words)
    assert code == 2
    assert "Traceback" not in text


def test_an_audit_of_no_rewards_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 0 on an empty ledger, in words and for machines."""
    monkeypatch.setenv("JIANTING_DATA_FOLDER", str(tmp_path / "data"))
    assert _run("reward-audit") == (0, "0 rewards, 0 differences.\n")
    code, text = _run("reward-audit", "--json")
    assert (code, json.loads(text)) == (0, {"rewards": 0, "differences": []})


def test_a_reward_prints_its_steps() -> None:
    """Hefei, an individual, above ten thousand yuan."""
    code, text = _run("reward", "12000", "--place", "340102", "--accused", "individual", "--on", "2024-01-05")
    assert code == 0
    assert "1,700" in text.splitlines()[-2]

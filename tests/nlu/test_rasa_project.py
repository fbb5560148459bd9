"""The Rasa project says what the training sentences say, and Rasa reads back what we wrote."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml

from nlu import examples, rasa_export, taxonomy
from nlu.examples import Example

MANY = Example("他们把我分两次住院,还多收钱", "report_fraud", ("F02", "F05"), "here")
ROWS = [
    MANY,
    Example("同一项检查收两回", "report_fraud", ("F05",), "here"),
    Example("处罚太重", "appeal_penalty", ("X00",), "here"),
    Example("有人骗医保", "report_fraud", (), "here"),
    Example("你好", "greet", (), "here"),
]


@pytest.mark.parametrize("name", ["config.yml", "domain.yml"])
def test_the_project_is_fresh(name: str) -> None:
    """What lies in nlu/rasa_project is what the sentences of today give; `make docs` writes it anew."""
    assert (rasa_export.PROJECT / name).read_text("utf-8") == rasa_export.kept()[name], f"{name} is stale: make docs"


def test_an_intent_with_one_code_implies_it() -> None:
    """Rasa has nothing to choose where an intent has one code; the ear's table says which."""
    codes = rasa_export.codes_of(examples.read(examples.packaged()))
    listening = tomllib.loads((rasa_export.PROJECT.parent / "listening.toml").read_text("utf-8"))
    assert listening["implied"] == {intent: found[0] for intent, found in codes.items() if len(found) == 1}


def test_each_code_answers_with_its_name() -> None:
    """A code is a retrieval intent, and its response the category's name."""
    responses = yaml.safe_load(rasa_export.domain(ROWS))["responses"]
    names = taxonomy.load()
    assert responses == {
        "utter_report_fraud/F02": [{"text": names["F02"].name}],
        "utter_report_fraud/F05": [{"text": names["F05"].name}],
    }


def test_each_retrieval_intent_has_its_selector() -> None:
    """DIET tells the intents, a selector of its own the codes of each."""
    pipeline = yaml.safe_load(rasa_export.config(ROWS, epochs=3))["pipeline"]
    assert [part["retrieval_intent"] for part in pipeline if part["name"] == "ResponseSelector"] == ["report_fraud"]
    assert {part["epochs"] for part in pipeline if "epochs" in part} == {3}


def test_the_sentences_come_back(tmp_path: Path) -> None:
    """Read back, every sentence has its intent and all its codes."""
    (tmp_path / "in.yml").write_text(rasa_export.sentences(ROWS), "utf-8")
    assert rasa_export.write(tmp_path / "out", tmp_path / "in.yml") == len(ROWS)
    found = {(row.text, row.intent, row.codes) for row in examples.read(tmp_path / "out" / "nlu.yml")}
    assert found == {(row.text, row.intent, row.codes) for row in ROWS}
    labels = [block["intent"] for block in yaml.safe_load((tmp_path / "out" / "nlu.yml").read_text("utf-8"))["nlu"]]
    assert labels == ["appeal_penalty", "greet", "report_fraud", "report_fraud/F02", "report_fraud/F05"]


@pytest.mark.parametrize(
    ("said", "seen"),
    [("/restart", "restart"), (" / /greet", "greet"), ("醫保\u200b卡", "医保卡"), ("１２", "12"), ("/", "")],
)
def test_rasa_sees_folded_words_and_never_a_command(said: str, seen: str) -> None:
    """To Rasa a leading stroke would be an intent that the person chose; ours are words."""
    assert rasa_export.folded(said) == seen


def test_no_sentence_is_taken_for_an_annotation() -> None:
    """Brackets that people typed stay brackets."""
    written = rasa_export.sentences([Example("[图](一)[x]{y}", "inform", (), "here")])
    assert "](" not in written
    assert "]{" not in written

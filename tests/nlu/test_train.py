"""Training works on any Rasa NLU YAML, and the data that is shipped is in order."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from nlu import confusion, examples, taxonomy
from nlu.embedded import EmbeddedEar
from nlu.evaluate import evaluate
from nlu.train import check, train

ROOT = Path(__file__).parent.parent.parent
HELD_OUT = ROOT / "tests" / "sentences"

SMALL = """
version: "3.1"
nlu:
- intent: weather
  examples: |
    - 明天[北京](city)下雨吗
    - 今天会下雨吗
    - 明天天气怎么样
    - 后天有没有雨
    - 今天天气好吗
    - 天气预报怎么说
- intent: music
  examples: |
    - 放一首歌
    - 我想听音乐
    - 来一首老歌
    - 播放周末的歌单
    - 下一首歌
    - 音乐大点声
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "nlu.yml"
    path.write_text(SMALL, "utf-8")
    return path


def test_any_rasa_data_trains_and_evaluates(small: Path, tmp_path: Path) -> None:
    """Two intents of another field: trained, loaded, heard, measured."""
    stages: list[str] = []
    folder = train(small, tmp_path / "model", lambda stage, done, total: stages.append(stage))
    table = evaluate(folder, small)
    assert table.codes is None
    assert table.intents.accuracy == 1
    assert {"reading", "checking", "learning"} <= set(stages)
    assert json.loads(table.as_json())["intents"]["count"] == 12


def test_the_same_data_gives_the_same_model(small: Path, tmp_path: Path) -> None:
    """Training is deterministic, byte for byte."""
    one, other = train(small, tmp_path / "one"), train(small, tmp_path / "other")
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def test_more_workers_change_nothing(small: Path, tmp_path: Path) -> None:
    """The model is the same whether its calibration is worked out beside it or after it."""
    one, other = train(small, tmp_path / "one"), train(small, tmp_path / "other", workers=2)
    assert all((one / path.name).read_bytes() == path.read_bytes() for path in other.iterdir())


def test_a_model_is_plain_arrays_and_json(small: Path, tmp_path: Path) -> None:
    """Nothing in a model's folder can run code."""
    folder = train(small, tmp_path / "model")
    assert {path.suffix for path in folder.iterdir()} == {".npy", ".json"}


def test_damaged_data_is_named(tmp_path: Path) -> None:
    """A file that is no Rasa YAML is refused with its name."""
    path = tmp_path / "broken.yml"
    path.write_text("- just\n- a list\n", "utf-8")
    with pytest.raises(examples.BadData, match=r"broken\.yml"):
        examples.read(path)


def test_annotations_are_read_as_text(small: Path) -> None:
    """An annotated entity leaves its words in the sentence."""
    assert examples.read(small)[0].text == "明天北京下雨吗"


def test_the_shipped_sentences_are_in_order() -> None:
    """No label conflicts, no unknown codes, no thin class, nothing of the held-out sentences."""
    problems = check(examples.packaged(), held_out=HELD_OUT)
    assert [problem for problem in problems if problem.kind != "near_copy"] == []


def test_check_finds_what_is_wrong(tmp_path: Path) -> None:
    """A conflict, a near copy, a leak, a thin class and an unknown code are each reported."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nlu.yml").write_text(
        """
version: "3.1"
nlu:
- intent: report_fraud/F01
  examples: |
    - 人不在医院床是空的
    - 药店给我返了三百块钱现金
- intent: report_fraud/F99
  examples: |
    - 人不在医院床是空的
    - 药店给我返了三百块钱现金。
""",
        "utf-8",
    )
    (tmp_path / "held.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: report_fraud/F01\n  examples: |\n    - 人不在医院,床是空的\n', "utf-8"
    )
    kinds = {problem.kind for problem in check(tmp_path / "data", held_out=tmp_path / "held.yml")}
    assert kinds == {"conflict", "leak", "thin", "unknown_code"}


def test_every_code_has_sentences() -> None:
    """Each category of the taxonomy but F00, which is no category, can be learnt."""
    known = {code for row in examples.read(examples.packaged()) for code in row.codes}
    assert known == set(taxonomy.load()) - {"F00"}


def test_the_reference_page_is_not_stale() -> None:
    """`docs/reference/categories.md` is what the taxonomy says."""
    assert (ROOT / "docs" / "reference" / "categories.md").read_text("utf-8") == taxonomy.reference()


def test_everyday_wordings_fit_a_button() -> None:
    """A choice is at most fourteen characters, and no two read alike."""
    wordings = [category.everyday for category in taxonomy.load().values()]
    assert all(0 < len(wording) <= 14 for wording in wordings)
    assert len(set(wordings)) == len(wordings)


def test_a_second_opening_finds_the_model(model_folder: Path) -> None:
    """The cache is found by content: nothing is trained twice."""
    told: list[str] = []
    EmbeddedEar.open(model_folder, progress=lambda stage, done, total: told.append(stage))
    assert told == []


def test_what_was_confused_can_be_looked_at(small: Path, tmp_path: Path) -> None:
    """The confusion matrix is a picture that any browser draws, with one cell for each pair that occurred."""
    table = evaluate(train(small, tmp_path / "model"), small)
    drawn = ET.fromstring(confusion.picture(table.intents))
    titles = {title.text for title in drawn.iter("{http://www.w3.org/2000/svg}title")}
    assert titles == {"weather → weather: 6", "music → music: 6"}


def test_a_mark_of_an_unknown_kind_is_found(tmp_path: Path) -> None:
    """`[北京](city)` is no kind of entity that the ear knows."""
    data = tmp_path / "nlu.yml"
    data.write_text(SMALL, "utf-8")
    assert [(one.kind, one.label) for one in check(data) if one.grave] == [("unknown_entity", "city")]


def test_a_sentence_for_measuring_that_is_also_learnt_is_found(small: Path, tmp_path: Path) -> None:
    """What was learnt by heart proves nothing."""
    held_out = tmp_path / "held.yml"
    held_out.write_text(
        'version: "3.1"\nnlu:\n- intent: music\n  examples: |\n    - 我想要播放周末的歌单\n    - 播放周末的歌单!\n',
        "utf-8",
    )
    assert [one.texts for one in check(small, held_out) if one.kind == "leak"] == [
        ("播放周末的歌单", "播放周末的歌单!")
    ]


def test_the_hand_that_wrote_a_sentence_is_known(tmp_path: Path) -> None:
    """A block's metadata names its writer."""
    data = tmp_path / "nlu.yml"
    data.write_text("nlu:\n- intent: a/F01\n  metadata: {hand: g}\n  examples: |\n    - 空床\n", "utf-8")
    assert [(row.hand, row.codes) for row in examples.read(data)] == [("g", ("F01",))]

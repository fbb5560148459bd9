"""The Rasa project, written from our own sentences: configuration, domain, and training data.

Configuration and domain lie in `nlu/rasa_project` and are made by `make docs`; the sentences would only be a copy
of `nlu/data`, so they are written when somebody trains. The chief code of a sentence becomes its retrieval intent
(`report_fraud/F02`); all its codes stand in the metadata. Texts are folded as the ear folds them before it asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from nlu import examples, taxonomy, text
from nlu.examples import Example

PROJECT = Path(__file__).parent / "rasa_project"
HEAD = "# Generated from nlu/data and nlu/taxonomy.toml by `make docs`; edit those, never this file.\n"
EPOCHS = 20
_VERSION = "3.1"
_ANNOTATED = re.compile(r"\]\s*([({])")


def codes_of(rows: Iterable[Example]) -> Mapping[str, tuple[str, ...]]:
    """The chief codes that each intent carries; without those that carry none."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if row.codes:
            found.setdefault(row.intent, set()).add(row.codes[0])
    return {intent: tuple(sorted(codes)) for intent, codes in sorted(found.items())}


def retrieval(rows: Iterable[Example]) -> Mapping[str, tuple[str, ...]]:
    """The intents among whose codes Rasa has to choose: where there is but one, there is nothing to learn."""
    return {intent: codes for intent, codes in codes_of(rows).items() if len(codes) > 1}


def config(rows: Sequence[Example], epochs: int = EPOCHS) -> str:
    """The pipeline: jieba's words and character n-grams into DIET, and a selector of codes for each retrieval intent."""
    learner = {"epochs": epochs, "random_seed": 1, "constrain_similarities": True}
    pipeline: list[dict[str, Any]] = [
        {"name": "JiebaTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 3},
        {"name": "DIETClassifier", **learner, "entity_recognition": False, "ranking_length": 0},
    ]
    pipeline += [
        {"name": "ResponseSelector", "retrieval_intent": intent, **learner, "ranking_length": 10}
        for intent in retrieval(rows)
    ]
    content = {
        "recipe": "default.v1",
        "assistant_id": "jianting",
        "language": "zh",
        "pipeline": pipeline,
        "policies": [],
    }
    return HEAD + _yaml(content)


def domain(rows: Sequence[Example]) -> str:
    """The intents, and as the response of each code its name in the taxonomy."""
    names = taxonomy.load()
    responses = {
        f"utter_{intent}/{code}": [{"text": names[code].name if code in names else code}]
        for intent, codes in retrieval(rows).items()
        for code in codes
    }
    content: dict[str, Any] = {"version": _VERSION, "intents": sorted({row.intent for row in rows})}
    return HEAD + _yaml(content | ({"responses": responses} if responses else {}))


def sentences(rows: Sequence[Example]) -> str:
    """The training data: one block a label, sentences in their order."""
    chosen = retrieval(rows)
    blocks: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        label = f"{row.intent}/{row.codes[0]}" if row.codes and row.intent in chosen else row.intent
        said = {"text": _plain(row.text)}
        blocks.setdefault(label, []).append(said | ({"metadata": {"codes": list(row.codes)}} if row.codes else {}))
    nlu = [{"intent": label, "examples": said} for label, said in sorted(blocks.items())]
    return _yaml({"version": _VERSION, "nlu": nlu})


def write(out: Path, data: Path | None = None, epochs: int = EPOCHS) -> int:
    """A whole project in the folder `out`, ready for `rasa train nlu`; the number of sentences."""
    rows = examples.read(data or examples.packaged())
    out.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("config.yml", config(rows, epochs)),
        ("domain.yml", domain(rows)),
        ("nlu.yml", sentences(rows)),
    ):
        (out / name).write_text(content, "utf-8")
    return len(rows)


def kept() -> Mapping[str, str]:
    """What `nlu/rasa_project` must hold for the packaged sentences."""
    rows = examples.read(examples.packaged())
    return {"config.yml": config(rows), "domain.yml": domain(rows)}


def folded(said: str) -> str:
    """The text as Rasa gets to see it, in training and in service; a leading stroke would be one of its commands."""
    return text.normalise(said)[0].lstrip("/ \t\r\n")


def _plain(said: str) -> str:
    """A sentence in which Rasa finds no annotation of its own."""
    return _ANNOTATED.sub(r"] \1", folded(said))


def _yaml(content: object) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000)

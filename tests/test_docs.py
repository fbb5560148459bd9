"""What the papers say is so: generated pages are fresh, links lead somewhere, commands exist, nothing is left out."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.app import App
from bot.cli import cli
from bot.dialogue.steps import STEPS
from bot.settings import Settings
from intake.models.staff import ROLES
from nlu import examples
from routing import states
from routing.lawbook import LawBook
from tests import conversation
from tests.generate import PAGES, READMES, REFERENCE, ROOMS, ROOT, error_classes, leaves

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def papers() -> Iterator[Path]:
    """Every page that people read."""
    yield from sorted(ROOT.glob("*.md"))
    yield from sorted((ROOT / "docs").rglob("*.md"))


def read(*parts: str) -> str:
    """One paper as text."""
    return ROOT.joinpath(*parts).read_text("utf-8")


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings have where it is shown (GitHub's rule: letters, digits, hyphens)."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", title.strip().lower()) for title in titles)
    return {title.replace(" ", "-") for title in kept}


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_fresh(name: str) -> None:
    """A reference page says what the code and the law tables say; `make docs` writes it anew."""
    assert (REFERENCE / name).read_text("utf-8") == PAGES[name](), f"{name} is stale: make docs"


@pytest.mark.parametrize("paper", [*papers()], ids=lambda paper: str(paper.relative_to(ROOT)))
def test_links_lead_somewhere(paper: Path) -> None:
    """A relative link names a file that is there, and an anchor that the page has."""
    broken = []
    for target in LINK.findall(FENCE.sub("", paper.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = paper.parent / name if name else paper
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file.read_text("utf-8"))):
            broken.append(target)
    assert not broken


def test_every_page_can_be_found() -> None:
    """Each page of the documentation is linked from the index, or from the index of its folder."""
    linked = {
        (index.parent / target.partition("#")[0]).resolve()
        for index in (ROOT / "docs" / "index.md", ROOT / "docs" / "decisions" / "index.md")
        for target in LINK.findall(index.read_text("utf-8"))
    }
    linked.add((ROOT / "docs" / "index.md").resolve())
    lost = [str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md") if page.resolve() not in linked]
    assert lost == []


@pytest.mark.parametrize("paper", [*READMES, "CONTRIBUTING.md"])
def test_commands_of_the_readme_exist(paper: str) -> None:
    """Whatever a newcomer is told to type is there: verbs of make, and commands of jianting."""
    verbs = set(re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE))
    group: Any = typer.main.get_command(cli)
    text = read(paper)
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= verbs
    assert set(re.findall(r"\.venv/bin/jianting ([a-z-]+)", text)) <= set(group.commands)


def test_contributing_tells_every_verb_of_make() -> None:
    """The list of verbs is whole."""
    verbs = re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE)
    text = read("CONTRIBUTING.md")
    assert [verb for verb in verbs if f"`make {verb}`" not in text and verb != "help"] == []


def test_every_setting_and_command_says_what_it_does() -> None:
    """A setting without a description, or a command or an option without help, is a riddle."""
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    group: Any = typer.main.get_command(cli)
    mute = [name for name, command in leaves(group) if not command.help]
    mute += [
        f"{name} {one.opts[0]}"
        for name, command in leaves(group)
        for one in command.params
        if one.opts[0].startswith("-") and not one.help
    ]
    assert mute == []


def test_every_error_class_has_a_meaning() -> None:
    """An error's docstring is its meaning."""
    classes = [node for room in ROOMS for _, node in error_classes(room)]
    assert [node.name for node in classes if not ast.get_docstring(node)] == []
    page = read("docs", "reference", "errors.md")
    assert [node.name for node in classes if f"`{node.name}`" not in page] == []


def identifiers() -> Iterator[str]:
    """The words of the field that the code uses as names."""
    yield from LawBook.load().kinds
    yield from states.table()["states"]
    yield from (*states.moves(), *states.teller_moves())
    yield from (*states.outcomes(), *states.decline_reasons())
    yield from ROLES
    yield from (step.asks for steps in STEPS.values() for step in steps)
    yield from sorted({example.intent for example in examples.read(examples.packaged())})


def test_the_glossary_knows_every_word() -> None:
    """Clocks, states, acts, outcomes, roles, questions and intents each have their Chinese word beside them."""
    known = set(re.findall(r"`([^`]+)`", read("docs", "glossary.md")))
    assert sorted(set(identifiers()) - known) == []


def test_every_dependency_has_its_reason() -> None:
    """Nothing is installed that nobody can explain."""
    project = tomllib.loads(read("pyproject.toml"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0] for line in wanted}
    told = set(re.findall(r"^\| `([^`]+)` \|", read("docs", "decisions", "dependencies.md"), re.MULTILINE))
    assert told == names


def test_the_readmes_show_what_is_really_said(app: App) -> None:
    """The conversation in the READMEs is the one that the service holds today; `make docs` holds it anew."""
    now = conversation.held(app)
    assert [paper for paper in READMES if conversation.shown(read(paper)) != now] == []

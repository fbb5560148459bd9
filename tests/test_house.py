"""The habits of the house, checked: what no linter knows. Formats, types and import contracts are `make check`."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "routing", "intake", "nlu")
CODE = frozenset({".py", ".js", ".css", ".html"})
PROSE = frozenset({".md", ".toml", ".txt", ".cfg", ".mako", ""})
LONGEST_FILE = 400

CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
SENTENCE_END = re.compile(r"[。！？]")
CHARACTER_CLASS = re.compile(r"\[[^\]]*\]")

# Files that recognise what people write. They hold single words and patterns, and never a sentence.
LISTENING = {
    "nlu/": "the ear is a grammar of Chinese",
    "intake/names.py": "tells the forms of institutions' names apart",
    "bot/dialogue/listen.py": "recognises short answers",
    "bot/dialogue/matters.py": "recognises corrections",
    "bot/dialogue/phrases.py": "drops closing particles before comparing",
}
NAME = "兼听"
# Literals that people read although they stand in Python, each with its reason. The product's name is free.
SPOKEN = {
    "兼听：受理医保基金监督举报和医药机构诉求。Every command has --help.": "the command's own help, in both languages",
}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project: what git tracks, or, without git, whatever lies in the known folders."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        found = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        found = [*ROOT.glob("*.*"), ROOT / "Makefile", ROOT / ".ci" / "run"]
        for folder in (*ROOMS, "tests", "docs", "requirements"):
            found += [file for file in (ROOT / folder).rglob("*") if "__pycache__" not in file.parts]
    return tuple(file for file in found if file.is_file())


def named(file: Path) -> str:
    """The path as people write it."""
    return file.relative_to(ROOT).as_posix()


def python(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """The Python files of these folders, parsed."""
    for file in tracked():
        if file.suffix == ".py" and named(file).split("/", 1)[0] in folders:
            yield named(file), ast.parse(file.read_text("utf-8"))


def words(*suffixes: frozenset[str]) -> Iterator[tuple[str, int, str]]:
    """Every line of the files with these endings, with its number."""
    wanted = frozenset().union(*suffixes)
    for file in tracked():
        if file.suffix in wanted:
            for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
                yield named(file), number, line


def undocumented(tree: ast.Module) -> Iterator[str]:
    """The public names of a module that have no docstring."""
    if ast.get_docstring(tree) is None:
        yield "the module"
    yield from _undocumented(tree, "")


def _undocumented(scope: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for node in scope.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(node, f"{prefix}{node.name}.")


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The string literals of a module without its docstrings, each with its line."""
    free = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in free:
            yield node.lineno, node.value


def test_every_module_class_and_function_of_the_rooms_says_what_it_is() -> None:
    """Public names of the four rooms have a docstring; a migration's frame is generated and needs none."""
    bare = [
        f"{file}: {name}" for file, tree in python(*ROOMS) if "/migrations/" not in file for name in undocumented(tree)
    ]
    assert not bare, "\n".join(bare)


def test_no_file_outgrows_a_reader() -> None:
    """A file of code has at most 400 lines; data may be as long as its subject."""
    lengths = {named(file): len(file.read_bytes().splitlines()) for file in tracked() if file.suffix in CODE}
    long = [f"{file}: {lines}" for file, lines in lengths.items() if lines > LONGEST_FILE]
    assert not long, "\n".join(long)


def test_nothing_is_left_for_later() -> None:
    """No marks of unfinished work: what is not done stands in the README as not done."""
    # Put together here, so that this line is not one of them.
    mark = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")
    left = [f"{file}:{number}: {line.strip()}" for file, number, line in words(CODE, PROSE) if mark.search(line)]
    assert not left, "\n".join(left)


def test_no_address_of_a_package_registry_is_kept() -> None:
    """Whoever installs brings his own mirror: dependencies are pinned by hash, never by address."""
    hosts = (
        r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|npmmirror\.com|yarnpkg\.com|tuna\.tsinghua|mirrors?\.[\w.]+"
    )
    address = re.compile(rf"https?://[\w.-]*(?:{hosts})|index-url[ =]+https?:")
    found = [f"{file}:{number}" for file, number, line in words(CODE, PROSE) if address.search(line)]
    assert not found, "\n".join(found)


def test_no_path_of_a_developers_machine_is_kept() -> None:
    """A path under somebody's home means nothing elsewhere and tells who worked here."""
    path = re.compile(r"(?<![\w.~-])/(?:home|Users|root|work)/\w|[A-Z]:\\Users\\")
    found = [
        f"{file}:{number}: {line.strip()}"
        for file, number, line in words(CODE, PROSE)
        if path.search(line) and file != "tests/test_house.py"
    ]
    assert not found, "\n".join(found)


def test_what_people_read_lives_in_data() -> None:
    """Python of the rooms speaks no Chinese; only files that recognise Chinese hold words and patterns of it."""
    spoken = [
        f"{file}:{line}: {text}"
        for file, tree in python(*ROOMS)
        for line, text in literals(tree)
        if _is_spoken(file, text)
    ]
    assert not spoken, "\n".join(spoken)


def _is_spoken(file: str, text: str) -> bool:
    """Whether a literal is Chinese that should stand in a data file; single signs are nobody's sentence."""
    if not CHINESE.search(text.replace(NAME, "")) or len(text.strip()) == 1 or text in SPOKEN:
        return False
    if any(file.startswith(place) for place in LISTENING):
        return SENTENCE_END.search(CHARACTER_CLASS.sub("", text)) is not None
    return True


def test_every_exception_is_still_needed() -> None:
    """An exception that nothing needs any more is taken off the list."""
    held = {text for _, tree in python(*ROOMS) for _, text in literals(tree)}
    assert held.issuperset(SPOKEN)
    assert all((ROOT / place).exists() for place in LISTENING)


@pytest.mark.parametrize("folder", ["bot/web/templates", "bot/web/static"])
def test_pages_need_no_outside_address(folder: str) -> None:
    """Offices work offline: templates, styles and scripts name nothing that is not ours; a namespace is only a name."""
    outside = re.compile(r"(?:https?:)?//[\w-]+\.[\w.-]+|@import\b")
    names = re.compile(r"http://www\.w3\.org/\d{4}/\w+")
    found = [
        f"{file}:{number}: {line.strip()}"
        for file, number, line in words(CODE, frozenset({".svg", ".webmanifest", ".json"}))
        if file.startswith(folder) and outside.search(names.sub("", line))
    ]
    assert not found, "\n".join(found)


def test_only_the_door_waits_and_looks_at_the_clock() -> None:
    """The core is synchronous and is told the time: no coroutine, no now() and no today() in desk, ledger and ear."""
    found = [
        f"{file}:{node.lineno}"
        for file, tree in python("routing", "intake", "nlu")
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef)
        or (isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"} and _is_clock(node.value))
    ]
    assert not found, "\n".join(found)


def _is_clock(value: ast.expr) -> bool:
    return ast.unparse(value) in {"datetime", "date", "datetime.datetime", "datetime.date"}


def test_only_the_settings_read_the_environment() -> None:
    """One place reads the environment; a training process of its own hands its parent's on."""
    readers = {"bot/settings.py", "nlu/train.py", "nlu/embedded.py"}
    found = {
        file
        for file, tree in python(*ROOMS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
    }
    assert found <= readers, found - readers


def test_only_the_edge_commits() -> None:
    """Desk and ledger never commit: whoever opened the transaction does, once."""
    found = [
        f"{file}:{node.lineno}"
        for file, tree in python("routing", "intake", "nlu")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "commit" and file != "intake/db.py"
    ]
    assert not found, "\n".join(found)

"""Each module has a name of its own, made of words that a reader can look up."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.architecture.tree import ROOT, below, name

FIELD_TERMS = Path(__file__).with_name("field_terms.toml")
GLOSSARY = ROOT / "docs" / "glossary.md"

#: Names that more than one module has, each with the reason.
SHARED = {
    "cli": "each command line has one, as Python's packages do",
    "commands": "what the subcommands of a `cli` beside it do",
    "doctor": "`drydock doctor` and `autograder doctor` are the same command for two programs",
    "errors": "each package has the messages of its own errors",
    "environment": "environment variables in Python's sense, and `environment.yml` in conda's",
    "engine": "the package and its main class",
    "machine": "the package and its main class",
    "supervisor": "the package and its main class",
    "checks": "the package, and the file that each assignment has by contract",
}
_ENTRY = re.compile(r"^- \*\*(.+?)\*\*: (.+(?:\n  .+)*)", re.MULTILINE)


def modules() -> list[Path]:
    """Return all modules and sub-packages, without programs that run inside images."""
    folders = ("drydock", "autograder", "scripts", "assignments")
    files = [path for folder in folders for path in below(folder, "*.py")]
    inside_images = re.compile(r"drydock/images/recipes/|assignments/\w+/\w+/")
    return [path for path in files if path.stem != "__main__" and not inside_images.match(name(path))]


def module_name(path: Path) -> str:
    """Return the name of a module; of a package the name of its folder."""
    return path.parent.name if path.stem == "__init__" else path.stem


@cache
def glossary() -> dict[str, str]:
    """Return the words of the glossary, each with its explanation."""
    entries = _ENTRY.findall(GLOSSARY.read_text())
    return {word.strip(): " ".join(text.split()) for words, text in entries for word in words.split(",")}


@cache
def field_terms() -> dict[str, str]:
    """Return the terms of the field, each with the documentation that explains it."""
    sources = tomllib.loads(FIELD_TERMS.read_text())["source"]
    return {word: source["name"] for source in sources for word in source["words"].split()}


@cache
def known_words() -> frozenset[str]:
    """Return all words that are explained: the field's terms, and the words that entries of the glossary consist of."""
    return frozenset(field_terms()) | {word for entry in glossary() for word in entry.replace("-", " ").split()}


def is_known(name: str) -> bool:
    """Return whether each word of a module's name, in the singular or the plural, is explained."""
    return all({word, word.removesuffix("s"), word.removesuffix("es")} & known_words() for word in name.split("_"))


def test_each_name_stands_for_one_module() -> None:
    """One word, one thing: no two modules have the same name, but for the listed ones."""
    files = defaultdict(list)
    for path in modules():
        files[module_name(path)].append(name(path))
    twice = {module: paths for module, paths in files.items() if len(paths) > 1 and module not in SHARED}
    assert twice == {}
    assert [module for module in SHARED if len(files[module]) < 2] == []


def test_each_name_can_be_looked_up() -> None:
    """A module's name, or each of its words, is in the glossary or in the list of the field's terms."""
    unknown = [name(path) for path in modules() if not is_known(module_name(path))]
    assert not unknown, f"Explain the name in docs/glossary.md, or add its words to field_terms.toml: {unknown}"
    assert not is_known("elsewhere")


def test_no_field_term_is_unused() -> None:
    """A term that no module's name has any more leaves the list."""
    words = {word for path in modules() for word in module_name(path).split("_")}
    used = words | {word.removesuffix("s") for word in words} | {word.removesuffix("es") for word in words}
    assert sorted(set(field_terms()) - used) == []


def test_an_entry_of_the_glossary_is_one_sentence() -> None:
    """Each word is explained once, in one sentence."""
    words = [word for words, _ in _ENTRY.findall(GLOSSARY.read_text()) for word in words.split(", ")]
    assert len(words) == len(set(words))
    assert [word for word, text in glossary().items() if not text.endswith(".") or ". " in text] == []

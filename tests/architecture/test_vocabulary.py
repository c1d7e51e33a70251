"""No term of the old private language comes back: the list is ``vocabulary.toml``."""

from __future__ import annotations

import pytest

from tests.architecture import tree, vocabulary
from tests.architecture.vocabulary import terms


def test_no_such_term_is_used() -> None:
    """Comments, docstrings, messages, documentation and configuration have no hit."""
    hits = [hit for path in vocabulary.searched() for hit in vocabulary.hits(path)]
    assert not hits, "\n".join(map(str, hits))


def test_no_such_name_is_defined() -> None:
    """Variables, parameters, functions, classes and attributes of packages and scripts have no such name."""
    paths = vocabulary.searched()
    hits = [hit for path in paths for hit in vocabulary.name_hits(tree.name(path), path.read_text(errors="replace"))]
    assert not hits, "\n".join(map(str, hits))


@pytest.mark.parametrize("kind", ["prose", "name"])
def test_each_pattern_finds_its_example(kind: str) -> None:
    """Each entry of the list would be noticed: its own example is a hit."""
    assert [term.term for term in terms(kind) if not any(term.spans(term.example))] == []


def test_a_hit_names_its_line_and_the_word_to_write() -> None:
    """The report leads to the place, also where the words are on two lines, and says what to write."""
    source = 'X = 1\n\n\ndef x() -> None:\n    """Return the work that was handed\n    in."""\n'
    assert [str(hit) for hit in vocabulary.prose_hits("x.py", source)] == [
        "x.py:5: 'handed in'; write: submit, submission; release"
    ]


def test_code_is_no_prose() -> None:
    """Of Python, only comments and strings are searched, and of a formatted string only its text."""
    source = 'stem = path.stem  # the stem\ntext = f"{wall} {stem} a wall"\n'
    assert [(hit.line, hit.words) for hit in vocabulary.prose_hits("x.py", source)] == [(2, "wall"), (1, "stem")]


def test_names_of_code_are_searched() -> None:
    """A variable, a parameter, a function, a class or an attribute with such a name is a hit."""
    source = "def told(ground: int) -> None:\n    crew = 1\n\n\nclass Desk:\n    x.walls = door.shut()\n"
    hits = vocabulary.name_hits("x.py", source)
    assert {hit.words for hit in hits} == {"told", "ground", "crew", "Desk", "walls"}


@pytest.mark.parametrize(
    "text",
    [
        "the wall clock time",
        "@pytest.mark.live",
        "a question mark",
        "Path.stem",
        "tell your instructor",
        "the lecture notes",
        "a style sheet",
        "a student who comes back",
        "Who may read the file?",
    ],
)
def test_a_legitimate_use_is_no_hit(text: str) -> None:
    """The same words in the field's own sense are left alone."""
    assert vocabulary.prose_hits("x.md", text) == []


def test_what_is_searched() -> None:
    """The search covers packages, scripts, tests and documentation, and leaves out lessons, notebooks and locks."""
    names = {tree.name(path) for path in vocabulary.searched()}
    assert {"README.md", "Makefile", "drydock/cli.py", "tests/conftest.py", "scripts/setup"} <= names
    assert not [name for name in names if name.startswith(("course/", "locks/")) or name.endswith(".ipynb")]


def test_terms_are_listed_once() -> None:
    """No two entries of a kind are about the same term."""
    for kind in ("prose", "name"):
        listed = [term.term for term in terms(kind)]
        assert len(listed) == len(set(listed))

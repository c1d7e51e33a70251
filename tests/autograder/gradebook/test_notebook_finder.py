"""Which notebook of a tree is the work; test_intake.py has the same for folders and archives."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from autograder.gradebook.notebook_finder import NoNotebook, chosen_path, is_notebook


def chosen(*names: str, empty: tuple[str, ...] = ()) -> str:
    """The notebook to grade of files with these names; some of them are empty."""
    sizes = {PurePosixPath(name): 0 if name in empty else 1 for name in names}
    return chosen_path(sizes, "service").as_posix()


@pytest.mark.parametrize(
    ("right", "others"),
    [
        ("service/service.ipynb", ["Untitled.ipynb", "Untitled1.ipynb"]),
        ("service/service.ipynb", ["service_notes.ipynb"]),
        ("a/b/service-Copy1.ipynb", ["a/my service.ipynb"]),
        ("a/my service.ipynb", ["x.ipynb", "a/y.ipynb"]),
        ("service (1).ipynb", ["old/service.ipynb", "notes.ipynb"]),
        ("x.ipynb", ["a/b/y.ipynb", "__MACOSX/service.ipynb", "._service.ipynb"]),
        ("a/service/service.ipynb", ["a/old/service.ipynb", "b/c/d/service.ipynb"]),
    ],
)
def test_the_name_counts_more_than_the_way(right: str, others: list[str]) -> None:
    """The exact name or a copy's, then one that has the name in it, then any; each as near to the top as can be."""
    assert chosen(right, *others) == chosen(*others, right) == right


def test_an_empty_file_comes_last() -> None:
    """Whatever it is called; where all are empty, the name counts."""
    assert chosen("service.ipynb", "old/x.ipynb", empty=("service.ipynb",)) == "old/x.ipynb"
    assert chosen("service.ipynb", "x.ipynb", empty=("service.ipynb", "x.ipynb")) == "service.ipynb"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ([], "there is no notebook in the folder; it should be called service.ipynb"),
        (["a.txt", ".service.ipynb"], "there is no notebook"),
        (["b.ipynb", "a.ipynb"], "there are several notebooks and none is called service.ipynb: a.ipynb, b.ipynb"),
        (["x.ipynb", "b/service.ipynb", "a/service.ipynb"], "isn't clear .*: a/service.ipynb, b/service.ipynb"),
    ],
)
def test_nobody_guesses(names: list[str], reason: str) -> None:
    """A scratch notebook isn't taken since two could be meant, and the reason is true."""
    with pytest.raises(NoNotebook, match=reason):
        chosen(*names)


def test_a_notebook_is_known_by_its_ending() -> None:
    """Also with what browsers add; a hidden file is another program's."""
    assert [is_notebook(name) for name in ("a.IPYNB", "a.ipynb.txt", ".a.ipynb", "a.py")] == [True, True, False, False]

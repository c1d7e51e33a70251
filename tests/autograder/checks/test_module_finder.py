"""Modules from sources in memory."""

from __future__ import annotations

import importlib
import traceback

import pytest

from autograder.checks.module_finder import FINDER


def test_modules_of_a_package_import_each_other() -> None:
    """Also inside of a function, long after the first import."""
    FINDER.add(
        "finder_test.first", {"a.py": b"def late():\n    from . import b\n    return b.WORD\n", "b.py": b"WORD = 1\n"}
    )
    assert importlib.import_module("finder_test.first.a").late() == 1


def test_packages_stay_apart() -> None:
    """A module of the same name in another package is another one; what no package has is not found."""
    for number in (1, 2):
        FINDER.add(f"finder_test{number}.same", {"a.py": f"WORD = {number}\n".encode()})
    modules = [importlib.import_module(f"finder_test{number}.same.a") for number in (1, 2)]
    assert [module.WORD for module in modules] == [1, 2]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("finder_test1.same.b")


def test_a_traceback_shows_the_line() -> None:
    """Its file is named after the folder, and its text comes from memory."""
    FINDER.add("finder_test3.broken", {"a.py": b"def fail():\n    return 1 / 0  # here\n"})
    module = importlib.import_module("finder_test3.broken.a")
    with pytest.raises(ZeroDivisionError) as error:
        module.fail()
    text = "".join(traceback.format_exception(error.value))
    assert 'File "broken/a.py", line 2' in text
    assert "return 1 / 0  # here" in text
    assert FINDER.has("broken/a.py")
    assert not FINDER.has(__file__)

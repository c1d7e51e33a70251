"""drydock/python: the interpreter with its standard library."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.host

TAG = "drydock/python:3.13"


def test_both_names(run: Callable[..., str]) -> None:
    """`python` and `python3` have the version that the tag names."""
    assert run(TAG, "python", "--version") == run(TAG, "python3", "--version")
    assert run(TAG, "python", "--version").startswith("Python 3.13.")


def test_standard_library(run: Callable[..., str]) -> None:
    """The modules that need C libraries can be imported."""
    script = "import bz2, ctypes, curses, lzma, readline, sqlite3, ssl, uuid, zlib; print(ssl.OPENSSL_VERSION)"
    assert run(TAG, "python3", "-c", script).startswith("OpenSSL 3")


def test_packages_are_configured(run: Callable[..., str]) -> None:
    """dpkg finds its packages configured, like those of the parent image."""
    assert run(TAG, "dpkg", "--audit") == ""
    assert "ok installed" in run(TAG, "dpkg-query", "-W", "-f", "${Status}\\n", "python3.13")


def test_modules_are_compiled(run: Callable[..., str]) -> None:
    """A start compiles no module, which would be slow in a machine."""
    script = "import json, pathlib; print(pathlib.Path(json.__cached__).exists())"
    assert run(TAG, "python3", "-c", script) == "True\n"


def test_size(megabytes: Callable[[str], float]) -> None:
    """The image is smaller than 130 MB, of which Debian's image has 76 and pip 13."""
    assert megabytes(TAG) < 130


def test_pip(run: Callable[..., str]) -> None:
    """pip is there under both names, and may install packages for the whole container."""
    assert run(TAG, "pip", "--version").startswith("pip ")
    assert run(TAG, "python", "-m", "pip", "--version") == run(TAG, "pip", "--version")
    folders = run(TAG, "sh", "-c", "find / -name EXTERNALLY-MANAGED -not -path '/proc/*'")
    assert folders == "", "pip would refuse to install packages outside of a virtual environment"

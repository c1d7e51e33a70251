"""drydock/python: the interpreter with its standard library."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.host

TAG = "drydock/python:3.13"


def test_both_names(run: Callable[..., str]) -> None:
    """`python` and `python3` are the version the tag says."""
    assert run(TAG, "python", "--version") == run(TAG, "python3", "--version")
    assert run(TAG, "python", "--version").startswith("Python 3.13.")


def test_standard_library(run: Callable[..., str]) -> None:
    """The modules that stand on C libraries are there."""
    script = "import bz2, ctypes, curses, lzma, readline, sqlite3, ssl, uuid, zlib; print(ssl.OPENSSL_VERSION)"
    assert run(TAG, "python3", "-c", script).startswith("OpenSSL 3")


def test_dpkg_is_content(run: Callable[..., str]) -> None:
    """Packages that came by a layer of their own are set up like those below."""
    assert run(TAG, "dpkg", "--audit") == ""
    assert "ok installed" in run(TAG, "dpkg-query", "-W", "-f", "${Status}\\n", "python3.13")


def test_the_library_is_compiled(run: Callable[..., str]) -> None:
    """A start compiles nothing: that would be slow in a machine."""
    script = "import json, pathlib; print(pathlib.Path(json.__cached__).exists())"
    assert run(TAG, "python3", "-c", script) == "True\n"


def test_size(megabytes: Callable[[str], float]) -> None:
    """It stays under 120 MB, Debian's 76 included."""
    assert megabytes(TAG) < 120

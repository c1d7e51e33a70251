"""The hints for a Dockerfile that doesn't build; the messages are those of BuildKit 0.8 (Docker 20.10) to 0.20."""

from __future__ import annotations

import sys

import pytest

from tests.autograder.conftest import load_assignment

CHECKS = sys.modules[load_assignment("dockerfile").check("dockerfile.builds").look.__module__]


@pytest.mark.parametrize(
    ("complaint", "words"),
    [
        ("dockerfile parse error line 2: unknown instruction: RAISE", "`raise NotImplementedError()` is still"),
        ("dockerfile parse error on line 2: unknown instruction: raise", "`raise NotImplementedError()` is still"),
        ("dockerfile parse error line 3: unknown instruction: WORKDRI", "may be misspelt"),
        ('failed to do request: Head "https://registry-1.docker.io/v2/library/python/manifests/3.13"', "begin with"),
        ("python:3.13: failed to resolve source metadata for docker.io/library/python:3.13", "begin with `drydock/`"),
        ('failed to compute cache key: "/pres" not found: not found', "keeps out"),
        ("executor failed running [/bin/sh -c python3 press/press.py]: exit code: 2", "A command of a `RUN` step"),
        ('process "/bin/sh -c false" did not complete successfully: exit code: 1', "A command of a `RUN` step"),
        ("failed to read dockerfile: no such file", "`%%writefile Dockerfile`"),
        ("something new", "Read the output of"),
    ],
)
def test_the_hint_fits_what_the_build_printed(complaint: str, words: str) -> None:
    """Each common mistake has a hint of its own; any other leads to the output of the build."""
    assert words in CHECKS._advice_on_build(f"ERROR: failed to solve: {complaint}")

"""The tests of the assignments' checks use the autograder's fixtures."""

from __future__ import annotations

from tests.autograder.conftest import course, sandbox

__all__ = ["course", "sandbox"]

"""Which cases of a check are tried by day, and which at night: one takes ten seconds or more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def each_check_once(checks: dict[str, str]) -> list[Any]:
    """Return cases for ``parametrize`` from the check that each fails: by day the first case of each check."""
    first = {check: case for case, check in reversed(checks.items())}
    return _at_night(checks, {case for case, check in checks.items() if first[check] != case})


def first_by_day(cases: Iterable[str]) -> list[Any]:
    """Return cases for ``parametrize``, all but the first marked as nightly."""
    _, *others = cases
    return _at_night(cases, set(others))


def _at_night(cases: Iterable[str], nightly: set[str]) -> list[Any]:
    return [pytest.param(case, marks=pytest.mark.nightly) if case in nightly else case for case in cases]

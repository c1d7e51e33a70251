"""Which cases of a check are tried by day, and which at night: one takes ten seconds or more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def each_check_once(checks: dict[str, str]) -> list[Any]:
    """Return cases for ``parametrize`` from the check that each fails: by day the first case of each check."""
    first = {check: case for case, check in reversed(checks.items())}
    return by_day(checks, first.values())


def by_day(cases: Iterable[str], chosen: Collection[str]) -> list[Any]:
    """Return cases for ``parametrize``, all but the chosen ones marked as nightly."""
    cases = list(cases)
    assert set(chosen) <= set(cases)
    return [case if case in chosen else pytest.param(case, marks=pytest.mark.nightly) for case in cases]

"""Which cases of a parametrized test run by day; the others are variants, for the night."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def by_day(cases: Iterable[str], chosen: Collection[str]) -> list[Any]:
    """Return cases for ``parametrize``, all but the chosen ones marked as nightly."""
    cases = list(cases)
    assert set(chosen) <= set(cases)
    return [case if case in chosen else pytest.param(case, marks=pytest.mark.nightly) for case in cases]

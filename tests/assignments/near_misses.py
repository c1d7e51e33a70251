"""Which near misses are tried every time: each boots nothing, but takes ten seconds and more."""

from __future__ import annotations

from typing import Any

import pytest


def each_check_once(checks: dict[str, str]) -> list[Any]:
    """Cases for ``parametrize``, of a mapping from their names to the check that fails: the first of each check.

    The others wait for the night.
    """
    first = {check: case for case, check in reversed(checks.items())}
    return [
        case if first[check] == case else pytest.param(case, marks=pytest.mark.nightly)
        for case, check in checks.items()
    ]

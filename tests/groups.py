"""Which tests of a parallel run share a worker, and in which order they begin.

A file's tests stay together, so that they share what their fixtures start. Tests that use the daemon of this computer
stay together, since they look at everything in it. ``pytest.mark.xdist_group`` on a test overrides both.

A worker asks for its next group when two tests of its last one are left, and keeps it until it gets to it. If one of
these two takes minutes, the next group waits that long beside idle workers. So each slow group ends with the tests of
a quick file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet

T = TypeVar("T")

HOST = "host"
#: The markers of tests that take seconds to minutes.
_SLOW = ("live", "host", "browser", "isolation")
#: Groups that take minutes, the longest first; they begin in this order, so that no worker is left alone with one at
#: the end. Above all, the machine's parts: without them in the cache, the tests of all other groups wait.
LONGEST = [
    "tests/drydock/machine/artifacts/test_machine_build.py",
    "pod",
    HOST,
    *(f"requests-{number}" for number in (1, 2)),
    "tests/packaging/test_installed.py",
    *(f"tests/assignments/{name}/test_checks.py" for name in ("dockerfile", "production", "devimage", "service")),
    *(f"exercises-{number}" for number in range(1, 5)),
    *(f"lessons-{number}" for number in range(1, 5)),
    "tests/autograder/test_attacks.py",
    *(f"graded-{name}" for name in ("production", "devimage", "service", "dockerfile")),
    "tests/drydock/machine/supervisor/test_supervisor.py",
    "tests/drydock/machine/test_machine.py",
    "tests/autograder/test_commands.py",
    "tests/autograder/test_nbgrader.py",
]


def arrange(items: list[pytest.Item]) -> None:
    """Put the slow groups first, the longest at the top, and give each test the name of its group for xdist."""
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        groups.setdefault(group_of(item), []).append(item)
    slow = sorted((name for name, tests in groups.items() if any(map(is_slow, tests))), key=_place)
    quick = deque(name for name, tests in groups.items() if name not in slow and len(tests) > 2)
    for name in slow[: len(quick)]:
        groups[name] += groups.pop(quick.popleft())
    order = [*slow, *(name for name in groups if name not in slow)]
    for name in order:
        for item in groups[name]:
            item.add_marker(pytest.mark.xdist_group(name))
    items[:] = [item for name in order for item in groups[name]]


def spread(cases: Iterable[T], group: str, number: int) -> list[ParameterSet]:
    """Return cases for ``parametrize``, dealt out to several groups, since each takes minutes."""
    return [
        pytest.param(case, id=str(case), marks=pytest.mark.xdist_group(f"{group}-{place % number + 1}"))
        for place, case in enumerate(cases)
    ]


def group_of(item: pytest.Item) -> str:
    """Return the group that a test names, or that of all tests with this computer's daemon, or its file."""
    if marker := item.get_closest_marker("xdist_group"):
        return str(marker.args[0])
    return HOST if item.get_closest_marker("host") else item.nodeid.partition("::")[0]


def is_slow(item: pytest.Item) -> bool:
    """Return whether a test boots or drives something."""
    return any(map(item.get_closest_marker, _SLOW))


def _place(group: str) -> int:
    return LONGEST.index(group) if group in LONGEST else len(LONGEST)

"""Which tests of a parallel run share a worker, and in which order they begin.

A file's tests stay together, so that they share what their fixtures start. Tests that use the daemon of this computer
stay together, since they look at everything in it. ``pytest.mark.xdist_group`` on a test overrides both.

A worker asks for its next group when two tests of its last one are left, and keeps it until it gets to it. If one of
these two takes minutes, the next group waits that long beside idle workers. So each slow group ends with the tests of
a quick file.
"""

from __future__ import annotations

from collections import deque

import pytest

HOST = "host"
#: What marks a test that takes seconds to minutes.
_SLOW = ("live", "host", "browser", "isolation")
#: Seconds of the longest groups; they begin in this order, so that no worker is left alone with one at the end.
SECONDS = {
    "pod": 300,
}


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


def group_of(item: pytest.Item) -> str:
    """Return the group that a test names, or that of all tests with this computer's daemon, or its file."""
    if marker := item.get_closest_marker("xdist_group"):
        return str(marker.args[0])
    return HOST if item.get_closest_marker("host") else item.nodeid.partition("::")[0]


def is_slow(item: pytest.Item) -> bool:
    """Return whether a test boots or drives something."""
    return any(map(item.get_closest_marker, _SLOW))


def _place(group: str) -> float:
    """Return the place of a group among the slow ones: a smaller number begins earlier."""
    return -SECONDS.get(group, 0)

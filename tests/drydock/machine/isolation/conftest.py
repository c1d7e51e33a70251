"""Fixtures of the isolation backends' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drydock.machine.isolation import bubblewrap, docker_container


@pytest.fixture(autouse=True)
def no_cached_trial() -> Iterator[None]:
    """Forget, before and after each test, whether the backends work: a test may change that."""
    for backend in (bubblewrap, docker_container):
        backend.unavailable_reason.cache_clear()
    yield
    for backend in (bubblewrap, docker_container):
        backend.unavailable_reason.cache_clear()

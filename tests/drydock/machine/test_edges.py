"""A machine behaves like a real daemon in each row of the table of edges that must be equal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.drydock.machine import edges
from tests.drydock.machine.edge_probes.daemon import Daemon

pytestmark = [pytest.mark.live, pytest.mark.host, pytest.mark.nightly]


@pytest.fixture(scope="module")
def daemons() -> Iterator[tuple[Daemon, Daemon]]:
    """A machine's daemon and this computer's, for all rows."""
    with edges.both() as both:
        yield both


@pytest.mark.parametrize("row", [row for row in edges.ROWS if not row.reason], ids=lambda row: row.probe.__name__)
def test_a_row_is_equal(daemons: tuple[Daemon, Daemon], row: edges.Row) -> None:
    """The machine's daemon and this computer's give the same result, which is no error of the probe."""
    [result] = edges.measure([row], *daemons)
    assert result.machine == result.host
    assert "Error" not in result.machine

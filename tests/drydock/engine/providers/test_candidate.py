"""An answer: a daemon, one that could be booted, or neither."""

from __future__ import annotations

from drydock.core.endpoint import Endpoint
from drydock.engine.providers.candidate import Candidate
from drydock.machine import Machine


def test_with_neither_it_is_of_no_use() -> None:
    """An answer with a reason only can't be taken."""
    assert not Candidate("local socket", "host", "there is none").usable


def test_an_address_or_a_way_to_boot_will_do() -> None:
    """A daemon that answers and one that can be booted are both of use."""
    assert Candidate("local socket", "host", "it answers", Endpoint("unix:///var/run/docker.sock")).usable
    assert Candidate("new machine", "machine", "it can be", boot=lambda shares, owned: Machine()).usable

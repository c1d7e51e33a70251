"""A provider's result: a daemon, a machine that can be booted, or neither."""

from __future__ import annotations

from drydock.core.endpoint import Endpoint
from drydock.engine.providers.candidate import Candidate
from drydock.machine import Machine


def test_reason_alone_is_not_usable() -> None:
    """A candidate with only a reason is not usable."""
    assert not Candidate("local socket", "host", "there is none").usable


def test_endpoint_or_boot_is_usable() -> None:
    """A candidate with a daemon, and one that can boot a machine, are usable."""
    assert Candidate("local socket", "host", "it answers", Endpoint("unix:///var/run/docker.sock")).usable
    assert Candidate("new machine", "machine", "it can be", boot=lambda shares, owned: (Machine(), True)).usable

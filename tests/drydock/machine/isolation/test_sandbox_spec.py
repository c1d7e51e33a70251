"""What a process behind a wall has to work with, unless it is given more."""

from __future__ import annotations

import subprocess

import pytest

from drydock.machine.isolation import backends
from tests.drydock.machine.isolation.test_backends import EACH

_LOOK = "ls -d /usr /memory /var /srv /etc/passwd 2>/dev/null; env | grep -v ^PWD="


@pytest.mark.parametrize("name", EACH)
def test_by_default_it_is_nothing_but_programs(name: str) -> None:
    """No folder of this computer that holds more than those, no memory as files, and no variable."""
    words = [*backends.named(name).prefix(), "/bin/sh", "-c", _LOOK]
    said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30).stdout
    assert said.split() == ["/usr"]

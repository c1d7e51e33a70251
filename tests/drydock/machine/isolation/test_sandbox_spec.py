"""The default of a sandbox specification."""

from __future__ import annotations

import subprocess

import pytest

from drydock.machine.isolation import backends
from tests.drydock.machine.isolation.test_backends import EACH_BACKEND

_LIST = "ls -d /usr /memory /var /srv /etc/passwd 2>/dev/null; env | grep -v ^PWD="


@pytest.mark.parametrize("name", EACH_BACKEND)
def test_by_default_only_programs_are_visible(name: str) -> None:
    """By default the process sees /usr, no other folder of this computer, no /memory, and has no variable."""
    argv = [*backends.by_name(name).prefix(), "/bin/sh", "-c", _LIST]
    output = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30).stdout
    assert output.split() == ["/usr"]

"""Fixtures for the tests of machines: empty folders, a machine name, and the command ``drydock machine``."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from drydock.machine import Machine

#: Runs ``drydock machine …`` as a child process, with these arguments and changes of the environment (None: unset).
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def argv(*arguments: str) -> list[str]:
    """Return the command line of ``drydock machine`` with these arguments."""
    return [sys.executable, "-m", "drydock.cli", "machine", *arguments]


def environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return this process's environment with some variables changed, or removed where the value is None."""
    changed = dict(os.environ) | {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in changed.items() if changes.get(name, "") is not None}


@pytest.fixture
def drydock_machine() -> Command:
    """A function that runs ``drydock machine`` and waits for its end."""

    def run(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
        env = environment(changes)
        return subprocess.run(argv(*arguments), env=env, capture_output=True, text=True, timeout=240, check=False)

    return run


@pytest.fixture
def user_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with empty folders ``cache`` and ``data``, which Drydock uses during the test."""
    for name in ("cache", "data"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    return tmp_path


@pytest.fixture
def machine_name() -> Iterator[str]:
    """A name that no other test uses; a machine of that name is removed after the test."""
    name = f"test-{secrets.token_hex(3)}"
    yield name
    machine = Machine(name)
    if machine.exists():
        machine.remove()
    machine.instance.start_lock.unlink(missing_ok=True)


@pytest.fixture
def odd_process() -> Iterator[int]:
    """A child process whose name is no UTF-8, as a long name may be of which the kernel keeps the first 15 bytes."""
    program = "import sys; open('/proc/self/comm', 'wb').write(b'odd\\xff'); print(flush=True); sys.stdin.read()"
    argv = [sys.executable, "-c", program]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        yield process.pid
        process.communicate()

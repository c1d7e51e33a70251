"""What the machine's tests stand on: the shared machine, an empty home, and the real command."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from drydock.machine import Machine

#: The real command ``drydock machine …`` as a child: words, and changes of its environment (None: unset).
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def argv(*words: str) -> list[str]:
    """The command line of ``drydock machine`` with these words."""
    return [sys.executable, "-m", "drydock.cli", "machine", *words]


def environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Our environment with some variables changed, or unset where None."""
    changed = dict(os.environ) | {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in changed.items() if changes.get(name, "") is not None}


@pytest.fixture
def drydock_machine() -> Command:
    """Runs ``drydock machine`` to its end."""

    def run(*words: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
        env = environment(changes)
        return subprocess.run(argv(*words), env=env, capture_output=True, text=True, timeout=240, check=False)

    return run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Cache, data and sockets in an empty folder of this test's own."""
    for name in ("cache", "data"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    return tmp_path


@pytest.fixture
def home_of_its_own() -> Iterator[str]:
    """A name that no other test uses; a machine of that name is removed at the end."""
    name = f"test-{secrets.token_hex(3)}"
    yield name
    one = Machine(name)
    if one.exists():
        one.remove()
    (one.folder.parent / f".{name}.starting").unlink(missing_ok=True)

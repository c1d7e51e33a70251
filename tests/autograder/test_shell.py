"""The shell in a container, typed into by a check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from autograder.check import Failed
from autograder.ground import Ground
from autograder.sandbox import MachineSandbox
from autograder.shell import opened

pytestmark = [pytest.mark.live, pytest.mark.wall, pytest.mark.timeout(300)]


@pytest.fixture
def ground(sandbox: MachineSandbox) -> Iterator[Ground]:
    """A daemon in which nobody is left sitting."""
    with closing(sandbox.client()) as client:
        yield Ground(client, sandbox.reach, "a-token")
        assert client.containers.list(all=True) == []


@pytest.mark.parametrize("name", ["drydock/busybox:1.37", "drydock/workbench:13"])
def test_what_is_typed_is_answered(ground: Ground, name: str) -> None:
    """With what the commands print, and nothing of the prompt or of what was typed; it's one shell all the time."""
    with opened(ground, ground.docker.images.get(name)) as shell:
        assert shell.type("cd /tmp; echo one; echo two") == "one\ntwo"
        assert shell.type("pwd") == "/tmp"
        assert shell.type("true") == ""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"command": ["sleep", "60"]}, "had no effect"),
        ({"command": ["sh", "-c", "read line; echo enough"]}, "ended"),
        ({"command": ["echo", "good morning"]}, "ended"),
        ({"command": ["no-such-shell"]}, "does not start"),
    ],
)
def test_what_is_no_shell_is_told(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], words: str
) -> None:
    """With what was shown."""
    monkeypatch.setattr("autograder.shell._SECONDS", 3)
    image = ground.docker.images.get("drydock/busybox:1.37")
    with pytest.raises(Failed, match=words), opened(ground, image, **settings) as shell:
        shell.type("echo hello")

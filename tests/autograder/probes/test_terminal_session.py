"""The shell in a container, typed into by a check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.probes.terminal_session import opened
from autograder.sandbox.machine_sandbox import MachineSandbox

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(300)]


@pytest.fixture
def context(sandbox: MachineSandbox) -> Iterator[CheckContext]:
    """A daemon in which nobody is left sitting."""
    with closing(sandbox.client()) as client:
        yield CheckContext(client, sandbox.reach, "a-token")
        assert client.containers.list(all=True) == []


@pytest.mark.parametrize("name", ["drydock/busybox:1.37", "drydock/workbench:13"])
def test_what_is_typed_is_answered(context: CheckContext, name: str) -> None:
    """With what the commands print, and nothing of the prompt or of what was typed; it's one shell all the time."""
    with opened(context, context.docker.images.get(name)) as shell:
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
    context: CheckContext, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], words: str
) -> None:
    """With what was shown."""
    monkeypatch.setattr("autograder.probes.terminal_session._SECONDS", 3)
    image = context.docker.images.get("drydock/busybox:1.37")
    with pytest.raises(Failed, match=words), opened(context, image, **settings) as shell:
        shell.type("echo hello")

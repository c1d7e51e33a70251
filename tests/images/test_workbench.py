"""drydock/workbench: an apt that needs no network."""

from __future__ import annotations

import io
from collections.abc import Callable

import docker
import pytest

from drydock.images import recipes

pytestmark = pytest.mark.host

TAG = "drydock/workbench:13"

#: How each tool is asked for its version.
TOOLS = {
    "git": "git --version",
    "vim-tiny": "vi --version",
    "nano": "nano --version",
    "less": "less --version",
    "curl": "curl --version",
    "jq": "jq --version",
    "make": "make --version",
    "tmux": "tmux -V",
    "zsh": "zsh --version",
}

DOCKERFILE = f"""\
FROM {TAG}
RUN apt-get update && apt-get install -y git zsh
"""


def test_the_list_of_tools() -> None:
    """What is tried here is what the image has."""
    workbench = next(image for image in recipes() if image.tag == TAG)
    assert workbench.pool == list(TOOLS)


def test_its_lists_are_read_without_complaint(run: Callable[..., str]) -> None:
    """`apt-get update` finds one archive, and nothing to warn of."""
    said = run(TAG, "apt-get", "update", network_mode="none")
    assert "file:/srv/apt" in said
    assert not [line for line in said.splitlines() if line.startswith(("W:", "E:", "Err:"))]


@pytest.mark.parametrize("tool", TOOLS)
def test_each_tool_can_be_had(run: Callable[..., str], tool: str) -> None:
    """It is installed with all it needs, without a network, and runs."""
    script = f"apt-get update -qq && apt-get install -y -qq {tool} >/dev/null && {TOOLS[tool]} && dpkg --audit"
    settings = {"DEBIAN_FRONTEND": "noninteractive"}
    said = run(TAG, "bash", "-ec", script, network_mode="none", environment=settings)
    assert any(character.isdigit() for character in said)


def test_a_dockerfile_can_install(client: docker.DockerClient) -> None:
    """So an image can be built from it with the network off."""
    image, _ = client.images.build(fileobj=io.BytesIO(DOCKERFILE.encode()), network_mode="none", rm=True, forcerm=True)
    client.images.remove(str(image.id), noprune=False)


def test_nothing_else_is_known(run: Callable[..., str]) -> None:
    """Its apt looks nowhere else: another package is not found, at once."""
    said = run(TAG, "bash", "-c", "apt-get update -qq; apt-get install -y hello || true", network_mode="none")
    assert "Unable to locate package hello" in said


def test_size(megabytes: Callable[[str], float]) -> None:
    """It adds 34 MB of packages to Debian's 76."""
    assert megabytes(TAG) < 112

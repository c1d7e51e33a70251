"""drydock/workbench: tools that apt installs without a network."""

from __future__ import annotations

import io
from collections.abc import Callable

import docker
import pytest

from drydock.images import recipes

pytestmark = pytest.mark.host

TAG = "drydock/workbench:13"

#: Each tool's command that prints its version.
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
    """TOOLS lists the packages of the image's repository."""
    workbench = next(image for image in recipes() if image.tag == TAG)
    assert workbench.apt_packages == list(TOOLS)


def test_apt_update_has_no_warnings(run: Callable[..., str]) -> None:
    """`apt-get update` reads one repository, without warnings and errors."""
    output = run(TAG, "apt-get", "update", network_mode="none")
    assert "file:/srv/apt" in output
    assert not [line for line in output.splitlines() if line.startswith(("W:", "E:", "Err:"))]


@pytest.mark.parametrize("tool", TOOLS)
def test_each_tool_can_be_installed(run: Callable[..., str], tool: str) -> None:
    """apt installs the tool with its dependencies, without a network, and it runs."""
    script = f"apt-get update -qq && apt-get install -y -qq {tool} >/dev/null && {TOOLS[tool]} && dpkg --audit"
    settings = {"DEBIAN_FRONTEND": "noninteractive"}
    output = run(TAG, "bash", "-ec", script, network_mode="none", environment=settings)
    assert any(character.isdigit() for character in output)


def test_a_dockerfile_can_install_tools(client: docker.DockerClient) -> None:
    """A Dockerfile can install tools in a build without a network."""
    image, _ = client.images.build(fileobj=io.BytesIO(DOCKERFILE.encode()), network_mode="none", rm=True, forcerm=True)
    client.images.remove(str(image.id), noprune=False)


def test_other_packages_are_unknown(run: Callable[..., str]) -> None:
    """apt uses no other repository: it reports at once that it can't find another package."""
    output = run(TAG, "bash", "-c", "apt-get update -qq; apt-get install -y hello || true", network_mode="none")
    assert "Unable to locate package hello" in output


def test_size(megabytes: Callable[[str], float]) -> None:
    """The image adds 34 MB of packages to Debian's 76."""
    assert megabytes(TAG) < 112

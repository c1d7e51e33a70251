"""The docker CLI for computers that have none."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from drydock.machine.artifacts import docker_cli, machine_build
from drydock.machine.artifacts.machine_build import Artifacts
from drydock.machine.store.kernel_files import Kernel


@pytest.fixture
def bare(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without any Docker program, whose machine's parts are built; gives the tools' folder."""
    monkeypatch.setattr(machine_build, "ready", lambda: Artifacts(Kernel(home / "linux", None), home / "base"))
    monkeypatch.setattr(docker_cli, "_PLUGIN_FOLDERS", ())
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    return home / "base" / "tools"


def test_what_is_lacking_is_filled_in(bare: Path) -> None:
    """Our programs come last on PATH, and a configuration of ours names the plug-ins."""
    variables = docker_cli.environment()
    assert variables["PATH"] == f"/nowhere{os.pathsep}{bare / 'bin'}"
    config = json.loads((Path(variables["DOCKER_CONFIG"]) / "config.json").read_text())
    assert config == {"cliPluginsExtraDirs": [str(bare / "cli-plugins")]}


def test_a_configuration_of_ones_own_is_not_hidden(bare: Path, home: Path) -> None:
    """Who has logged in somewhere keeps that: DOCKER_CONFIG stays as it is."""
    (home / ".docker").mkdir()
    (home / ".docker" / "config.json").write_text("{}")
    assert "DOCKER_CONFIG" not in docker_cli.environment()


def test_plug_ins_of_ones_own_are_enough(bare: Path, home: Path) -> None:
    """Who has compose needs no configuration of ours."""
    plugin = home / ".docker" / "cli-plugins" / "docker-compose"
    plugin.parent.mkdir(parents=True)
    plugin.touch(mode=0o755)
    assert set(docker_cli.environment()) == {"PATH"}


def test_what_was_kept_in_our_configuration_stays(bare: Path) -> None:
    """A login that docker wrote into our configuration outlives the next look."""
    file = Path(docker_cli.environment()["DOCKER_CONFIG"]) / "config.json"
    file.write_text(json.dumps({"auths": {"registry": {}}, "cliPluginsExtraDirs": ["/old"]}))
    docker_cli.environment()
    assert json.loads(file.read_text()) == {
        "auths": {"registry": {}},
        "cliPluginsExtraDirs": [str(bare / "cli-plugins")],
    }


def test_before_anything_is_built(home: Path) -> None:
    """Without parts there is nothing to offer."""
    assert docker_cli.environment() == {}


@pytest.mark.live
def test_the_programs_run() -> None:
    """The docker command, buildx and compose that came out of the guest's packages run on this computer."""
    folder = machine_build.build().base / "tools"
    for words in (
        ["bin/docker", "--version"],
        ["bin/docker-compose", "version"],
        ["cli-plugins/docker-buildx", "version"],
    ):
        done = subprocess.run([folder / words[0], *words[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

"""The docker CLI for computers without one."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from drydock.core.paths import cache_folder
from drydock.machine.artifacts import docker_cli, machine_build
from drydock.machine.artifacts.machine_build import Artifacts
from drydock.machine.host import bundled_programs
from drydock.machine.store.kernel_files import KernelFiles


@pytest.fixture
def no_docker(user_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without the docker CLI, with the artifacts in the cache; returns the folder of the tools."""
    monkeypatch.setattr(
        machine_build, "find", lambda: Artifacts(KernelFiles(user_folders / "linux", None), user_folders / "base")
    )
    monkeypatch.setattr(docker_cli, "_PLUGIN_FOLDERS", ())
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("HOME", str(user_folders))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    return user_folders / "base" / "tools"


def test_missing_programs_are_added(no_docker: Path) -> None:
    """Our programs are at the end of PATH, and a configuration file of ours names the plug-ins' folder."""
    variables = docker_cli.environment()
    assert variables["PATH"] == f"/nowhere{os.pathsep}{no_docker / 'bin'}"
    config = json.loads((Path(variables["DOCKER_CONFIG"]) / "config.json").read_text())
    assert config == {"cliPluginsExtraDirs": [str(no_docker / "cli-plugins")]}


def test_bundled_programs_come_first(no_docker: Path) -> None:
    """On a computer with a bundle, the scripts that start docker with the bundle's loader are added instead."""
    folder = cache_folder() / f"{bundled_programs.PREFIX}{0:016}"
    folder.mkdir()
    variables = docker_cli.environment()
    assert variables["PATH"].endswith(f"{folder}/bin")
    config = json.loads((Path(variables["DOCKER_CONFIG"]) / "config.json").read_text())
    assert config == {"cliPluginsExtraDirs": [f"{folder}/cli-plugins"]}


def test_the_users_configuration_is_not_hidden(no_docker: Path, user_folders: Path) -> None:
    """A user with a config.json keeps it, with its logins: DOCKER_CONFIG is not set."""
    (user_folders / ".docker").mkdir()
    (user_folders / ".docker" / "config.json").write_text("{}")
    assert "DOCKER_CONFIG" not in docker_cli.environment()


def test_the_users_plug_ins_are_used(no_docker: Path, user_folders: Path) -> None:
    """A user with compose as a plug-in gets no configuration file of ours."""
    plugin = user_folders / ".docker" / "cli-plugins" / "docker-compose"
    plugin.parent.mkdir(parents=True)
    plugin.touch(mode=0o755)
    assert set(docker_cli.environment()) == {"PATH"}


def test_other_values_in_our_configuration_are_kept(no_docker: Path) -> None:
    """A login that docker saved in our configuration file is kept by the next call."""
    file = Path(docker_cli.environment()["DOCKER_CONFIG"]) / "config.json"
    file.write_text(json.dumps({"auths": {"registry": {}}, "cliPluginsExtraDirs": ["/old"]}))
    docker_cli.environment()
    assert json.loads(file.read_text()) == {
        "auths": {"registry": {}},
        "cliPluginsExtraDirs": [str(no_docker / "cli-plugins")],
    }


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff", b"{"])
def test_a_damaged_configuration_of_ours_is_written_anew(no_docker: Path, content: bytes) -> None:
    """It has nothing that could be kept, as after a power failure."""
    file = Path(docker_cli.environment()["DOCKER_CONFIG"]) / "config.json"
    file.write_bytes(content)
    docker_cli.environment()
    assert json.loads(file.read_text()) == {"cliPluginsExtraDirs": [str(no_docker / "cli-plugins")]}


def test_without_artifacts_nothing_is_added(user_folders: Path) -> None:
    """Before the artifacts have been built there are no variables."""
    assert docker_cli.environment() == {}


@pytest.mark.live
def test_the_programs_run() -> None:
    """docker, buildx and compose from the guest's packages run on this computer."""
    folder = machine_build.find_or_build().base / "tools"
    for words in (
        ["bin/docker", "--version"],
        ["bin/docker-compose", "version"],
        ["cli-plugins/docker-buildx", "version"],
    ):
        done = subprocess.run([folder / words[0], *words[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

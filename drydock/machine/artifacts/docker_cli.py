"""The docker CLI with buildx and compose, for hosts that have none of their own: taken from the guest's packages."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from drydock.core.paths import data_folder
from drydock.machine.artifacts import machine_build

#: Where the docker CLI looks for plug-ins on any system, besides the user's own folder.
_PLUGIN_FOLDERS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)


def environment() -> dict[str, str]:
    """The variables that fill in what this computer's own Docker CLI lacks; empty when it lacks nothing.

    ``PATH`` ends with our tools, so a docker of the host's own comes first. ``DOCKER_CONFIG`` is set only where
    the user has no configuration that it would hide.
    """
    parts = machine_build.ready()
    if parts is None:
        return {}
    variables = {}
    folder = parts.base / "tools"
    path = os.environ.get("PATH", os.defpath)
    if shutil.which("docker") is None or shutil.which("docker-compose") is None:
        variables["PATH"] = f"{path}{os.pathsep}{folder / 'bin'}"
    if not _has_compose() and not _user_folder().joinpath("config.json").exists():
        variables["DOCKER_CONFIG"] = str(_config(folder / "cli-plugins"))
    return variables


def _user_folder() -> Path:
    return Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")


def _has_compose() -> bool:
    folders = [*_PLUGIN_FOLDERS, str(_user_folder() / "cli-plugins")]
    return any(os.access(Path(folder) / "docker-compose", os.X_OK) for folder in folders)


def _config(plugins: Path) -> Path:
    """A configuration folder of ours that does nothing but name the plug-ins."""
    folder = data_folder() / "docker-config"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / "config.json"
    kept = json.loads(file.read_text()) if file.is_file() else {}
    file.write_text(json.dumps(kept | {"cliPluginsExtraDirs": [str(plugins)]}))
    return folder

"""The docker CLI with buildx and compose for computers without them: copied from the guest's Debian packages."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from drydock.core.files import write_atomically
from drydock.core.paths import data_folder, home
from drydock.machine.artifacts import machine_build
from drydock.machine.host import bundled_programs

#: The folders where the docker CLI looks for plug-ins on any system, in addition to the user's own.
_PLUGIN_FOLDERS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)


def environment() -> dict[str, str]:
    """Return the variables that add the missing parts of the docker CLI; empty when nothing is missing.

    ``PATH`` has our folder at its end, so this computer's own docker is found first. ``DOCKER_CONFIG`` is set only if
    the user has no configuration file that it would hide.
    """
    artifacts = machine_build.find()
    if artifacts is None:
        return {}
    variables = {}
    folder = bundled_programs.folder() or artifacts.base / "tools"
    path = os.environ.get("PATH", os.defpath)
    if shutil.which("docker") is None or shutil.which("docker-compose") is None:
        variables["PATH"] = f"{path}{os.pathsep}{folder / 'bin'}"
    if not _has_compose() and not _user_folder().joinpath("config.json").exists():
        variables["DOCKER_CONFIG"] = str(_config_folder(folder / "cli-plugins"))
    return variables


def _user_folder() -> Path:
    return Path(os.environ.get("DOCKER_CONFIG") or home() / ".docker")


def _has_compose() -> bool:
    folders = [*_PLUGIN_FOLDERS, str(_user_folder() / "cli-plugins")]
    return any(os.access(Path(folder) / "docker-compose", os.X_OK) for folder in folders)


def _config_folder(plugins: Path) -> Path:
    """Return a configuration folder of ours whose ``config.json`` names the plug-ins' folder."""
    folder = data_folder() / "docker-config"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / "config.json"
    write_atomically(file, json.dumps(_stored(file) | {"cliPluginsExtraDirs": [str(plugins)]}))
    return folder


def _stored(file: Path) -> dict[str, Any]:
    """Return what docker has stored in our configuration file; nothing if the file is missing or damaged."""
    try:
        config = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return config if isinstance(config, dict) else {}

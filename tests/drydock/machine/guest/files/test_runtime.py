"""The runtime's program changes a container's configuration before crun reads it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from drydock.core import resources

_PROGRAM = resources.package_data("drydock.machine.guest", "files") / "runtime"
_CONTAINER = "0f" * 32


def changed(folder: Path, path: str, *, confined: bool) -> Any:
    """Return the control group in a container's configuration after the program has run."""
    if confined:
        (folder / "engine").mkdir()
    program, bundle = folder / "runtime", folder / "config.json"
    program.write_text(_PROGRAM.read_text().replace("/run/engine", f"{folder}/engine").replace("/usr/bin/crun", "true"))
    bundle.write_text(json.dumps({"a": '"cgroupsPath":"/x"', "linux": {"cgroupsPath": path}}, separators=(",", ":")))
    subprocess.run(["sh", program, "--log", folder / "log", "run", "--bundle", folder, "id"], check=True)
    return json.loads(bundle.read_text())["linux"]["cgroupsPath"]


@pytest.mark.parametrize(
    "path", ["/engine/buildkit/ab1", "/buildkit/ab1", "/docker/../x.slice:ab1", "/docker/x/buildkit/ab1", "/docker/A.b"]
)
def test_a_build_chooses_no_control_group_in_a_machine_that_grades(tmp_path: Path, path: str) -> None:
    """The limits of processes and memory are those of the control group of all containers."""
    group = changed(tmp_path, path, confined=True)
    assert group.startswith("/docker/buildkit/")
    assert group.removeprefix("/docker/buildkit/").isdecimal()


@pytest.mark.parametrize("path", [f"/docker/{_CONTAINER}", "/docker/buildkit/ab1"])
def test_the_daemons_own_control_groups_stay(tmp_path: Path, path: str) -> None:
    """A process is known by the control group that Docker gave to its container."""
    assert changed(tmp_path, path, confined=True) == path


def test_a_student_may_choose_a_control_group(tmp_path: Path) -> None:
    """In a machine that does not grade."""
    assert changed(tmp_path, "/mine/buildkit/ab1", confined=False) == "/mine/buildkit/ab1"

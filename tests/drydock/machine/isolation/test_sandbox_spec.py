"""A sandbox specification: its default, and the paths in isolation."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from drydock.machine.isolation import backends
from drydock.machine.isolation.sandbox_spec import SandboxSpec
from tests.drydock.machine.isolation.test_backends import EACH_BACKEND

_LIST = "ls -d /usr /memory /var /srv /etc/passwd 2>/dev/null; env | grep -v ^PWD="


@pytest.mark.parametrize("name", EACH_BACKEND)
def test_by_default_only_programs_are_visible(name: str) -> None:
    """By default the process sees /usr, no other folder of this computer, no /memory, and has no variable."""
    argv = [*backends.by_name(name).prefix(), "/bin/sh", "-c", _LIST]
    output = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30).stdout
    assert output.split() == ["/usr"]


@pytest.mark.parametrize("name", EACH_BACKEND)
def test_files_have_other_paths_in_isolation(name: str, tmp_path: Path) -> None:
    """A file and a folder with a place are seen there, and their paths on the host do not exist."""
    (tmp_path / "file").write_text("given")
    (tmp_path / "folder").mkdir(mode=0o777)
    (tmp_path / "folder").chmod(0o777)
    places = {tmp_path / "file": Path("/machine/one"), tmp_path / "folder": Path("/machine/two")}
    spec = SandboxSpec(read_only=[tmp_path / "file"], writable=[tmp_path / "folder"], places=places)
    script = f"cat /machine/one; touch {spec.inside(tmp_path / 'folder' / 'made')}; ls {tmp_path}"
    argv = [*backends.by_name(name).prefix(spec), "/bin/sh", "-c", script]
    result = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
    assert result.stdout == "given"
    assert "No such file" in result.stderr
    assert (tmp_path / "folder" / "made").exists()
    assert spec.inside(tmp_path) == tmp_path

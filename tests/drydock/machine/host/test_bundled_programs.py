"""The choice between bundled programs and this computer's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drydock.core import command
from drydock.core.paths import cache_folder
from drydock.errors import ToolsMissing
from drydock.machine.host import bundled_programs


def bundled(key: str, changed: int) -> Path:
    """Return a program in a folder of bundled programs that was installed at a time, in seconds."""
    program = cache_folder() / f"{bundled_programs.PREFIX}{key}" / "bin" / "sh"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    os.utime(program.parents[1], (changed, changed))
    return program


def test_without_a_bundle_the_computers_own_program_is_used(user_folders: Path) -> None:
    """A computer without bundled programs uses the programs of its PATH."""
    assert bundled_programs.folder() is None
    assert bundled_programs.find("sh") == command.find("sh")


def test_the_bundled_program_comes_first(user_folders: Path) -> None:
    """The bundled program is used before the computer's own, and of two bundles the one that was installed last."""
    older, newer = bundled("0" * 16, 1_000), bundled("f" * 16, 2_000)
    assert bundled_programs.require(["sh"], "run a script") == {"sh": str(newer)}
    assert older.is_file()


def test_a_program_that_no_bundle_has(user_folders: Path) -> None:
    """The computer's own program is used where the bundle has none of that name."""
    bundled("0" * 16, 1_000)
    assert bundled_programs.find("cat") == command.find("cat")


def test_an_unfinished_folder_is_ignored(user_folders: Path) -> None:
    """Neither a folder that is still being written nor a lock counts as bundled programs."""
    bundled("0" * 16 + ".new-abcd", 1_000)
    (cache_folder() / f"{bundled_programs.PREFIX}{0:016}.lock").touch()
    assert bundled_programs.folder() is None


def test_a_missing_program_names_its_package_and_a_bundle(user_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has both ways out: the Debian package, and a bundle for computers without Debian's packages."""
    monkeypatch.setenv("PATH", str(user_folders))
    with pytest.raises(ToolsMissing) as caught:
        bundled_programs.require(["slirp4netns"], "run a machine")
    first, second = caught.value.next.splitlines()
    assert first.endswith("apt-get install -y slirp4netns")
    assert second.endswith("drydock machine build --from FILE|URL")


def test_a_bundled_program_needs_its_libraries(user_folders: Path) -> None:
    """In isolation a bundled program must be seen with its libraries; another one alone."""
    program = bundled("0" * 16, 1_000)
    assert bundled_programs.required_paths(program) == [program, program.parents[1] / "lib"]
    assert bundled_programs.required_paths(Path("/opt/bin/slirp4netns")) == [Path("/opt/bin/slirp4netns")]

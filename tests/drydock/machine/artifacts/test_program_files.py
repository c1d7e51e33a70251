"""The files of the bundled programs: complete, and independent of this computer's libraries."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from subprocess import DEVNULL

import pytest

from drydock.core.paths import socket_folder
from drydock.core.waiting import wait_for
from drydock.errors import ToolsMissing
from drydock.machine.artifacts import kernel_source, program_files
from drydock.machine.artifacts.elf_loader import C_LIBRARY, LOADER
from tests.drydock.machine.artifacts.test_elf_loader import CAT, loaded


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with a `cat` in the place of docker and of a plug-in, with a link, as the base disk's folder has."""
    folder = tmp_path / "base disk" / "tools"
    for name in ("bin/docker", "cli-plugins/docker-compose"):
        (folder / name).parent.mkdir(parents=True)
        shutil.copy(CAT, folder / name)
    (folder / "bin" / "docker-compose").symlink_to("../cli-plugins/docker-compose")
    return folder


@pytest.fixture
def programs(user_folders: Path, tools: Path) -> Path:
    """The programs of this computer, collected."""
    folder = user_folders / "collected"
    folder.mkdir()
    program_files.collect(folder, tools)
    return folder


def test_programs_come_with_all_their_libraries(programs: Path) -> None:
    """The network helper is there, and a library that only a library of it needs."""
    assert [path.name for path in (programs / "bin").iterdir()] == ["slirp4netns"]
    names = {path.name for path in (programs / "lib").iterdir()}
    assert {LOADER, C_LIBRARY, "libslirp.so.0", "libglib-2.0.so.0"} <= names
    assert any(name.startswith("libpcre") for name in names)


def test_the_network_helper_runs_with_its_own_loader(programs: Path, tools: Path, tmp_path: Path) -> None:
    """Moved to its final folder, slirp4netns runs, and keeps its name as a process, by which machines are counted."""
    final = tmp_path / "final"
    program_files.set_up(programs, final, tools)
    programs.rename(final)
    program = final / "bin" / "slirp4netns"
    environment = {"LD_TRACE_LOADED_OBJECTS": "1"}
    listed = subprocess.run([program], env=environment, capture_output=True, text=True, check=True).stdout
    assert f"libglib-2.0.so.0 => {final}/" in listed
    paths = [word for word in listed.split() if word.startswith("/")]
    assert all(path.startswith(str(final)) for path in paths)
    folder = socket_folder("test")
    argv: list[str | Path] = [program, "--target-type=bess", folder / "net"]
    with subprocess.Popen(argv, stdout=DEVNULL, stderr=DEVNULL, process_group=0) as process:
        try:
            wait_for((folder / "net").exists, "slirp4netns to listen", seconds=30)
            assert Path(f"/proc/{process.pid}/comm").read_text() == "slirp4netns\n"
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # slirp4netns starts a second process
            shutil.rmtree(folder)


def test_scripts_start_the_tools_with_our_loader(programs: Path, tools: Path, tmp_path: Path) -> None:
    """docker and its plug-ins load our libraries, also below a folder with a space; their own files stay unchanged."""
    final = tmp_path / "final folder"
    program_files.set_up(programs, final, tools)
    programs.rename(final)
    for name in ("bin/docker", "bin/docker-compose", "cli-plugins/docker-compose"):
        assert loaded(final / name) == {str(final / "lib" / library) for library in (LOADER, C_LIBRARY)}
    assert (tools / "bin" / "docker").read_bytes() == CAT.read_bytes()


def test_a_kernel_gets_loader_and_c_library(programs: Path, tmp_path: Path) -> None:
    """A kernel of this computer then loads only files of its own folder; one with its own stays unchanged."""
    kernel = tmp_path / "kernel"
    kernel.mkdir()
    shutil.copy(CAT, kernel / "linux")
    program_files.give_loader(kernel, programs)
    kernel_source.set_loader(kernel, kernel)
    assert loaded(kernel / "linux") == {str(kernel / "lib" / library) for library in (LOADER, C_LIBRARY)}
    before = (kernel / "linux").read_bytes()
    program_files.give_loader(kernel, programs)
    assert (kernel / "linux").read_bytes() == before


def test_the_name_follows_the_content(programs: Path) -> None:
    """Another base disk or another library gives the folder another name."""
    names = {program_files.cache_name(programs, "base-1"), program_files.cache_name(programs, "base-2")}
    (programs / "lib" / C_LIBRARY).write_bytes(b"another")
    names.add(program_files.cache_name(programs, "base-1"))
    assert len(names) == 3


def test_a_missing_program_is_named(
    user_folders: Path, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without slirp4netns no bundle with programs is made; the error names the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ToolsMissing, match="slirp4netns"):
        program_files.collect(tmp_path / "empty", tools)

"""The guest's files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from drydock.core import command
from drydock.errors import CommandFailed, ToolsMissing
from drydock.machine.artifacts import rootfs
from drydock.machine.guest import authz_plugin

_PROGRAMS = sorted(rootfs._FILES.iterdir())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What the packages leave, as far as it counts: empty folders and a busybox that knows its applets."""
    for folder in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc", "var", "usr/share/doc/x", "root"):
        (tmp_path / folder).mkdir(parents=True)
    for program in ("sh", "mount"):
        (tmp_path / "usr/bin" / program).write_text("a package's own")
    busybox = tmp_path / "usr/bin/busybox"
    busybox.write_text("#!/bin/sh\nprintf 'mount\\nudhcpc\\n'\n")
    busybox.chmod(0o755)
    rootfs._trim(tmp_path)
    rootfs._link(tmp_path)
    rootfs._place(tmp_path)
    return tmp_path


def test_each_file_of_ours_has_a_place() -> None:
    """Every file in the folder goes somewhere, and nothing is asked for that isn't there."""
    assert {path.name for path in _PROGRAMS} == set(rootfs._PLACES)


def test_sources_are_all_that_decides() -> None:
    """What the base disk is keyed by: the recipe and each of its files."""
    assert set(rootfs.sources()) == {Path(rootfs.__file__), Path(authz_plugin.__file__), *_PROGRAMS}


def test_what_scripts_would_have_made(tree: Path) -> None:
    """Links, users, hosts and init are there though no maintainer script ran, and point inside the guest."""
    assert (tree / "bin").readlink() == Path("usr/bin")
    assert (tree / "usr/bin/udhcpc").readlink() == Path("busybox")
    assert not (tree / "usr/bin/mount").is_symlink(), "a package's own program is better than busybox's"
    assert (tree / "usr/sbin/iptables").readlink() == Path("xtables-legacy-multi")
    assert (tree / "sbin" / "init").readlink() == Path("../bin/busybox")
    assert (tree / "etc/nsswitch.conf").read_text() == "hosts: files dns\n"
    assert (tree / "etc/hosts").readlink() == Path("/run/hosts")
    assert "sshd:x:100" in (tree / "etc/passwd").read_text()
    assert (tree / "root").stat().st_mode & 0o777 == 0o700
    assert not (tree / "usr/share/doc").exists()


def test_programs_run_and_settings_dont(tree: Path) -> None:
    """What init calls is executable."""
    for name, place in rootfs._PLACES.items():
        runs = os.access(tree / place, os.X_OK)
        assert runs == place.startswith("usr/lib"), name


def test_nobody_has_a_password(tree: Path) -> None:
    """The only way in is a key."""
    assert (tree / "etc/shadow").read_text() == "root:*:19000::::::\n"
    sshd = (tree / "etc/ssh/sshd_config").read_text()
    assert "PasswordAuthentication no" in sshd


def test_the_daemons_settings_are_tls_or_a_private_socket(tree: Path) -> None:
    """On the network the daemon speaks TLS to those it knows, and to nobody else."""
    settings = json.loads((tree / "etc/docker/daemon.json").read_text())
    assert settings["tlsverify"] is True
    assert {host.split("://")[0] for host in settings["hosts"]} == {"unix", "tcp"}


@pytest.mark.parametrize("program", [path for path in _PROGRAMS if path.read_bytes().startswith(b"#!")], ids=str)
def test_programs_parse(program: Path) -> None:
    """Each does, by a shell as small as the guest's, or by Perl."""
    shell = shutil.which("dash") or "sh"
    words = ["perl", "-c"] if b"perl" in program.read_bytes().splitlines()[0] else [shell, "-n"]
    assert subprocess.run([*words, program], check=False).returncode == 0


def test_without_mmdebstrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where it is missing its package is named, and nothing is written."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(command, "_ADMIN_FOLDERS", ())
    with pytest.raises(ToolsMissing, match="fakechroot fakeroot mmdebstrap"):
        rootfs.extract(tmp_path / "tree", ["kmod"])
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When mmdebstrap can't, what it said last is the reason."""
    program = tmp_path / "mmdebstrap"
    program.write_text("#!/bin/sh\necho E: no network >&2\nexit 100\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(CommandFailed, match="exit code 100") as caught:
        rootfs.extract(tmp_path / "tree", ["kmod"])
    assert "E: no network" in caught.value.why

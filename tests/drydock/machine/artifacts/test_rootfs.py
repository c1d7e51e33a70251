"""The guest's root file system."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.core import command
from drydock.errors import CommandFailed, ToolsMissing
from drydock.machine.artifacts import rootfs
from drydock.machine.guest import proxy

_PROGRAMS = sorted(rootfs._FILES.iterdir())
_PROXY = sorted(Path(proxy.__file__).parent.glob("*.py"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A root file system made from the folders that packages have and a busybox that lists its applets."""
    for folder in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc", "var", "usr/share/doc/x", "root"):
        (tmp_path / folder).mkdir(parents=True)
    for program in ("sh", "mount"):
        (tmp_path / "usr/bin" / program).write_text("a package's own")
    busybox = tmp_path / "usr/bin/busybox"
    busybox.write_text("#!/bin/sh\nprintf 'mount\\nudhcpc\\n'\n")
    busybox.chmod(0o755)
    rootfs._remove_unneeded(tmp_path)
    rootfs._make_links(tmp_path)
    rootfs._write_files(tmp_path)
    return tmp_path


def test_each_file_has_a_target() -> None:
    """Each of our files has a path in the guest, and each path has a file."""
    assert {path.name for path in _PROGRAMS} == set(rootfs._TARGETS)


def test_source_files() -> None:
    """The source files are the module, the proxy's modules, and each of our files for the guest."""
    assert set(rootfs.source_files()) == {Path(rootfs.__file__), *_PROXY, *_PROGRAMS}


def test_links_and_configuration(tree: Path) -> None:
    """Links, users, hosts and init exist although no maintainer script ran, and links stay inside the guest."""
    assert (tree / "bin").readlink() == Path("usr/bin")
    assert (tree / "usr/bin/udhcpc").readlink() == Path("busybox")
    assert not (tree / "usr/bin/mount").is_symlink(), "a program of a package must not be replaced by busybox"
    assert (tree / "usr/sbin/iptables").readlink() == Path("xtables-legacy-multi")
    assert (tree / "sbin" / "init").readlink() == Path("../bin/busybox")
    assert (tree / "etc/nsswitch.conf").read_text() == "hosts: files dns\n"
    assert (tree / "etc/hosts").readlink() == Path("/run/hosts")
    assert "sshd:x:100" in (tree / "etc/passwd").read_text()
    assert (tree / "root").stat().st_mode & 0o777 == 0o700
    assert not (tree / "usr/share/doc").exists()


def test_only_programs_are_executable(tree: Path) -> None:
    """The files in usr/lib are executable, the configuration files are not."""
    for name, path in rootfs._TARGETS.items():
        executable = os.access(tree / path, os.X_OK)
        assert executable == path.startswith("usr/lib"), name


def test_no_password_login(tree: Path) -> None:
    """No user has a password, and sshd accepts keys only."""
    assert (tree / "etc/shadow").read_text() == "root:*:19000::::::\n"
    sshd = (tree / "etc/ssh/sshd_config").read_text()
    assert "PasswordAuthentication no" in sshd


def test_the_daemon_requires_client_certificates(tree: Path) -> None:
    """By TCP, the daemon accepts only clients with a certificate."""
    settings = json.loads((tree / "etc/docker/daemon.json").read_text())
    assert settings["tlsverify"] is True
    assert "hosts" not in settings, "dockerd does not start with addresses in both its file and its arguments"


def test_the_proxy_runs_with_the_guests_files_only(tree: Path) -> None:
    """The modules of the proxy are all in the guest, and need nothing but Python's standard library."""
    program = (
        "import sys; sys.path.append(sys.argv[1])\n"
        "import drydock.machine.guest.proxy.proxy_server as server; print(server.__file__)"
    )
    argv = [sys.executable, "-I", "-S", "-c", program, str(tree / "usr/lib/drydock/python")]
    result = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert result.stdout.startswith(str(tree))


@pytest.mark.parametrize("program", [path for path in _PROGRAMS if path.read_bytes().startswith(b"#!")], ids=str)
def test_scripts_have_valid_syntax(program: Path) -> None:
    """A shell as simple as the guest's, or Perl, accepts the script's syntax."""
    shell = shutil.which("dash") or "sh"
    words = ["perl", "-c"] if b"perl" in program.read_bytes().splitlines()[0] else [shell, "-n"]
    assert subprocess.run([*words, program], check=False).returncode == 0


def test_without_mmdebstrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without mmdebstrap, the error names the missing packages, and nothing is written."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(command, "_ADMIN_FOLDERS", ())
    with pytest.raises(ToolsMissing, match="fakechroot fakeroot mmdebstrap"):
        rootfs.extract(tmp_path / "tree", ["kmod"])
    assert list(tmp_path.iterdir()) == []


def test_a_failed_download(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When mmdebstrap fails, the error has its output."""
    program = tmp_path / "mmdebstrap"
    program.write_text("#!/bin/sh\necho E: no network >&2\nexit 100\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(CommandFailed, match="exit code 100") as caught:
        rootfs.extract(tmp_path / "tree", ["kmod"])
    assert "E: no network" in caught.value.why

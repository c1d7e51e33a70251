"""The command lines of ssh and scp, and both programs with a machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from drydock.errors import BadName, BadSetting, NoMachine, ToolsMissing
from drydock.machine import Machine
from drydock.machine.ssh import scp_command, ssh_command


def output_of(argv: Sequence[str], stdin: bytes = b"") -> str:
    """Run a program that must succeed, and return its output."""
    done = subprocess.run(argv, input=stdin, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["one", "two"], "name no machine"),
        (["one:a", "two:b"], "name 2 machines: one, two"),
        (["./one:a", "b"], "name no machine"),
    ],
)
def test_scp_needs_one_machine(paths: list[str], message: str) -> None:
    """Paths in two machines, or in none, are refused."""
    with pytest.raises(BadSetting, match=message):
        scp_command(paths)


def test_scp_with_an_invalid_name() -> None:
    """The text before the colon must be a valid machine name."""
    with pytest.raises(BadName):
        scp_command(["a", "C:/b"])


def test_an_existing_file_with_a_colon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user_folders: Path) -> None:
    """An existing file whose name has a colon is a file of this computer, as in scp."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one:a").touch()
    with pytest.raises(NoMachine, match="named two"):
        scp_command(["one:a", "two:/root"])


def test_without_openssh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user_folders: Path) -> None:
    """Without OpenSSH, the message names its package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolsMissing, match="openssh-client"):
        ssh_command(Machine("one"))
    with pytest.raises(ToolsMissing, match="openssh-client"):
        scp_command(["a", "one:b"])


@pytest.mark.live
def test_a_folder_with_an_odd_name(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder with a space and a percent sign has the keys of a machine all the same."""
    odd = Machine(machine.name)
    monkeypatch.setattr(odd, "folder", tmp_path / "100%d of it")
    odd.folder.symlink_to(machine.folder)
    assert output_of(ssh_command(odd, ["hostname"])) == f"{machine.name}\n"


@pytest.mark.live
def test_a_command_in_the_machine(machine: Machine) -> None:
    """A command runs as root, can use docker, and has our input, output and exit code."""
    assert (
        output_of(ssh_command(machine, ["hostname; id -u; docker version -f '{{.Server.Os}}'"]))
        == f"{machine.name}\n0\nlinux\n"
    )
    assert output_of(ssh_command(machine, ["cat"]), stdin=b"some input") == "some input"
    assert subprocess.run(ssh_command(machine, ["exit 7"]), check=False).returncode == 7


@pytest.mark.live
def test_copying_both_ways(machine: Machine, tmp_path: Path) -> None:
    """A folder is copied to the machine, and a file of it comes back unchanged."""
    data = os.urandom(300_000)
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "file").write_bytes(data)
    output_of(scp_command([str(tmp_path / "folder"), f"{machine.name}:/root/copy"], recursive=True))
    output_of(scp_command([f"{machine.name}:/root/copy/deep/file", str(tmp_path / "back")]))
    assert (tmp_path / "back").read_bytes() == data
    output_of(ssh_command(machine, ["rm", "-r", "/root/copy"]))


@pytest.mark.live
def test_another_key_is_refused(machine: Machine, tmp_path: Path) -> None:
    """Another key is refused, and no password is accepted."""
    output_of(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")])
    other = f"IdentityFile={tmp_path / 'other'}"
    argv = [other if word.startswith("IdentityFile=") else word for word in ssh_command(machine, ["true"])]
    done = subprocess.run([*argv[:1], "-o", "BatchMode=yes", *argv[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 255
    assert "Permission denied (publickey)" in done.stderr


@pytest.mark.live
def test_the_host_key_is_pinned(machine: Machine, tmp_path: Path) -> None:
    """ssh refuses a server with another host key than the machine's."""
    output_of(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")])
    public = (tmp_path / "other.pub").read_text()
    (tmp_path / "known").write_text(f"shared {public}")
    argv = ["UserKnownHostsFile=" + str(tmp_path / "known") if "KnownHosts" in word else word for word in
            ssh_command(machine, ["true"])]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 255
    assert "Host key verification failed" in done.stderr

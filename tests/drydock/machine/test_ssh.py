"""Real OpenSSH into a machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from drydock.errors import BadName, BadSetting, NoMachine, ToolsMissing
from drydock.machine import Machine
from drydock.machine.ssh import scp_command, ssh_command


def told(words: Sequence[str], stdin: bytes = b"") -> str:
    """What a program prints; it must succeed."""
    done = subprocess.run(words, input=stdin, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize(
    ("paths", "said"),
    [(["one", "two"], "name none"), (["one:a", "two:b"], "name 2: one, two"), (["./one:a", "b"], "name none")],
)
def test_scp_is_between_here_and_one_machine(paths: list[str], said: str) -> None:
    """Paths of two machines, or of none, are refused, not guessed at."""
    with pytest.raises(BadSetting, match=said):
        scp_command(paths)


def test_scp_to_a_name_that_is_none() -> None:
    """What stands before the colon must be a machine's name."""
    with pytest.raises(BadName):
        scp_command(["a", "C:/b"])


def test_a_file_with_a_colon_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """A file of this computer that is there by that name is meant, as with scp itself."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one:a").touch()
    with pytest.raises(NoMachine, match="named two"):
        scp_command(["one:a", "two:/root"])


def test_without_openssh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path) -> None:
    """Where OpenSSH is missing its package is named."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolsMissing, match="openssh-client"):
        ssh_command(Machine("one"))
    with pytest.raises(ToolsMissing, match="openssh-client"):
        scp_command(["a", "one:b"])


@pytest.mark.live
def test_a_command_in_the_machine(machine: Machine) -> None:
    """It runs as root, knows docker, and its input, output and exit code are one's own."""
    assert (
        told(ssh_command(machine, ["hostname; id -u; docker version -f '{{.Server.Os}}'"]))
        == f"{machine.name}\n0\nlinux\n"
    )
    assert told(ssh_command(machine, ["cat"]), stdin=b"in and out") == "in and out"
    assert subprocess.run(ssh_command(machine, ["exit 7"]), check=False).returncode == 7


@pytest.mark.live
def test_copying_both_ways(machine: Machine, tmp_path: Path) -> None:
    """A file and a folder go there and come back unchanged."""
    data = os.urandom(300_000)
    (tmp_path / "there" / "deep").mkdir(parents=True)
    (tmp_path / "there" / "deep" / "file").write_bytes(data)
    told(scp_command([str(tmp_path / "there"), f"{machine.name}:/root/copied"], recursive=True))
    told(scp_command([f"{machine.name}:/root/copied/deep/file", str(tmp_path / "back")]))
    assert (tmp_path / "back").read_bytes() == data
    told(ssh_command(machine, ["rm", "-r", "/root/copied"]))


@pytest.mark.live
def test_nobody_else_comes_in(machine: Machine, tmp_path: Path) -> None:
    """Another key is refused, and there is no password to guess."""
    told(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")])
    words = ssh_command(machine, ["true"])
    words[words.index("-i") + 1] = str(tmp_path / "other")
    done = subprocess.run([*words[:1], "-o", "BatchMode=yes", *words[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 255
    assert "Permission denied (publickey)" in done.stderr


@pytest.mark.live
def test_the_machine_is_known(machine: Machine, tmp_path: Path) -> None:
    """Its host key is pinned: an impostor on that port would be noticed."""
    told(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")])
    public = (tmp_path / "other.pub").read_text()
    (tmp_path / "known").write_text(f"shared {public}")
    words = ["UserKnownHostsFile=" + str(tmp_path / "known") if "KnownHosts" in word else word for word in
             ssh_command(machine, ["true"])]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 255
    assert "Host key verification failed" in done.stderr

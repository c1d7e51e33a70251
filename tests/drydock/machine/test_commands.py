"""What the verbs of ``drydock machine`` do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from drydock.core.paths import cache_folder
from drydock.core.waiting import wait_for
from drydock.machine import Machine
from drydock.machine.network.portfwd import free_port
from tests.drydock.machine.conftest import Command, argv
from tests.drydock.machine.network.test_portfwd import page
from tests.drydock.machine.supervisor.test_supervisor import running
from tests.machines import BUSYBOX, MINE, sweep
from tests.processes import heeds_interrupt


@pytest.mark.live
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_build_that_is_told_to_end(tmp_path: Path, number: int, code: int) -> None:
    """It takes the programs it started with it, and what was half made."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    words = argv("build", "--kernel", "debian")
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, preexec_fn=heeds_interrupt) as command:
        wait_for(lambda: any("mmdebstrap" in line for line in running(str(tmp_path))), "mmdebstrap", seconds=60)
        command.send_signal(number)
        _, said = command.communicate(timeout=30)
    assert command.returncode == code, said
    assert b"Traceback" not in said
    wait_for(lambda: not running(str(tmp_path)), "its children to be gone", seconds=10)
    assert [path.name for path in tmp_path.rglob("*.new-*")] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "Big"), "'Big' is not a valid machine name."),
        (("start", "one", "--memory", "1"), "A machine can't have 1 MB of memory."),
        (("start", "one", "--share", "/etc"), "/etc can't be shared with a machine."),
        (("stop", "one"), "There is no machine named one."),
        (("rm", "one"), "There is no machine named one."),
        (("status", "one"), "There is no machine named one."),
        (("env", "one"), "There is no machine named one."),
        (("ip", "one"), "There is no machine named one."),
        (("upgrade", "one"), "There is no machine named one."),
        (("ssh", "one"), "There is no machine named one."),
        (("scp", "a", "one:b"), "There is no machine named one."),
        (("scp", "a", "b"), "these paths name none"),
        (("build", "--from", "no-such-file"), "no-such-file can't be used as a bundle."),
    ],
)
def test_a_mistake_is_answered_in_full(home: Path, drydock_machine: Command, words: Sequence[str], said: str) -> None:
    """The real command prints a finished message and no traceback, and ends with 1."""
    done = drydock_machine(*words)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((home / "data" / "drydock").glob("machines/*"))


def test_none_to_list(home: Path, drydock_machine: Command) -> None:
    """Where there are no machines the list is empty, and that is no mistake."""
    done = drydock_machine("ls")
    assert done.returncode == 0
    assert done.stdout.split() == ["name", "state", "endpoint", "memory", "disk"]


@pytest.mark.parametrize("program", ["mmdebstrap", "slirp4netns"])
def test_building_without_a_tool(home: Path, tmp_path: Path, drydock_machine: Command, program: str) -> None:
    """Where a program for building is missing, its package is named and nothing is begun."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("fakechroot", "fakeroot", "mke2fs", "mmdebstrap", "slirp4netns"):
        found = shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        assert found is not None
        if tool != program:
            (tools / tool).symlink_to(found)
    done = drydock_machine("build", PATH=str(tools))
    assert done.returncode == 1
    assert f"apt-get install -y {program}\n" in done.stderr
    assert not [path for path in (home / "cache" / "drydock").glob("*") if path.is_dir()]


@pytest.fixture
def shell(machine: Machine, tmp_path: Path) -> str:
    """Lines for a real shell that uses the shared machine and has no Docker configuration or plug-ins of its own."""
    home = f"export XDG_CACHE_HOME={cache_folder().parent} HOME={tmp_path}; unset DOCKER_CONFIG"
    return f'{home}\neval "$({" ".join(argv("env", machine.name))})"\n'


def sh(*lines: str, cwd: Path | None = None) -> str:
    """What a real shell prints that runs these lines; the last must succeed."""
    script = "set -e\n" + "\n".join(lines)
    done = subprocess.run(["sh", "-c", script], cwd=cwd, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


_COMPOSE = f"""
services:
  web:
    image: {BUSYBOX}
    command: httpd -f -h /site
    labels: {json.dumps(MINE)}
    volumes: ["./site:/site:ro"]
    ports: ["127.0.0.1:PORT:80"]
"""
_HEREDOC = f"""FROM {BUSYBOX}
RUN <<EOF
echo built >> /word
echo here >> /word
EOF
CMD ["cat", "/word"]
"""


@pytest.mark.live
class TestShared:
    """With the shared machine, in a real shell."""

    def test_the_docker_command(self, shell: str) -> None:
        """`eval "$(drydock machine env)"` makes the plain docker command use the machine."""
        assert sh(shell, "docker version -f '{{.Server.Os}}'; docker ps -q | wc -l").split()[0] == "linux"

    def test_compose(self, machine: Machine, shell: str, tmp_path: Path) -> None:
        """Compose brings a service up with a folder beside its file, published on loopback, and takes it down."""
        machine.share(tmp_path)
        port = free_port()
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "index.html").write_text("from a relative bind")
        (tmp_path / "compose.yaml").write_text(_COMPOSE.replace("PORT", str(port)))
        try:
            sh(shell, "docker compose up -d", cwd=tmp_path)
            wait_for(lambda: page(port) == "from a relative bind", "the page", seconds=10)
            (tmp_path / "site" / "index.html").write_text("changed")
            assert page(port) == "changed"
        finally:
            sh(shell, "docker compose down -v", cwd=tmp_path)
            with closing(machine.client()) as client:
                sweep(client)

    def test_buildkit(self, shell: str, tmp_path: Path) -> None:
        """BuildKit builds, with a heredoc in a RUN, and the image runs."""
        (tmp_path / "Dockerfile").write_text(_HEREDOC)
        said = sh(shell, "docker buildx build -q -t heredoc . >/dev/null", "docker run --rm heredoc", cwd=tmp_path)
        assert said == "built\nhere\n"
        sh(shell, "docker image rm heredoc")

    def test_status(self, machine: Machine, drydock_machine: Command) -> None:
        """For a person in lines, for a program as JSON: the same facts."""
        facts = json.loads(drydock_machine("status", machine.name, "--json").stdout)
        assert facts["running"] is True
        assert facts["endpoint"] == machine.endpoint.host
        assert set(facts) == {
            "name", "running", "endpoint", "memory_mb", "disk_gb", "cpu", "shares", "ports", "why",
        }  # fmt: skip
        said = drydock_machine("status", machine.name).stdout
        assert said.startswith(f"{machine.name}: running\n")
        assert facts["endpoint"] in said

    def test_ls_and_ip(self, machine: Machine, drydock_machine: Command) -> None:
        """The list has a line for it; its address is loopback, where its published ports are."""
        rows = [line.split() for line in drydock_machine("ls").stdout.splitlines()]
        row = next(row for row in rows if row[0] == machine.name)
        assert row[:3] == [machine.name, "running", machine.endpoint.host]
        assert drydock_machine("ip", machine.name).stdout == "127.0.0.1\n"

    def test_ssh_and_scp(self, machine: Machine, drydock_machine: Command, tmp_path: Path) -> None:
        """A command there with its exit code, a file there and back."""
        assert drydock_machine("ssh", machine.name, "hostname").stdout == f"{machine.name}\n"
        assert drydock_machine("ssh", machine.name, "--", "exit", "9").returncode == 9
        (tmp_path / "notes").write_text("to and fro")
        assert drydock_machine("scp", str(tmp_path / "notes"), f"{machine.name}:/root/notes").returncode == 0
        assert drydock_machine("scp", f"{machine.name}:/root/notes", str(tmp_path / "back")).returncode == 0
        assert (tmp_path / "back").read_text() == "to and fro"

    def test_start_again_and_build_again(self, machine: Machine, drydock_machine: Command) -> None:
        """What runs is not started twice, and what is built is not built twice."""
        assert "was running already" in drydock_machine("start", machine.name).stdout
        said = drydock_machine("build")
        assert said.stdout.startswith("Ready: kernel-")
        assert said.stderr == ""


@pytest.mark.live
def test_a_life(home_of_its_own: str, drydock_machine: Command) -> None:
    """start, stop, ls, upgrade, rm: each does what it says."""
    name = home_of_its_own
    assert f'eval "$(drydock machine env {name})"' in drydock_machine("start", name, "--memory", "512").stdout
    assert drydock_machine("stop", name).stdout == f"The machine {name} has stopped.\n"
    assert drydock_machine("stop", name).stdout == f"The machine {name} was not running.\n"
    assert f"{name}: stopped" in drydock_machine("status", name).stdout
    assert "is not running" in drydock_machine("env", name).stderr
    assert "is up to date" in drydock_machine("upgrade", name).stdout
    assert drydock_machine("rm", name).stdout == f"The machine {name} is gone.\n"
    assert name not in drydock_machine("ls").stdout

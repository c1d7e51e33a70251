"""The verbs of ``drydock machine``."""

from __future__ import annotations

import json
import os
import re
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
from drydock.machine.network.slirp import free_port
from tests.drydock.machine.conftest import Command, argv
from tests.drydock.machine.network.web_server import page
from tests.drydock.machine.supervisor.test_supervisor import running
from tests.machines import BUSYBOX, MINE, sweep
from tests.processes import heeds_interrupt


@pytest.mark.live
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_interrupted_build(tmp_path: Path, number: int, code: int) -> None:
    """A build that gets a signal ends the programs that it has started, and removes unfinished folders."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    words = argv("build", "--kernel", "debian")
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, preexec_fn=heeds_interrupt) as command:
        wait_for(lambda: any("mmdebstrap" in line for line in running(str(tmp_path))), "mmdebstrap", seconds=60)
        command.send_signal(number)
        _, output = command.communicate(timeout=30)
    assert command.returncode == code, output
    assert b"Traceback" not in output
    wait_for(lambda: not running(str(tmp_path)), "its child processes to end", seconds=60)
    assert [path.name for path in tmp_path.rglob("*.new-*")] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
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
        (("scp", "a", "b"), "these paths name no machine"),
        (("build", "--from", "no-such-file"), "no-such-file can't be used as a bundle."),
    ],
)
def test_errors_are_printed(
    user_folders: Path, drydock_machine: Command, arguments: Sequence[str], message: str
) -> None:
    """The command prints a finished message without a traceback, exits with 1, and creates nothing."""
    done = drydock_machine(*arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((user_folders / "data" / "drydock").glob("machines/*"))


def test_ls_without_machines(user_folders: Path, drydock_machine: Command) -> None:
    """Without machines the list has only its header, and the exit code is 0."""
    done = drydock_machine("ls")
    assert done.returncode == 0
    assert done.stdout.split() == ["name", "state", "endpoint", "memory", "disk"]


def test_a_machine_with_damaged_settings(user_folders: Path, drydock_machine: Command) -> None:
    """It is in the list beside the others; `status` prints the command that removes it."""
    machines = user_folders / "data" / "drydock" / "machines"
    for name, text in (("damaged", "{"), ("other", json.dumps({"name": "other"}))):
        (machines / name).mkdir(parents=True)
        (machines / name / "settings.json").write_text(text)
    rows = [line.split()[:2] for line in drydock_machine("ls").stdout.splitlines()]
    assert rows == [["name", "state"], ["damaged", "damaged"], ["other", "stopped"]]
    message = drydock_machine("status", "damaged").stderr
    assert "can't be read" in message
    assert message.rstrip().endswith("drydock machine rm damaged")
    assert drydock_machine("rm", "damaged").returncode == 0
    assert [path.name for path in machines.iterdir() if not path.name.startswith(".")] == ["other"]


@pytest.mark.parametrize("program", ["mmdebstrap", "slirp4netns"])
def test_building_without_a_tool(user_folders: Path, tmp_path: Path, drydock_machine: Command, program: str) -> None:
    """Without a program that a build needs, the message names its package, and nothing is built."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("fakechroot", "fakeroot", "mke2fs", "mmdebstrap", "slirp4netns"):
        path = shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        assert path is not None
        if tool != program:
            (tools / tool).symlink_to(path)
    done = drydock_machine("build", PATH=str(tools))
    assert done.returncode == 1
    assert f"apt-get install -y {program}\n" in done.stderr
    assert not [path for path in (user_folders / "cache" / "drydock").glob("*") if path.is_dir()]


@pytest.fixture
def shell(machine: Machine, tmp_path: Path) -> str:
    """Commands that configure a shell for the shared machine, without the user's Docker configuration and plug-ins."""
    setup = f"export XDG_CACHE_HOME={cache_folder().parent} HOME={tmp_path}; unset DOCKER_CONFIG"
    return f'{setup}\neval "$({" ".join(argv("env", machine.name))})"\n'


def sh(*lines: str, cwd: Path | None = None) -> str:
    """Run these commands in a shell and return the output; all must succeed."""
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
    """Verbs on the shared machine, some in a shell."""

    def test_the_docker_command(self, shell: str) -> None:
        """After `eval "$(drydock machine env)"`, the docker command uses the machine."""
        assert sh(shell, "docker version -f '{{.Server.Os}}'; docker ps -q | wc -l").split()[0] == "linux"

    def test_env_of_the_socket(self, machine: Machine, shell: str) -> None:
        """After `eval "$(drydock machine env --socket)"`, the docker command uses the machine's Unix socket."""
        switch = f'eval "$({" ".join(argv("env", "--socket", machine.name))})"'
        lines = sh(
            shell, switch, "echo $DOCKER_HOST$DOCKER_TLS_VERIFY", f"echo word | docker run -i --rm {BUSYBOX} cat"
        )
        assert re.fullmatch(r"unix:///.*/docker\.sock\nword\n", lines)

    def test_compose(self, machine: Machine, shell: str, tmp_path: Path) -> None:
        """Compose starts a service with a bind mount and a port published on 127.0.0.1, and removes it."""
        machine.share(tmp_path)
        port = free_port()
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "index.html").write_text("from a bind mount")
        (tmp_path / "compose.yaml").write_text(_COMPOSE.replace("PORT", str(port)))
        try:
            sh(shell, "docker compose up -d", cwd=tmp_path)
            wait_for(lambda: page(port) == "from a bind mount", "the page", seconds=60)
            (tmp_path / "site" / "index.html").write_text("changed")
            wait_for(lambda: page(port) == "changed", "the new page", seconds=60)
        finally:
            sh(shell, "docker compose down -v", cwd=tmp_path)
            with closing(machine.client()) as client:
                sweep(client)

    def test_buildkit(self, shell: str, tmp_path: Path) -> None:
        """BuildKit builds a Dockerfile with a heredoc in RUN, and the image runs."""
        (tmp_path / "Dockerfile").write_text(_HEREDOC)
        output = sh(shell, "docker buildx build -q -t heredoc . >/dev/null", "docker run --rm heredoc", cwd=tmp_path)
        assert output == "built\nhere\n"
        sh(shell, "docker image rm heredoc")

    def test_status(self, machine: Machine, drydock_machine: Command) -> None:
        """The status is printed as lines or as JSON, with the same values."""
        status = json.loads(drydock_machine("status", machine.name, "--json").stdout)
        assert status["running"] is True
        assert status["endpoint"] == machine.endpoint.host
        assert set(status) == {
            "name", "running", "endpoint", "memory_mb", "disk_gb", "cpu", "shares", "ports", "why",
        }  # fmt: skip
        output = drydock_machine("status", machine.name).stdout
        assert output.startswith(f"{machine.name}: running\n")
        assert status["endpoint"] in output

    def test_ls_and_ip(self, machine: Machine, drydock_machine: Command) -> None:
        """The list has a row for the machine; its address is 127.0.0.1, to which ports are forwarded."""
        rows = [line.split() for line in drydock_machine("ls").stdout.splitlines()]
        row = next(row for row in rows if row[0] == machine.name)
        assert row[:3] == [machine.name, "running", machine.endpoint.host]
        assert drydock_machine("ip", machine.name).stdout == "127.0.0.1\n"

    def test_ssh_and_scp(self, machine: Machine, drydock_machine: Command, tmp_path: Path) -> None:
        """A command runs in the machine with its exit code, and a file is copied there and back."""
        assert drydock_machine("ssh", machine.name, "hostname").stdout == f"{machine.name}\n"
        assert drydock_machine("ssh", machine.name, "--", "exit", "9").returncode == 9
        (tmp_path / "notes").write_text("copied twice")
        assert drydock_machine("scp", str(tmp_path / "notes"), f"{machine.name}:/root/notes").returncode == 0
        assert drydock_machine("scp", f"{machine.name}:/root/notes", str(tmp_path / "back")).returncode == 0
        assert (tmp_path / "back").read_text() == "copied twice"

    def test_start_again_and_build_again(self, machine: Machine, drydock_machine: Command, tmp_path: Path) -> None:
        """A running machine is not started again but shares a folder, and cached artifacts are not built again."""
        output = drydock_machine("start", machine.name, "--share", str(tmp_path)).stdout
        assert "was already running" in output
        assert f"It shares {tmp_path} from now on." in output
        assert f"shares  {tmp_path}" in drydock_machine("status", machine.name).stdout
        done = drydock_machine("build")
        assert done.stdout.startswith("In the cache: kernel-")
        assert done.stderr == ""


@pytest.mark.live
def test_the_lifecycle_of_a_machine(machine_name: str, drydock_machine: Command) -> None:
    """start, stop, status, upgrade, rm and ls print what they have done."""
    name = machine_name
    assert f'eval "$(drydock machine env {name})"' in drydock_machine("start", name, "--memory", "512").stdout
    assert drydock_machine("stop", name).stdout == f"The machine {name} has stopped.\n"
    assert drydock_machine("stop", name).stdout == f"The machine {name} was not running.\n"
    assert f"{name}: stopped" in drydock_machine("status", name).stdout
    assert "is not running" in drydock_machine("env", name).stderr
    assert "is up to date" in drydock_machine("upgrade", name).stdout
    assert drydock_machine("rm", name).stdout == f"The machine {name} was removed.\n"
    assert name not in drydock_machine("ls").stdout

"""Exit codes and states: what the docker command returns, and what the daemon records about a container."""

from __future__ import annotations

import secrets

from tests.drydock.machine.edge_probes.daemon import LABEL, Daemon
from tests.machines import BUSYBOX, PYTHON

#: Commands of which three can't be executed: not in PATH, not executable, a folder.
_COMMANDS = (("no-such-program",), ("/etc/passwd",), ("/etc",), ("sh", "-c", "exit 3"))
_RUNS_OUT_OF_MEMORY = 10

_COMPOSE = f"""\
services:
  app:
    image: {BUSYBOX}
    command: ["sh", "-c", "exit 3"]
    network_mode: none
"""


def run(daemon: Daemon) -> str:
    """Return the exit codes of ``docker run`` with each command."""
    return _codes(daemon.run(BUSYBOX, *command).returncode for command in _COMMANDS)


def run_refused(daemon: Daemon) -> str:
    """Return the exit codes of ``docker run`` with an unknown option, an image that is missing, a limit too small."""
    options = (("--no-such-option", BUSYBOX), ("--pull", "never", "no-such-image"), ("--memory", "1k", BUSYBOX))
    return _codes(daemon.run(*words).returncode for words in options)


def recorded(daemon: Daemon) -> str:
    """Return State.ExitCode and State.Status of containers whose command can't be executed."""
    states = []
    for command in _COMMANDS[:2]:
        name = f"edge-{secrets.token_hex(4)}"
        daemon.docker("run", "--name", name, *LABEL, BUSYBOX, *command)
        states.append(daemon.output("inspect", "--format", "{{.State.ExitCode}} {{.State.Status}}", name))
        daemon.docker("rm", "--force", name)
    return ", ".join(states)


def execute(daemon: Daemon) -> str:
    """Return the exit codes of ``docker exec`` with each command."""
    with daemon.container() as name:
        return _codes(daemon.docker("exec", name, *command).returncode for command in _COMMANDS)


def killed(daemon: Daemon) -> str:
    """Return the exit codes of containers that got SIGKILL, SIGTERM and SIGINT, and of one that was stopped."""
    codes = []
    for signal in ("KILL", "TERM", "INT", None):
        end = ("kill", "-s", signal) if signal else ("stop", "--time", "1")
        with daemon.container(*(["--init"] if signal else [])) as name:
            daemon.output(*end, name)
            codes.append(int(daemon.output("wait", name)))
    return _codes(codes)


def compose(daemon: Daemon) -> str:
    """Return the exit codes of ``docker compose run`` with each command, and of ``up --exit-code-from``."""
    folder = daemon.folder / f"compose-{secrets.token_hex(3)}"
    folder.mkdir()
    (folder / "compose.yaml").write_text(_COMPOSE)
    project = ("compose", "--project-directory", str(folder))
    try:
        codes = [daemon.docker(*project, "run", "--rm", "-T", "app", *command).returncode for command in _COMMANDS]
        return _codes([*codes, daemon.docker(*project, "up", "--exit-code-from", "app").returncode])
    finally:
        daemon.docker(*project, "down", "--timeout", "1")


def out_of_memory(daemon: Daemon) -> str:
    """Return how many of ten containers that exceed their memory limit have OOMKilled."""
    program = ("python3", "-c", "b'x' * (200 << 20)")
    killed = 0
    for _ in range(_RUNS_OUT_OF_MEMORY):
        with daemon.container("--memory", "64m", "--memory-swap", "64m", image=PYTHON, command=program) as name:
            daemon.output("wait", name)
            killed += daemon.output("inspect", "--format", "{{.State.OOMKilled}}", name) == "true"
    return f"{killed} of {_RUNS_OUT_OF_MEMORY}"


def _codes(codes: object) -> str:
    return " ".join(map(str, codes))  # type: ignore[call-overload]  # any iterable of numbers

"""The edges of a machine beside this computer's own daemon: ``python -m tests.drydock.machine.edges``.

Each row is measured on both in one run, through the docker command. A row without a reason must be equal, which
``test_edges.py`` asserts at night; a row with one says why it may differ.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from drydock.machine import Machine
from drydock.machine.artifacts import docker_cli, kernel_source, machine_build
from tests.drydock.machine.edge_probes import folders, ports, resources, states
from tests.drydock.machine.edge_probes.daemon import Daemon
from tests.leaks import host_daemon
from tests.machines import sweep


@dataclass(frozen=True)
class Row:
    """One behaviour that is looked at, and the reason why a machine may differ; empty if it must not."""

    title: str
    probe: Callable[[Daemon], str]
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """What a row's probe saw on the machine and on this computer's daemon."""

    row: Row
    machine: str
    host: str

    @property
    def is_equal(self) -> bool:
        """Whether both behave alike."""
        return self.machine == self.host


_HOST_LIMIT = "A machine gives what systemd gives to Docker; a daemon started otherwise passes on its own limit."
_WEIGHT = "The machine's kernel has no weights. Its daemon takes the cgroup's `io` for them, and doesn't warn."
_SWAP = "Debian's kernel for User Mode Linux has no swap; the compiled one has."
_SHARES = "A machine has the folders of `--share`. Lessons refuse another one; the plain docker command doesn't."
_HOSTFS = "hostfs, which brings a folder into the machine, passes on neither locks nor events."
_SLIRP = "slirp4netns carries all bytes between the machine and this computer."
_TAKEN = "The machine's daemon can't see this computer's ports; lessons and `machine status` report the conflict."

ROWS = (
    Row("exit codes of run: unknown, not executable, a folder, exit 3", states.run),
    Row("exit codes of run: unknown option, no such image, too little memory", states.run_refused),
    Row("recorded state: unknown command, not executable", states.recorded),
    Row("exit codes of exec: unknown, not executable, a folder, exit 3", states.execute),
    Row("exit codes after KILL, TERM, INT, and after stop", states.killed),
    Row("exit codes of compose run (the same four), up --exit-code-from", states.compose),
    Row("OOMKilled after too much memory was used", states.out_of_memory),
    Row("limit of open files", resources.open_files, _HOST_LIMIT),
    Row("--blkio-weight", resources.block_weight, _WEIGHT),
    Row("log driver", resources.log_options),
    Row("--device, opened in the container", resources.devices),
    Row("--cpuset-cpus 0", resources.cpu_set),
    Row("--memory-swap", resources.swap_limit, _SWAP),
    Row("clock", resources.clock),
    Row("-v of a shared folder, read and written", folders.shared),
    Row("-v of a folder that is not shared", folders.not_shared, _SHARES),
    Row("a computer's lock is noticed in a container", folders.locks, _HOSTFS),
    Row("a computer's new file is an event in a container", folders.events, _HOSTFS),
    Row("docker cp to a container and back", folders.copied),
    Row("docker cp, MB/s in and out", folders.copy_speed, _SLIRP),
    Row("exec gets the end of its input", ports.exec_socket),
    Row("answers where published", ports.addresses),
    Row("published without an address; on 0.0.0.0", ports.all_addresses),
    Row("published on 127.0.0.2: 127.0.0.1 is", ports.other_address),
    Row("one port of two containers, on 127.0.0.1 and 127.0.0.2, leads to each", ports.one_port_twice),
    Row("--network host is reached on 127.0.0.1", ports.host_network),
    Row("--network host, two seconds after the program's end", ports.host_network_ends),
    Row("exit code when a program has the port", ports.taken, _TAKEN),
    Row("closed half a second after rm", ports.closed_again),
    Row("an answer after the client's end of input", ports.half_closed),
    Row("200 connections at once, answered", ports.burst),
    Row("download from a published port, MB/s", ports.speed, _SLIRP),
)


@contextmanager
def both(kernel: str | None = None) -> Iterator[tuple[Daemon, Daemon]]:
    """Yield a new machine's daemon and this computer's; both have the course's images and one shared folder."""
    host = host_daemon()
    assert host is not None, "this computer has no Docker daemon"
    machine_build.find_or_build(kernel)
    cli = docker_cli.environment()
    folder = Path(tempfile.mkdtemp(prefix="edges-"))
    try:
        with Machine(memory_mb=1024, shares=[folder], publish=True, kernel=kernel) as machine:
            try:
                yield Daemon(machine.endpoint, folder, cli), Daemon(host, folder, cli)
            finally:
                with closing(host.client()) as client:
                    sweep(client)
    finally:
        shutil.rmtree(folder)


def measure(rows: Sequence[Row], machine: Daemon, host: Daemon) -> Iterator[Result]:
    """Yield the result of each row; a probe that fails is a result, too."""
    for row in rows:
        yield Result(row, _result(row, machine), _result(row, host))


def _result(row: Row, daemon: Daemon) -> str:
    try:
        return row.probe(daemon)
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:80]}"


def main() -> int:
    """Print the table and the reasons in Markdown; return 1 if a row without a reason differs."""
    reasons: list[str] = []
    unexpected = 0
    print(f"| | machine, {kernel_source.default()} kernel | daemon | |\n|---|---|---|---|")
    with both() as (machine, host):
        for result in measure(ROWS, machine, host):
            print(f"| {result.row.title} | {result.machine} | {result.host} | {_note(result, reasons)} |", flush=True)
            unexpected += not result.is_equal and not result.row.reason
    print("", *(f"{number}. {reason}" for number, reason in enumerate(reasons, 1)), sep="\n")
    return 1 if unexpected else 0


def _note(result: Result, reasons: list[str]) -> str:
    """Return "equal", or the number of the reason, which is added to ``reasons`` if it is a new one."""
    if result.is_equal or not result.row.reason:
        return "equal" if result.is_equal else "**differs**"
    if result.row.reason not in reasons:
        reasons.append(result.row.reason)
    return f"({reasons.index(result.row.reason) + 1})"


if __name__ == "__main__":
    sys.exit(main())

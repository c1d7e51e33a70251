"""Exercises of the lesson *Find out what a container is for the kernel*."""

from __future__ import annotations

from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut
from drydock.learn.daemon_objects import execute, running_container
from drydock.learn.exercises import exercise


@exercise(
    "The lesson sent the same two requests: create, then start. Only the path and the command differ.",
    "The first path is `/containers/create?name=by-hand`, the second `/containers/by-hand/start`.",
)
def by_hand(context: CheckContext) -> None:
    """Container `by-hand` runs `sleep 600` and has the lesson's label."""
    container = running_container(context, "by-hand")
    _sleeps(container)
    if container.labels.get(LABEL) != "11_inside":
        raise Failed("`by-hand` lacks the label.", hint="It belongs to the body, under `Labels`.")


@exercise(
    "`--network` takes the name of a network, or of a container.",
    "`--network container:main`. The other container has to run first.",
)
def sidecar(context: CheckContext) -> None:
    """Container `sidecar` shares the network namespace of `main`."""
    main, other = running_container(context, "main"), running_container(context, "sidecar")
    addresses = [container.exec_run(["cat", "/sys/class/net/eth0/address"]).output for container in (main, other)]
    if addresses[0] != addresses[1]:
        raise Failed("The two containers have different network interfaces.", hint="Which option chooses the network?")
    if other.attrs["HostConfig"]["NetworkMode"] != f"container:{main.id}":
        raise Failed("`sidecar` doesn't use the network of `main`.", hint="The option can name a container.")


@exercise(
    "Which namespace decides about the processes that `ps` lists?",
    "`--pid` takes `host`, or the name of a container.",
)
def monitor(context: CheckContext) -> None:
    """Container `monitor` sees all processes of the daemon's computer, and has no other rights."""
    container = running_container(context, "monitor")
    settings = container.attrs["HostConfig"]
    if settings["Privileged"] or settings["CapAdd"]:
        raise Failed("`monitor` has more rights than it needs.", hint="It only has to see the processes.")
    if b"containerd" not in container.exec_run(["ps", "-o", "comm"]).output:
        raise Failed("`ps` in `monitor` doesn't list the daemon's processes.", hint="Whose processes does it see?")


@exercise(
    "Process 1 has to ask for the exit codes of its children. `sleep` doesn't.",
    "`docker run` has an option that makes a small init process number 1.",
    watched=False,
)
def reaper(context: CheckContext) -> None:
    """No zombie stays in container `reaper`, which runs `sleep 600`."""
    container = running_container(context, "reaper")
    _sleeps(container)
    container.exec_run(["sh", "-c", "for n in 1 2 3; do (sleep 0.2 &); done"])
    try:
        wait_for(lambda: "sleep 0.2" not in _processes(container), "the orphans", seconds=10, every=0.2)
        wait_for(lambda: b"Z" not in container.exec_run(["ps", "-o", "stat"]).output, "the init", seconds=5, every=0.2)
    except TimedOut:
        raise Failed(
            "Processes ended in `reaper` and are still zombies.", hint="Which process asks for their exit code?"
        ) from None


@exercise(
    "`-v` mounts any folder of the daemon's computer, the root folder included.",
    "`-v /:/host:ro`, and then `ls /host`. Without `--rm`, the container stays.",
)
def lister(context: CheckContext) -> None:
    """Container `lister` has listed the root folder of the daemon's computer, which it can't change."""
    container = context.container("lister")
    if container is None:
        raise Failed("There is no container named `lister`.", hint="With `--rm` it would be gone.")
    mounts = [mount for mount in container.attrs["Mounts"] if mount.get("Source") == "/"]
    if not mounts:
        raise Failed("`lister` doesn't mount the root folder.", hint="Its path is `/`.")
    if mounts[0]["RW"]:
        raise Failed("`lister` could change the files.", hint="A mount can be read-only.")
    if b"etc" not in container.logs().split():
        raise Failed("`lister` hasn't printed the folder.", hint="Which folder does `ls` have to list?")


exercises = [by_hand, sidecar, monitor, reaper, lister]


def _sleeps(container: Container) -> None:
    if "sleep 600" not in _processes(container):
        raise Failed(f"`{container.name}` doesn't run `sleep 600`.", hint="The command comes after the image.")


def _processes(container: Container) -> str:
    return execute(container, "ps", "-o", "args")[1]

"""What a container gets: limits, devices, log options; and what the daemon warns about."""

from __future__ import annotations

import time

from tests.drydock.machine.edge_probes.daemon import Daemon
from tests.machines import BUSYBOX

_DEVICES = ("/dev/fuse", "/dev/net/tun", "/dev/loop-control")


def open_files(daemon: Daemon) -> str:
    """Return the limit of open files in a container."""
    return daemon.run(BUSYBOX, "sh", "-c", "ulimit -n").stdout.decode().strip()


def block_weight(daemon: Daemon) -> str:
    """Return the exit code of ``docker run --blkio-weight``, and whether it prints a warning."""
    done = daemon.run("--blkio-weight", "300", BUSYBOX, "true")
    return f"{done.returncode}, {'warning' if b'WARNING' in done.stderr else 'no warning'}"


def log_options(daemon: Daemon) -> str:
    """Return the log driver and the number of its options in a container that asked for none."""
    with daemon.container() as name:
        form = "{{.HostConfig.LogConfig.Type}}, {{len .HostConfig.LogConfig.Config}} options"
        return daemon.output("inspect", "--format", form, name)


def devices(daemon: Daemon) -> str:
    """Return the devices, of three, that a container which gets them with ``--device`` can open."""
    opened = []
    for device in _DEVICES:
        done = daemon.run("--device", device, BUSYBOX, "sh", "-c", f"exec 3<>{device}")
        opened += [device.removeprefix("/dev/")] if done.returncode == 0 else []
    return ", ".join(opened)


def cpu_set(daemon: Daemon) -> str:
    """Return the exit code of ``docker run --cpuset-cpus 0``, and the CPUs that the container may use."""
    done = daemon.run("--cpuset-cpus", "0", BUSYBOX, "grep", "Cpus_allowed_list", "/proc/self/status")
    return f"{done.returncode}, {done.stdout.decode().split()[-1] if done.stdout else '-'}"


def swap_limit(daemon: Daemon) -> str:
    """Return the warnings of ``docker run`` with a limit of memory and swap."""
    done = daemon.run("--memory", "64m", "--memory-swap", "128m", BUSYBOX, "true")
    return f"{done.returncode}, {'warning' if b'WARNING' in done.stderr else 'no warning'}"


def clock(daemon: Daemon) -> str:
    """Return whether a container's clock is within two seconds of this computer's."""
    before = time.time()
    seconds = int(daemon.run(BUSYBOX, "date", "+%s").stdout)
    return "right" if before - 2 < seconds < time.time() + 2 else f"off by {seconds - before:.0f} s"

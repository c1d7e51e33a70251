"""Folders of this computer in a container, and ``docker cp``."""

from __future__ import annotations

import fcntl
import hashlib
import secrets
import tempfile
import time
from pathlib import Path

from drydock.core.waiting import wait_for
from drydock.errors import TimedOut
from tests.drydock.machine.edge_probes.daemon import Daemon
from tests.machines import BUSYBOX, PYTHON

_COPIED_MB = 32
_EVENT_SECONDS = 8
#: Prints a line for each file that is created in the folder.
_WATCH = """
import ctypes, os
libc = ctypes.CDLL(None)
events = libc.inotify_init()
libc.inotify_add_watch(events, b"/data", 0x100)
while True:
    print(len(os.read(events, 4096)), flush=True)
"""
_LOCK = "import fcntl, sys; fcntl.{function}(open('/data/lock', 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"


def shared(daemon: Daemon) -> str:
    """Return what a container and this computer read of the files that the other wrote."""
    folder = _new_folder(daemon)
    (folder / "here").write_text("computer")
    words = ("-v", f"{folder}:/data", BUSYBOX, "sh", "-c", "cat /data/here; echo -n container > /data/there")
    output = daemon.run(*words).stdout.decode()
    return f"{output}, {(folder / 'there').read_text()}"


def not_shared(daemon: Daemon) -> str:
    """Return what a container sees of a folder that was not named when the machine started."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "file").touch()
        done = daemon.run("-v", f"{folder}:/data", BUSYBOX, "ls", "/data")
    return f"{done.returncode}, {done.stdout.decode().strip() or 'empty'}"


def locks(daemon: Daemon) -> str:
    """Return whether a container notices a lock that a process of this computer has: of flock and of fcntl."""
    folder = _new_folder(daemon)
    results = []
    for function in ("flock", "lockf"):
        with (folder / "lock").open("w") as file:
            getattr(fcntl, function)(file, fcntl.LOCK_EX)
            done = daemon.run("-v", f"{folder}:/data", PYTHON, "python3", "-c", _LOCK.format(function=function))
        results.append(f"{function} {'no' if done.returncode == 0 else 'yes'}")
    return ", ".join(results)


def events(daemon: Daemon) -> str:
    """Return whether inotify in a container reports a file that this computer creates."""
    folder = _new_folder(daemon)

    def is_reported() -> bool:
        (folder / secrets.token_hex(4)).touch()  # again each time: the first may be too early for the container
        return bool(daemon.docker("logs", name).stdout)

    with daemon.container("-v", f"{folder}:/data", image=PYTHON, command=("python3", "-c", _WATCH)) as name:
        try:
            wait_for(is_reported, "an event", seconds=_EVENT_SECONDS, every=0.5)
        except TimedOut:
            return "no"
    return "yes"


def copied(daemon: Daemon) -> str:
    """Return whether ``docker cp`` brings a file's bytes, mode and a link to a container and back."""
    folder = _new_folder(daemon)
    tree = folder / "tree"
    tree.mkdir()
    (tree / "file").write_bytes(secrets.token_bytes(1 << 20))
    (tree / "file").chmod(0o640)
    (tree / "link").symlink_to("file")
    with daemon.container() as name:
        daemon.output("cp", str(tree), f"{name}:/tree")
        daemon.output("cp", f"{name}:/tree", str(folder / "back"))
    back = folder / "back"
    same = [
        _sha256(back / "file") == _sha256(tree / "file"),
        (back / "file").stat().st_mode == (tree / "file").stat().st_mode,
        (back / "link").readlink() == Path("file"),
    ]
    return "bytes, mode, link" if all(same) else f"bytes, mode, link: {same}"


def copy_speed(daemon: Daemon) -> str:
    """Return the speed of ``docker cp`` into a container and out of it, MB/s."""
    file = _new_folder(daemon) / "file"
    file.write_bytes(secrets.token_bytes(_COPIED_MB << 20))
    speeds = []
    with daemon.container() as name:
        for words in ((str(file), f"{name}:/file"), (f"{name}:/file", str(file))):
            began = time.monotonic()
            daemon.output("cp", *words)
            speeds.append(f"{_COPIED_MB * 1.048576 / (time.monotonic() - began):.0f}")
    return " and ".join(speeds)


def _new_folder(daemon: Daemon) -> Path:
    """Return a new folder that the daemon can mount; it is removed with the daemon's folder."""
    folder = daemon.folder / secrets.token_hex(4)
    folder.mkdir()
    return folder


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()

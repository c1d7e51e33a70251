"""A real Dask cluster of this computer's processes, for tests: each worker has a folder of its own and TLS."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from drydock.core.waiting import wait_for
from tests.autograder.conftest import ROOT
from tests.processes import ends_with_parent

Process = subprocess.Popen[bytes]


class Dask:
    """A scheduler and its workers, ended together."""

    def __init__(self, folder: Path, certificates: Path | None = None) -> None:
        self.folder = folder
        self.address = ""
        self.workers: list[Process] = []
        self.scheduler: Process | None = None
        names = {"--tls-ca-file": "ca.pem", "--tls-cert": "cert.pem", "--tls-key": "key.pem"}
        self._tls = (
            [word for option, name in names.items() for word in (option, str(certificates / name))]
            if (certificates)
            else []
        )

    def __enter__(self) -> Self:
        file = self.folder / "scheduler.json"
        protocol = "tls" if self._tls else "tcp"
        words = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--protocol", protocol]
        self.scheduler = self._begin("scheduler", [*words, "--scheduler-file", str(file)])
        wait_for(lambda: file.exists() and file.read_text().endswith("}"), "the scheduler", seconds=60)
        self.address = json.loads(file.read_text())["address"]
        return self

    def __exit__(self, *_: object) -> None:
        for process in filter(None, [*self.workers, self.scheduler]):
            process.kill()
            process.wait()

    def hire(self, number: int = 1, root: Path = ROOT) -> None:
        """Start workers, each with one thread, whose Drydock is the one in ``root``."""
        for _ in range(number):
            words = [self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
            self.workers.append(self._begin("worker", words, root))

    def kill(self, process: Process) -> None:
        """Kill one outright."""
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def _begin(self, part: str, words: list[str], root: Path = ROOT) -> Process:
        place = self.folder / f"{part}-{len(self.workers)}"
        place.mkdir()
        with (place / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{part}", *words, *self._tls],
                cwd=place,
                env={**os.environ, "PYTHONPATH": str(root), "DASK_TEMPORARY_DIRECTORY": str(place)},
                stdout=log,
                stderr=log,
                preexec_fn=ends_with_parent,
            )


def certificates(folder: Path) -> Path:
    """An authority and a certificate for all of a cluster, by the two commands that docs/scaling.md gives."""
    folder.mkdir()
    for command in _commands():
        subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True)
    return folder


def _commands() -> Iterator[str]:
    page = (ROOT / "docs" / "scaling.md").read_text().replace("\\\n", " ")
    yield from (line for line in page.splitlines() if line.startswith("openssl "))


@contextmanager
def cluster(folder: Path, workers: int, *, tls: bool = False) -> Iterator[Dask]:
    """A cluster with so many workers."""
    with Dask(folder, certificates(folder / "tls") if tls else None) as dask:
        dask.hire(workers)
        yield dask

"""What safe grading costs: the same honest submissions by nbgrader as it comes, and by ours: ``make bench-grading``.

- nbgrader as it comes runs each notebook on this computer's own Docker daemon, one after the other, with nothing
  between the student's code and the instructor's files; an error in a cell is what decides its points.
- ours runs each in a machine of its own behind walls, several at once, and marks it from outside.

Beside the time on the clock stands the processors': for how long they were busy, whoever kept them so. A machine's
processes end in ways in which nobody is told what they used; so nothing else may run on the computer meanwhile.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.gradebook.course import Course
from drydock import images
from drydock.core.endpoint import Endpoint

ROOT = Path(__file__).resolve().parents[1]
SOCKET = "/var/run/docker.sock"


@dataclass(frozen=True)
class Took:
    """What one side took for all submissions, in seconds: on the clock, and of processors."""

    wall: float
    cpu: float
    submissions: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade on both sides, nbgrader first, and show what they took."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_grading")
    parser.add_argument("--submissions", type=int, default=24)
    parser.add_argument("--workers", type=int, default=2)
    wish = parser.parse_args(arguments)
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        theirs = _theirs(Path(folder) / "theirs", wish.submissions)
        ours = _ours(Path(folder) / "ours", wish.submissions, wish.workers)
    console = Console(highlight=False)
    console.print(table({"nbgrader autograde": theirs, f"autograder grade --workers {wish.workers}": ours}))
    console.print(f"ours / nbgrader, on the clock: {ours.wall / theirs.wall:.2f}")
    console.print(f"{os.cpu_count()} CPUs, load before {before:.1f}")
    return 0


def table(sides: dict[str, Took]) -> Table:
    """Both sides, a line each."""
    rows = Table("", box=None, pad_edge=False)
    for head in ("submissions", "wall s", "s each", "CPU s each", "a minute"):
        rows.add_column(head, justify="right")
    for name, took in sides.items():
        each, cpu = took.wall / took.submissions, took.cpu / took.submissions
        rows.add_row(name, str(took.submissions), f"{took.wall:.0f}", f"{each:.1f}", f"{cpu:.1f}", f"{60 / each:.1f}")
    return rows


def _theirs(folder: Path, size: int) -> Took:
    course = _course(folder, size, _as_it_comes)
    words = [sys.executable, "-m", "nbgrader", "autograde", "service"]
    environment = {**os.environ, "DOCKER_HOST": f"unix://{SOCKET}"}
    with _host():
        return _took(words, course, size, environment)


@contextmanager
def _host() -> Iterator[None]:
    """The daemon of this computer with the course's images; what the students leave in it is taken away."""
    with closing(Endpoint(f"unix://{SOCKET}").client()) as client:
        images.build(client)
        if client.containers.list(all=True, filters={"name": "^service$"}):
            raise SystemExit("This computer has a container called `service`, which the notebooks would remove.")
        try:
            yield
        finally:
            client.containers.get("service").remove(force=True)


def _ours(folder: Path, size: int, workers: int) -> Took:
    course = _course(folder, size, lambda config: config)
    words = [sys.executable, "-m", "autograder.cli", "grade", "service", "--workers", str(workers)]
    return _took(words, course, size, dict(os.environ))


def _as_it_comes(config: str) -> str:
    """The configuration without the two lists that are ours."""
    return config.partition("# `nbgrader autograde`")[0]


def _course(folder: Path, size: int, change: Callable[[str], str]) -> Course:
    """A class of honest students, their assignment released."""
    shutil.copytree(ROOT / "assignments" / "service", folder / "assignments" / "service")
    (folder / "nbgrader_config.py").write_text(change((ROOT / "nbgrader_config.py").read_text()))
    course = Course(folder)
    course.release("service")
    for number in range(size):
        place = course.folder("submitted", f"student-{number:03}", "service")
        place.mkdir(parents=True)
        # The assignment's own solution, which gets full marks.
        shutil.copy(ROOT / "assignments" / "service" / "service.ipynb", place)
    return course


def _took(words: list[str], course: Course, size: int, environment: dict[str, str]) -> Took:
    """Run a command in the course."""
    environment["PYTHONPATH"] = str(ROOT)
    began, before = time.monotonic(), _busy()
    subprocess.run(words, cwd=course.root, env=environment, stdout=subprocess.DEVNULL, check=True)
    return Took(time.monotonic() - began, _busy() - before, size)


def _busy() -> float:
    """Seconds that all processors together were not idle: user, nice, system, irq, softirq."""
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text().split(maxsplit=8)[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())

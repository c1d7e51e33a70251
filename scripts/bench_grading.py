"""The cost of isolated grading: nbgrader and Drydock grade the same honest submissions: ``make bench-grading``.

- Unmodified nbgrader runs each notebook on this computer's own Docker daemon, one after the other, without isolation
  between the student's code and the instructor's files; an error in a cell decides its points.
- Drydock runs each notebook in an isolated machine of its own, several at once, and checks it from outside.

Each submission is perfect, and the benchmark fails unless each gets all points of the checks.
Beside the time it reports the CPU time of the whole computer. The processes of a machine can't be measured one by one,
because some of them end without a parent that waits for them; so nothing else may run on the computer meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from docker.errors import NotFound
from rich.console import Console
from rich.table import Table

from autograder.gradebook.course import Course
from autograder.scheduling import capacity
from drydock import images
from drydock.core.endpoint import Endpoint

ROOT = Path(__file__).resolve().parents[1]
SOCKET = "/var/run/docker.sock"


@dataclass(frozen=True)
class Measurement:
    """The time and the CPU time in seconds in which a number of submissions were graded."""

    seconds: float
    cpu_seconds: float
    submissions: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade with nbgrader, then with Drydock, and print both measurements."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_grading")
    parser.add_argument("--submissions", type=int, default=24)
    parser.add_argument("--workers", type=int, help="as many as fit here, as for `autograder grade`")
    options = parser.parse_args(arguments)
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        nbgrader = _measure_nbgrader(Path(folder) / "nbgrader", options.submissions)
        workers = options.workers or min(capacity.affordable(), options.submissions)
        drydock = _measure_drydock(Path(folder) / "drydock", options.submissions, workers)
    console = Console(highlight=False)
    console.print(table({"nbgrader autograde": nbgrader, f"autograder grade --workers {workers}": drydock}))
    console.print(f"time, Drydock / nbgrader: {drydock.seconds / nbgrader.seconds:.2f}")
    console.print(f"{os.cpu_count()} CPUs, load before {load_before:.1f}")
    return 0


def table(measurements: dict[str, Measurement]) -> Table:
    """Return a table with a row for each measurement."""
    rows = Table("", box=None, pad_edge=False)
    for head in ("submissions", "s", "s each", "CPU s each", "CPUs at work", "a minute"):
        rows.add_column(head, justify="right")
    for name, measured in measurements.items():
        each, cpu = measured.seconds / measured.submissions, measured.cpu_seconds / measured.submissions
        share = cpu / each / (os.cpu_count() or 1)
        numbers = [f"{measured.seconds:.0f}", f"{each:.1f}", f"{cpu:.1f}", f"{share:.0%}", f"{60 / each:.1f}"]
        rows.add_row(name, str(measured.submissions), *numbers)
    return rows


def _measure_nbgrader(folder: Path, submissions: int) -> Measurement:
    course = create_course(folder, submissions, unmodified)
    command = [sys.executable, "-m", "nbgrader", "autograde", "service"]
    environment = {**os.environ, "DOCKER_HOST": f"unix://{SOCKET}"}
    with _prepared_daemon():
        return _measure(command, course, submissions, environment)


@contextmanager
def _prepared_daemon() -> Iterator[None]:
    """Build the course's images in this computer's daemon, and remove the container that the notebooks leave there."""
    with closing(Endpoint(f"unix://{SOCKET}").client()) as client:
        images.build(client)
        if client.containers.list(all=True, filters={"name": "^service$"}):
            raise SystemExit("This computer has a container called `service`, which the notebooks would remove.")
        try:
            yield
        finally:
            with suppress(NotFound):  # a run that failed may have made none
                client.containers.get("service").remove(force=True)


def _measure_drydock(folder: Path, submissions: int, workers: int) -> Measurement:
    course = create_course(folder, submissions)
    verdicts = folder / "verdicts.json"
    command = [sys.executable, "-m", "autograder.cli", "grade", "service", "--workers", str(workers)]
    measurement = _measure([*command, "--json", str(verdicts)], course, submissions, dict(os.environ))
    without_all_points = [row for row in json.loads(verdicts.read_text()) if row["score"] != row["max"]]
    if without_all_points:
        raise SystemExit(f"Not all points: {json.dumps(without_all_points, indent=1)}")
    return measurement


def unmodified(config: str) -> str:
    """Return an nbgrader configuration without Drydock's plug-ins: without the import and the call of configure()."""
    return "".join(line for line in config.splitlines(keepends=True) if "configure" not in line)


def create_course(folder: Path, submissions: int, change_config: Callable[[str], str] = str) -> Course:
    """Create a course with a released assignment and its submissions: each is the assignment's own solution."""
    shutil.copytree(ROOT / "assignments" / "service", folder / "assignments" / "service")
    (folder / "nbgrader_config.py").write_text(change_config((ROOT / "nbgrader_config.py").read_text()))
    course = Course(folder)
    course.release("service")
    for number in range(submissions):
        submission = course.folder("submitted", f"student-{number:03}", "service")
        submission.mkdir(parents=True)
        shutil.copy(ROOT / "assignments" / "service" / "service.ipynb", submission)
    return course


def _measure(command: list[str], course: Course, submissions: int, environment: dict[str, str]) -> Measurement:
    """Run a command in the course's folder and measure it."""
    environment["PYTHONPATH"] = str(ROOT)
    started, cpu_before = time.monotonic(), cpu_seconds()
    subprocess.run(command, cwd=course.root, env=environment, stdout=subprocess.DEVNULL, check=True)
    return Measurement(time.monotonic() - started, cpu_seconds() - cpu_before, submissions)


def cpu_seconds() -> float:
    """Return the seconds that all CPUs together were not idle: user, nice, system, irq, softirq."""
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text().split(maxsplit=8)[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())

"""A submission of each kind that never ends has a verdict in time, and delays honest ones by little more than its own.

As a program it measures: ``python -m tests.autograder.test_hanging_among_honest`` grades twenty honest submissions
without and with five that hang, and prints both times and the most that the five may add.
"""

from __future__ import annotations

import time

import pytest

from autograder.execution.kernel_container import Limits
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import grade
from autograder.scheduling.process_pool import ProcessPool
from autograder.submission import Submission
from autograder.verdict import Verdict
from tests.attack_corpus.attack import Attack
from tests.attack_corpus.corpus import submission
from tests.autograder.conftest import expected, notebook_named

HONEST, WORKERS = 20, 2
#: Seconds: honest work needs less than ten.
LIMITS = Limits(cell_seconds=30, total_seconds=60)
_CONNECT = "import docker; client = docker.from_env(); "
#: The kinds: each waits for something that never comes.
KINDS = {
    "a-loop": "while True: pass",
    "a-container-that-runs": f"{_CONNECT}client.containers.run('drydock/busybox:1.37', 'sleep infinity')",
    "a-log-that-goes-on": f"{_CONNECT}[line for line in client.containers.run('drydock/busybox:1.37', "
    "'sh -c \"while sleep 1; do echo on; done\"', detach=True).logs(stream=True)]",
    "a-deaf-process": "import signal, time; [signal.signal(number, signal.SIG_IGN) for number in (2, 15)]\n"
    "while True:\n    try:\n        time.sleep(1000)\n    except BaseException: pass",
    "a-process-that-stays": "import os, subprocess; os.write(2, b'x'); subprocess.run(['tail', '-f', '/dev/null'])",
}


def graded(kinds: dict[str, str]) -> tuple[dict[str, Verdict], float]:
    """Return the verdicts of the honest ones, with these kinds among them, and the seconds that all took."""
    work = [Submission(f"honest-{number}", "service", notebook_named("perfect-busybox")) for number in range(HONEST)]
    for place, (name, code) in enumerate(kinds.items()):
        work.insert(place * 4, submission(name, Attack("", code), 8000))
    began = time.monotonic()
    with ProcessPool(WORKERS, GradingConfig(limits=LIMITS)) as workers:
        verdicts = {verdict.student: verdict for verdict in grade(work, workers)}
    return verdicts, time.monotonic() - began


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_five_that_hang_cost_the_others_nothing() -> None:
    """Each of the five has timed out with no point, and each of the twenty has all of its points."""
    verdicts, _ = graded(KINDS)
    assert {verdicts[name].state for name in KINDS} == {"timed-out"}
    assert {verdicts[name].score for name in KINDS} == {0}
    honest = {verdict.score for student, verdict in verdicts.items() if student not in KINDS}
    assert honest == {expected("perfect-busybox")["score"]}


def main() -> None:
    """Grade the class without and with the five, and print the seconds of both."""
    _, alone = graded({})
    verdicts, together = graded(KINDS)
    for name in KINDS:
        print(f"{name:24} {verdicts[name].state:10} {verdicts[name].score:4g} {verdicts[name].seconds:6.1f} s")
    most = len(KINDS) * LIMITS.total_seconds / WORKERS
    print(
        f"{HONEST} honest: {alone:.0f} s; with {len(KINDS)} that hang: {together:.0f} s, {together - alone:.0f} s more"
    )
    print(f"five deadlines of {LIMITS.total_seconds} s, divided by {WORKERS} workers: {most:.0f} s")


if __name__ == "__main__":
    main()

"""Two hundred submissions, a tenth of them hostile, graded while parts of the grader are killed every few seconds.

``python -m tests.stress.grading [--submissions 200] [--workers 2] [--every 5] [--seed 1]``

Each must be graded exactly once with the right score, nothing may be left behind, and memory and disk use must stay
constant. It takes an hour or more, so it runs at night.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.gradebook.course import Course
from autograder.gradebook.scores import scores
from autograder.sandbox.grading_config import GradingConfig
from autograder.verdict import Verdict
from tests.attack_corpus.corpus import corpus, submission
from tests.autograder.conftest import ROOT, expected, load_assignment, notebook_named, submit_notebook
from tests.fixtures.notebooks import cases_of
from tests.leaks import SESSION, Run
from tests.stress.gauge import Gauge, is_flat, quarters
from tests.stress.killer import Killer

_ROUNDS = 100


def main() -> int:
    """Run the test and print its result; return 0 if everything is as it must be."""
    options = _options()
    run = Run()
    variable = f"{SESSION}={os.environ[SESSION]}"
    folder = Path(tempfile.mkdtemp(prefix="dd-stress-"))
    try:
        course = _course(folder, options.submissions)
        began = time.monotonic()
        data = Path(os.environ["XDG_DATA_HOME"])
        killing = Killer(variable, options.every, options.seed, lambda: len(_verdict_files(course)))
        with Gauge(variable, data) as gauge, killing as killer:
            rounds, twice = _graded(course, options.workers, killer)
        wrong = [*_wrong(course), *twice]
        print(f"{options.submissions} submissions in {time.monotonic() - began:.0f} s and {rounds} runs of the command")
        print("killed:", ", ".join(f"{count} {kind}s" for kind, count in killer.killed.most_common()))
        for name, samples in (("memory", gauge.memory), ("disk", gauge.disk)):
            print(f"{name}, mean of each quarter: {quarters(samples)} MB")
            wrong += [] if is_flat(samples) else [f"{name} grows"]
    finally:
        shutil.rmtree(folder)
        left = run.close()
    print(*[f"WRONG: {line}" for line in (*wrong, *left)], "" if wrong or left else "All as it must be.", sep="\n")
    return 1 if wrong or left else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.stress.grading")
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one kill to the next, about")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _course(folder: Path, size: int) -> Course:
    """Return a course with ``size`` submissions; a student's name says which test submission it is."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "assignments" / "service", folder / "assignments" / "service")
    course = Course(folder)
    names = [name for name in sorted(cases_of("service")) if not name.startswith("cheat")]
    attacks = sorted(corpus().items())
    for number in range(size):
        if number % 10 == 9:
            name, attack = attacks[number // 10 * 7 % len(attacks)]
            submit_notebook(course, f"{number:03} {name.replace('/', ' ')}", submission(name, attack, 8000).notebook)
        else:
            name = names[number % len(names)]
            submit_notebook(course, f"{number:03} {name}", notebook_named(name))
    return course


def _graded(course: Course, workers: int, killer: Killer) -> tuple[int, list[str]]:
    """Run the command until it has nothing left to do; how often, and who got a second verdict.

    When no more are left than are graded at a time, nothing is killed any more: each kill would hit the same ones.
    """
    words = [sys.executable, "-m", "autograder.cli", "--course", str(course.root), "grade", "service"]
    first: dict[str, str] = {}
    twice = []
    for number in range(1, _ROUNDS + 1):
        done = subprocess.run([*words, "--workers", str(workers)], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        for file in _verdict_files(course):
            if first.setdefault(file.parent.name, file.read_text()) != file.read_text():
                twice.append(f"{file.parent.name} was graded twice")
        if done.returncode == 0:
            return number, twice
        if _left(course) <= workers:
            killer.stop()
    return _ROUNDS, [*twice, "it never came to an end"]


def _verdict_files(course: Course) -> list[Path]:
    return list((course.build / "verdicts" / "service").glob("*/verdict.json"))


def _left(course: Course) -> int:
    """How many have no verdict that stands."""
    verdicts = course.verdicts(load_assignment(), GradingConfig()).all()
    stands = [verdict for verdict in verdicts if verdict.state != "infra-error"]
    return len(list(course.submissions("service"))) - len(stands)


def _wrong(course: Course) -> list[str]:
    """What the gradebook says, student by student, held against what their work is worth."""
    verdicts = {verdict.student: verdict for verdict in course.verdicts(load_assignment(), GradingConfig()).all()}
    wrong = []
    with course.gradebook() as book:
        for work in course.submissions("service"):
            verdict = verdicts.get(work.student)
            if verdict is None or not _is_right(verdict):
                wrong.append(f"{work.student}: {verdict.summary() if verdict else 'not graded'}")
            elif sum(scores(book, load_assignment(), work.student).values()) != verdict.score:
                wrong.append(f"{work.student}: the gradebook has another score")
    return wrong


def _is_right(verdict: Verdict) -> bool:
    name = verdict.student.split(" ", 1)[1]
    attack = corpus().get(name.replace(" ", "/", 1))
    if attack is not None:
        return verdict.state in attack.states and verdict.score <= attack.most
    right = expected(name)
    return (verdict.state, verdict.score) == (right["state"], right["score"])


if __name__ == "__main__":
    sys.exit(main())

"""The corpus of attacks: none gains a point, each gets a clear state, and nothing of this computer is touched."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.errors import UnreadableNotebook
from autograder.execution import sanitize
from autograder.execution.kernel_container import Limits
from autograder.gradebook import feedback
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import grade
from autograder.scheduling.process_pool import ProcessPool
from autograder.submission import Submission
from autograder.verdict import Verdict
from drydock.machine.isolation.backends import choose
from tests.attack_corpus.arriving import ARRIVALS
from tests.attack_corpus.attack import Attack
from tests.attack_corpus.corpus import FAMILIES, corpus, submission, write, written
from tests.attack_corpus.table import page
from tests.autograder.conftest import expected, notebook_named
from tests.tiers import by_day

CORPUS = corpus()
#: Seconds: short for an attack, long for honest work.
CONFIG = GradingConfig(limits=Limits(cell_seconds=60, total_seconds=150))
#: A few of each kind; the rest is for the night, and with it the limits of time, memory and disk.
FEW = [
    "forging/messages", "forging/self-check", "reading/privileged", "reading/network",
    "breaking/fork-bomb-in-a-container", "breaking/deep-json", "hiding/daemon-process", "hiding/scripts-in-outputs",
]  # fmt: skip

#: Notebooks that take nbconvert long: what is shown of them is tested where a child process renders it.
SLOW = {"parsing/brackets", "parsing/everything", "parsing/many-cells"}

_ODD = [name for name, attack in CORPUS.items() if attack.rewrite or attack.raw]


@dataclass
class Canaries:
    """What a hostile notebook must not reach: a file, a variable, a process, and a port that counts its visitors."""

    file: Path
    process: subprocess.Popen[bytes]
    port: int
    visits: list[str] = field(default_factory=list)

    def sum(self) -> str:
        """What the file holds."""
        return hashlib.sha256(self.file.read_bytes()).hexdigest()


@pytest.fixture
def canaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Canaries]:
    """All four, on this computer."""
    file = tmp_path / "gradebook.db"
    file.write_text("CANARY in a file")
    monkeypatch.setenv("CANARY", "CANARY in a variable")
    sleeper = [sys.executable, "-c", "input()"]
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        subprocess.Popen(sleeper, stdin=subprocess.PIPE) as process,
    ):
        canaries = Canaries(file, process, listener.getsockname()[1])
        threading.Thread(target=_count, args=[listener, canaries.visits], daemon=True).start()
        yield canaries
        process.communicate(b"\n")


def _count(listener: socket.socket, visits: list[str]) -> None:
    with suppress(OSError):
        while True:
            line, who = listener.accept()
            visits.append(str(who))
            line.close()


@contextmanager
def untouched(canaries: Canaries) -> Iterator[None]:
    """Nothing was reached meanwhile."""
    before, home = canaries.sum(), sorted(Path.home().iterdir())
    yield
    assert canaries.sum() == before
    assert canaries.visits == []
    assert canaries.process.poll() is None
    assert sorted(Path.home().iterdir()) == home


def verdicts(names: Sequence[str], port: int) -> dict[str, Verdict]:
    """What becomes of these attacks, with honest work between and after them."""
    attacks = [submission(name, CORPUS[name], port) for name in names]
    middle = len(attacks) // 2
    work = [*attacks[:middle], _honest("in-between"), *attacks[middle:], _honest("at-the-end")]
    with ProcessPool(2, CONFIG) as workers:
        return {verdict.student: verdict for verdict in grade(work, workers)}


def _honest(student: str) -> Submission:
    return Submission(student, "service", notebook_named("perfect-busybox"))


class Acting(HTMLParser):
    """Finds in a page what a browser would act upon, or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that acts by itself, or by an attribute of it."""
        self.active += [tag] if tag in ("script", "iframe", "object", "embed", "svg", "link", "base", "form") else []
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith(("javascript:", "vbscript:")):
                self.active.append(f"{tag} {name}={value}")


def acting(verdict: Verdict) -> list[str]:
    """What in the shown notebook or on the student's page could act, and what was a canary's."""
    shown, page = feedback.with_results(verdict), feedback.page(verdict)
    reader = Acting()
    reader.feed(page)
    prose = [cell.source for cell in shown.cells if cell.cell_type != "code"]
    kinds = {kind for cell in shown.cells for output in cell.get("outputs", []) for kind in output.get("data", {})}
    active = reader.active + [
        text for text in prose if re.search(r"<script|<img|\]\(javascript|\\(?:href|mml|req)", text)
    ]
    active += sorted(kinds - {"text/plain", "image/png", "image/jpeg"})
    active += sorted(shown.metadata.keys() - {"kernelspec"})  # with a language, Jupyter finds a kernel to start
    active += [] if shown.metadata.kernelspec.name == "drydock-graded" else ["a kernel"]
    return active + (["a canary"] if "CANARY in a" in sanitize.text(shown) + page else [])


def wrong(name: str, attack: Attack, verdict: Verdict) -> list[str]:
    """What an attack got that it must not get."""
    faults = []
    if verdict.score > attack.most:
        faults.append(f"{name}: scored {verdict.score}")
    if verdict.state not in attack.states:
        faults.append(f"{name}: {verdict.state}: {verdict.diagnostics[-300:]}")
    faults += [] if name in SLOW else [f"{name}: {what} is shown" for what in acting(verdict)]
    if "REACHED" in sanitize.text(feedback.with_results(verdict)):
        faults.append(f"{name}: it printed that it reached what it wants")
    if verdict.state != "unreadable" and verdict.isolation != (choose().NAME, "machine", "proxy"):
        faults.append(f"{name}: only {verdict.isolation} stood")
    return faults


def hold(names: Sequence[str], canaries: Canaries) -> None:
    """They gain nothing, reach nothing, and honest work is worth what it is worth."""
    with untouched(canaries):
        graded = verdicts(names, canaries.port)
    for name in names:
        verdict = graded[name.replace("/", "-")]
        print(f"{name:42} {verdict.state:12} {verdict.score:4g} {verdict.seconds:5.1f} s  {CORPUS[name].layer}")
    assert [line for name in names for line in wrong(name, CORPUS[name], graded[name.replace("/", "-")])] == []
    full = expected("perfect-busybox")["score"]
    assert {student: graded[student].score for student in ("in-between", "at-the-end")} == {
        "in-between": full,
        "at-the-end": full,
    }


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(900)
def test_some_attacks_of_each_kind(canaries: Canaries) -> None:
    """Two of each kind that people think of first."""
    hold(FEW, canaries)


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("family", FAMILIES)
def test_all_the_others(family: str, canaries: Canaries) -> None:
    """The corpus without those, a family at a time."""
    hold([name for name in CORPUS if name.startswith(f"{family}/") and name not in FEW], canaries)


@pytest.mark.slow
@pytest.mark.parametrize("name", by_day(_ODD, [name for name in _ODD if name not in SLOW]))
def test_odd_bytes_are_a_notebook_or_a_reason(name: str) -> None:
    """Without a machine: reading them raises nothing else, and what is run and shown is JSON that browsers read."""
    try:
        notebook = sanitize.read(written(CORPUS[name]))
    except UnreadableNotebook:
        assert "unreadable" in CORPUS[name].states
        return
    for made in (sanitize.bare(notebook), sanitize.harmless(notebook)):
        json.loads(sanitize.text(made), parse_constant=pytest.fail)
    if name not in SLOW:
        assert acting(Verdict("mallory", "service", "graded", (), 1, sanitize.text(notebook))) == []


@pytest.mark.slow
def test_the_corpus_can_be_written_for_people(tmp_path: Path) -> None:
    """Each attack becomes a file, and the page lists all of them, also the uploads; there are more than a hundred."""
    write(tmp_path)
    names = {str(path.relative_to(tmp_path).with_suffix("")) for path in tmp_path.rglob("*.ipynb")}
    assert names == CORPUS.keys()
    assert len(names) > 100
    assert (tmp_path / "README.md").read_text() == page(CORPUS, ARRIVALS)


def test_each_says_what_it_tries() -> None:
    """Each attack has one sentence and the layer that stops it; none may end in an error of the grader.

    In each family at least one combines others.
    """
    assert all(attack.tries.endswith(".") and attack.layer for attack in CORPUS.values())
    assert not any("infra-error" in attack.states for attack in CORPUS.values())
    assert set(FEW) <= CORPUS.keys()
    combined = {name.partition("/")[0] for name, attack in CORPUS.items() if attack.combined}
    assert combined == {name.partition("/")[0] for name in CORPUS}

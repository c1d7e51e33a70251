"""``drydock.lesson("03_ports")``: everything a lesson needs, in one call.

It finds or boots a Docker daemon, removes what an earlier run of this lesson left, and gives a client, the lesson's
label, its exercises and its questions.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.checks.api import Check
from autograder.checks.context import CheckContext
from autograder.checks.runner import run_one
from autograder.execution.workspace import Workspace, here
from autograder.verdict import Result
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.engine import Engine
from drydock.learn import daemon_http, docker_path, exercise_view, host_ports, quiz, start_page
from drydock.learn.cleanup import remove_labelled
from drydock.learn.course_folder import course_folder
from drydock.learn.cpu_usage import cpu_usage
from drydock.learn.docker_command import LABEL_VARIABLE
from drydock.learn.exercise_view import ExerciseView
from drydock.learn.exercises import Exercise, Exercises, load
from drydock.learn.ipython_errors import engine_lost
from drydock.learn.labelled_client import labelled_client
from drydock.learn.saved_image import saved_files
from drydock.learn.start import start
from drydock.learn.student_progress import StudentProgress

if TYPE_CHECKING:
    from drydock.learn.panel import Panel

# A check that breaks is a line in the notebook; its traceback is for authors, who have a handler of their own.
logging.getLogger("autograder").addHandler(logging.NullHandler())

#: The lessons of this kernel that are open, by name: opening one again closes its earlier self.
_open: dict[str, Lesson] = {}


def lesson(name: str) -> Lesson:
    """Open the lesson ``name``, such as ``03_ports``; a lesson that is open already starts anew.

    Raises :class:`~drydock.errors.NoEngine` where no Docker daemon can be had.
    """
    if name in _open:
        _open.pop(name).close()
    opened = Lesson(name, start(), course_folder(name))
    _open[name] = opened
    opened.clear()
    opened.open_panel()
    return opened


def _label_command(label: str) -> None:
    """Make the docker command of this kernel's cells label what it creates."""
    os.environ.update(docker_path.environment(os.environ))
    os.environ[LABEL_VARIABLE] = label


class Lesson:
    """One lesson at a daemon: its client, its label, its exercises and its questions."""

    def __init__(self, name: str, engine: Engine, course: Path) -> None:
        self.name = name
        self.engine = engine
        # First what fails for an unknown lesson: it leaves neither a client nor a label behind.
        self.exercises: Exercises = load(course, name)
        self.quiz = quiz.load(course, name)
        #: The label on everything that the lesson's cells create; ``client`` and the docker command add it themselves.
        self.label = f"{LABEL}={name}"
        self.client = labelled_client(engine.endpoint, {LABEL: name})
        _label_command(self.label)
        self.progress = StudentProgress.of(course)
        self._hints: Counter[str] = Counter()
        self._panel: Panel | None = None

    def check(self, id: str) -> None:
        """Check an exercise and show what was seen; what was done in a terminal counts like what a cell did.

        Raises :class:`~drydock.errors.EngineLost` where the check could not look, because the daemon is away.
        """
        exercise = self.exercises.find(id)
        result = self.result_of(exercise)
        if result.state == "error" and (lost := engine_lost()):
            raise lost
        view = ExerciseView(exercise, result)
        if view.passed:
            self._keep(exercise)
            if self._panel is not None:  # a check that no event of the daemon announces, such as of a file
                self._panel.draw()
        view.show()

    def result_of(self, exercise: Exercise) -> Result:
        """Return what the check of an exercise sees now."""
        check = Check(exercise.look, 1, (), exercise.patience)
        with closing(here(self.client, Path.cwd())) as workspace:
            return run_one(check, self._context(workspace))

    def check_watched(self) -> bool:
        """Check once, without patience, the exercises that are open and may be watched; True when one has passed."""
        done = self.progress.done(self.name)
        passed = False
        for exercise in self.exercises:
            if exercise.watched and exercise.name not in done and self._passes(exercise):
                self._keep(exercise)
                passed = True
        return passed

    def _keep(self, exercise: Exercise) -> None:
        """Add an exercise that passed to the student's progress, and to the page of the course if there is one."""
        self.progress.keep(self.name, exercise.name)
        if (self.progress.file.parent / start_page.NAME).is_file():
            start_page.write(self.progress.file.parent)

    def _passes(self, exercise: Exercise) -> bool:
        with closing(here(self.client, Path.cwd())) as workspace:
            try:
                exercise.look(self._context(workspace))
            except Exception:  # not yet, or the daemon is away: the panel asks again with the next event
                return False
        return True

    def _context(self, workspace: Workspace) -> CheckContext:
        host = Endpoint(os.environ.get("DOCKER_HOST", "")).port_host
        return CheckContext(self.client, lambda port, _: (host, port), "", workspace)

    def hint(self, id: str) -> None:
        """Print the next hint of an exercise; each call gives one more."""
        exercise = self.exercises.find(id)
        self._hints[exercise.name] += 1
        print(exercise_view.hint_text(exercise, self._hints[exercise.name]))

    def predict(self, id: str) -> None:
        """Ask one question, before its result is seen."""
        quiz.show([self.quiz.find(id)])

    def recap(self) -> None:
        """Ask the lesson's questions for the end."""
        quiz.show(self.quiz.recap())

    #: Asking a port of the host: is anything there, what does it say, and the same by UDP.
    answers = staticmethod(host_ports.answers)
    fetch = staticmethod(host_ports.fetch)
    ask_udp = staticmethod(host_ports.ask_udp)
    #: The content of each file in the archive of an image, with layers unpacked.
    saved_files = staticmethod(saved_files)
    #: Calls a function until it returns something true: ``lesson.wait_for(lambda: …, "what is awaited")``.
    wait_for = staticmethod(partial(wait_for, seconds=30))

    def cpu_usage(self, *names: str) -> list[float]:
        """Return how many processors each container uses, as 0.5 for half of one, over the same second."""
        return cpu_usage(self.client, *names)

    def connect(self) -> socket.socket:
        """Return a connection to the daemon's socket, to talk to it without a Docker client; the caller closes it."""
        return daemon_http.connect(self.engine.endpoint)

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        """Send the daemon one HTTP request; return the status and the answer's JSON."""
        return daemon_http.request(self.engine.endpoint, method, path, body)

    @property
    def socket_path(self) -> str:
        """The path of the daemon's socket on the daemon's own host."""
        return daemon_http.socket_path(self.engine.endpoint, self.client.info()["Name"])

    def clear(self) -> None:
        """Remove the containers, networks, volumes and images that carry this lesson's label."""
        remove_labelled(self.client, self.label)

    def open_panel(self) -> None:
        """Open the panel beside the notebook."""
        from drydock.learn.panel import open_panel

        self._panel = open_panel(self)

    def close(self) -> None:
        """Close the panel and the client; what the lesson made in the daemon stays."""
        if self._panel is not None:
            self._panel.close()
            self._panel = None
        self.client.close()

    def overview(self) -> list[tuple[str, str, bool]]:
        """Return each exercise's id, its goal, and whether it has passed at some time."""
        done = self.progress.done(self.name)
        return [(self.exercises.id_of(exercise), exercise.goal, exercise.name in done) for exercise in self.exercises]

    def __repr__(self) -> str:
        lines = [f"Lesson {self.name} at Docker {self.engine.version}, {self.engine.location}."]
        if missing := self.engine.facts().get("missing"):
            lines.append(f"  Missing images: {missing}")
        lines += [f"  {'✔' if done else '○'} {id}: {goal}" for id, goal, done in self.overview()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        engine = escape(f"Docker {self.engine.version}, {self.engine.location}")
        missing = escape(self.engine.facts().get("missing", ""))
        images = f"<div><b>Missing images:</b> {missing}</div>" if missing else ""
        exercises = exercise_view.summary_html(self.overview())
        return f"<div><b>Lesson {escape(self.name)}</b> at {engine}{images}{exercises}</div>"

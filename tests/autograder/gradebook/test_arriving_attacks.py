"""Hostile uploads and folders: the class is collected, and nobody gets or replaces another student's work."""

from __future__ import annotations

import json
import zipfile

import pytest

from autograder.gradebook.course import Course
from tests.attack_corpus.arriving import ARRIVALS
from tests.autograder.conftest import notebook_named
from tests.autograder.gradebook.test_collect import zip_collect


@pytest.mark.slow
def test_a_class_of_hostile_uploads(course: Course) -> None:
    """All at once: Ada's work counts as she uploaded it, and every other submission is somebody's own or a problem."""
    uploads, submitted = course.build / "downloaded" / "service" / "archive", course.build / "submitted"
    uploads.mkdir(parents=True)
    honest = notebook_named("perfect-busybox")
    with course.gradebook() as book:
        book.add_student("ada", first_name="Ada", last_name="Lovelace")
        book.add_student("mallory", first_name="Mallory", last_name="Mean")
    with zipfile.ZipFile(uploads / "Ada Lovelace_12_file_service_ada_20260101T000000Z.zip", "w") as archive:
        archive.writestr("service.ipynb", honest)
    for arrival in ARRIVALS.values():
        arrival.put(uploads, submitted)
    outside = {path.name for folder in (course.root, course.root.parent) for path in folder.iterdir()}
    zip_collect(course, "service")
    submissions = {submission.student: submission for submission in course.submissions("service")}
    assert submissions["ada"].notebook == honest
    assert [name for name, work in submissions.items() if work.notebook == honest] == ["ada"]
    assert all(json.dumps(work.to_json()).isascii() and work.digest() for work in submissions.values())
    new = {path.name for folder in (course.root, course.root.parent) for path in folder.iterdir()} - outside
    assert new <= {"gradebook.db"}


def test_each_says_what_it_tries() -> None:
    """Each has one sentence and a layer, and at least one combines two."""
    assert all(arrival.tries.endswith(".") and arrival.layer for arrival in ARRIVALS.values())
    assert any(arrival.combined for arrival in ARRIVALS.values())

"""The settings that Drydock needs of nbgrader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.apps import api, autogradeapp
from nbgrader.converters import GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.gradebook.course import Course
from autograder.gradebook.nbgrader_autograde import AutogradeEachFolder, UnreadNotebook
from autograder.gradebook.nbgrader_settings import add_metadata, configure, leaves_out_advice
from autograder.gradebook.plugins import GradeInSandbox, WithoutAdvice
from autograder.submission import INSTRUCTOR_PAGE

METADATA = "autograder.gradebook.plugins.AssignmentMetadata"


def preprocessors(config: Config) -> list[Any]:
    """What nbgrader runs with this configuration when it makes the student version."""
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    return list(converter.preprocessors)


def test_the_student_version_is_nbgraders_with_our_metadata() -> None:
    """Ours comes after nbgrader's own, once, however often it is added."""
    usual, config = preprocessors(Config()), Config()
    configure(config)
    add_metadata(config)
    assert preprocessors(config) == [*usual, METADATA]


def test_the_instructors_page_is_not_copied() -> None:
    """nbgrader ignores it, besides what it or the course ignores."""
    usual, config, own = CourseDirectory().ignore, Config(), Config()
    own.CourseDirectory.ignore = ["*.bak"]
    configure(config)
    configure(own)
    assert CourseDirectory(config=config).ignore == [*usual, INSTRUCTOR_PAGE]
    assert CourseDirectory(config=own).ignore == ["*.bak", INSTRUCTOR_PAGE]


def test_a_list_of_the_courses_own_is_kept() -> None:
    """A course may choose its preprocessors; ours is added to them."""
    config = Config()
    config.GenerateAssignment.preprocessors = ["nbgrader.preprocessors.ClearSolutions"]
    add_metadata(config)
    assert preprocessors(config) == ["nbgrader.preprocessors.ClearSolutions", METADATA]


def test_nbgrader_never_reads_or_executes_a_submission_itself() -> None:
    """Its autograde has a reader that reads nothing, and one preprocessor grades; Execute is not among them."""
    config = Config()
    configure(config)
    assert api.Autograde is autogradeapp.Autograde is AutogradeEachFolder
    converter = api.Autograde(coursedir=CourseDirectory(config=config), config=config)
    assert converter.exporter_class is UnreadNotebook
    names = [*converter.sanitize_preprocessors, *converter.autograde_preprocessors]
    assert names[0] == f"{GradeInSandbox.__module__}.{GradeInSandbox.__name__}"
    assert not [name for name in names if "Execute" in str(name)]


def test_feedback_for_students_leaves_out_the_advice() -> None:
    """`configure` sees to it; a course that has a list of its own without our preprocessor gets no advice at all."""
    config = Config()
    assert not leaves_out_advice(config)
    configure(config)
    configure(config)
    assert leaves_out_advice(config)
    converter = GenerateFeedback(coursedir=CourseDirectory(config=config), config=config)
    assert converter.preprocessors[2:] == [f"{WithoutAdvice.__module__}.{WithoutAdvice.__name__}"]
    config.GenerateFeedback.preprocessors = ["nbgrader.preprocessors.GetGrades"]
    assert not leaves_out_advice(config)


def test_a_course_needs_none_of_it_to_be_released(tmp_path: Path) -> None:
    """An empty configuration is enough for `autograder release`: the course adds the metadata itself."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    assert METADATA in preprocessors(Course(tmp_path).config)

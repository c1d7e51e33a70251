"""The settings that Drydock needs of nbgrader; a course's ``nbgrader_config.py`` calls :func:`configure`."""

from __future__ import annotations

from typing import Any

from traitlets.config import Config

from autograder.gradebook import nbgrader_autograde
from autograder.submission import INSTRUCTOR_PAGE

_PLUGINS, _COLLECT = "autograder.gradebook.plugins", "autograder.gradebook.collect"
_METADATA, _WITHOUT_ADVICE = f"{_PLUGINS}.AssignmentMetadata", f"{_PLUGINS}.WithoutAdvice"


def configure(config: Config) -> None:
    """Make nbgrader's own commands and formgrader release, collect and autograde as ``autograder`` does."""
    add_metadata(config)
    _add(config.GenerateFeedback.preprocessors, _WITHOUT_ADVICE)
    config.ExchangeFactory.collect = "autograder.gradebook.exchange_collect.ExchangeCollector"
    config.ZipCollectApp.extractor_plugin = f"{_COLLECT}.ZipExtractor"
    config.ZipCollectApp.collector_plugin = f"{_COLLECT}.ZipCollector"
    # nbgrader reads nothing of a submission itself. One preprocessor of ours reads and grades it, in processes and a
    # sandbox of its own, and writes the scores. nbgrader's Execute, which would run the notebook on this computer, and
    # SaveAutoGrades are not used.
    nbgrader_autograde.use_in_nbgrader()
    config.Autograde.exporter_class = "autograder.gradebook.nbgrader_autograde.UnreadNotebook"
    config.Autograde.sanitize_preprocessors = []
    config.Autograde.autograde_preprocessors = [
        f"{_PLUGINS}.GradeInSandbox",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]


def add_metadata(config: Config) -> None:
    """Have the student version name its assignment and its cells for answers; once, however often this is called.

    The instructor's page stays out of it.
    """
    _add(config.GenerateAssignment.preprocessors, _METADATA)
    _add(config.CourseDirectory.ignore, INSTRUCTOR_PAGE)


def leaves_out_advice(config: Config) -> bool:
    """Return whether nbgrader's feedback leaves out the marking advice, as :func:`configure` sees to it."""
    return _WITHOUT_ADVICE in _names(config.GenerateFeedback.preprocessors)


def _add(names: Any, name: str) -> None:
    """Add a name to a course's own list, or to traitlets' note of what to add to nbgrader's."""
    if name not in _names(names):
        names.append(name)


def _names(names: Any) -> list[Any]:
    return list(getattr(names, "_extend", names) or [])

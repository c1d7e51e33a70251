"""The settings that Drydock needs of nbgrader; a course's ``nbgrader_config.py`` calls :func:`configure`."""

from __future__ import annotations

from traitlets.config import Config

_PLUGINS, _COLLECT = "autograder.gradebook.plugins", "autograder.gradebook.collect"
_METADATA = f"{_PLUGINS}.AssignmentMetadata"


def configure(config: Config) -> None:
    """Make nbgrader's own commands and formgrader release, collect and autograde as ``autograder`` does."""
    add_metadata(config)
    config.ZipCollectApp.extractor_plugin = f"{_COLLECT}.ZipExtractor"
    config.ZipCollectApp.collector_plugin = f"{_COLLECT}.ZipCollector"
    # The notebook loses its tags and outputs; then one preprocessor of ours grades it in a sandbox and writes the
    # scores. nbgrader's Execute, which would run it on this computer, and SaveAutoGrades are not used.
    config.Autograde.sanitize_preprocessors = [
        f"{_PLUGINS}.StripNotebook",
        "nbgrader.preprocessors.DeduplicateIds",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Autograde.autograde_preprocessors = [
        f"{_PLUGINS}.GradeInSandbox",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]


def add_metadata(config: Config) -> None:
    """Have the student version name its assignment and its cells for answers; once, however often this is called."""
    preprocessors = config.GenerateAssignment.preprocessors  # a list, or traitlets' note of what to add to its own
    added = getattr(preprocessors, "_extend", preprocessors) or []
    if _METADATA not in added:
        preprocessors.append(_METADATA)

"""nbgrader's converter behind ``nbgrader autograde`` and formgrader's button, with our rules for a student's folder.

nbgrader's own expects a notebook in the submitted folder itself, and skips a student who has none; it copies
the files beside it, and gives a student up at a pipe or a broken link. Ours takes every folder, and leaves the rest to
:class:`~autograder.gradebook.plugins.GradeInSandbox`, which takes the same notebooks as ``autograder grade``.
"""

from __future__ import annotations

import glob
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.apps import api, autogradeapp
from nbgrader.converters import Autograde, BaseConverter

from autograder.execution import sanitize
from autograder.gradebook.graded_folders import has_unreadable_time, prepare_time
from autograder.gradebook.submitted_folders import correct_case, misplaced
from autograder.submission import files_below, is_text


class UnreadNotebook(NotebookExporter):
    """Takes the place of nbgrader's reader, and reads nothing: ``GradeInSandbox`` takes the submitted folder."""

    def from_filename(self, filename: str, resources: Any = None, **_: Any) -> tuple[Any, dict[str, Any]]:
        """Return what the preprocessors make of an empty notebook."""
        converted: tuple[Any, dict[str, Any]]
        converted = self.from_notebook_node(sanitize.empty(), resources)  # type: ignore[no-untyped-call]
        return converted


class _WithoutCopies(BaseConverter):  # type: ignore[misc]  # nbgrader has no types
    """Stands between nbgrader's two classes, whose second would copy the files of a student's folder."""

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy nothing in a course of ours: ``GradeInSandbox`` writes the graded folder whole."""
        if not _is_ours(self):
            super().init_assignment(assignment_id, student_id)


class AutogradeEachFolder(Autograde, _WithoutCopies):  # type: ignore[misc]
    """Autogrades what each student's folder holds, where a course is configured by Drydock; else as nbgrader does."""

    def init_notebooks(self) -> None:
        """Find every submitted folder of the assignment; its notebook is known by the assignment's name."""
        places = self.coursedir
        if _is_ours(self):
            self._correct_case()
        pattern = self._format_source(places.assignment_id, places.student_id)
        folders = [folder for folder in glob.glob(pattern) if Path(folder).is_dir()]  # noqa: PTH207  # as nbgrader does
        if _is_ours(self) and folders and fnmatchcase(places.assignment_id, places.notebook_id):
            named = [folder for folder in folders if is_text(folder)]
            for folder in sorted(set(folders) - set(named)):
                self.log.warning("Left as it is, since its name can't be written as UTF-8: %r", folder)
            for folder in named:
                prepare_time(Path(folder))
                if has_unreadable_time(Path(folder)):
                    self.log.warning("Nobody knows whether it is late, since its timestamp.txt has no time: %s", folder)
            self.assignments = {folder: [str(Path(folder, f"{places.assignment_id}.ipynb"))] for folder in named}
        else:
            super().init_notebooks()

    def _correct_case(self) -> None:
        """Rename folders of another case; if everybody is to be graded, log what lies where nothing is graded."""
        places = self.coursedir
        pattern = Path(self._format_source(places.assignment_id, "*"))
        correct_case(pattern)
        for name, reason in misplaced(pattern).items() if places.student_id == "*" else ():
            self.log.warning("Not graded: %s %s", name, reason)

    def set_permissions(self, assignment_id: str, student_id: str) -> None:
        """Write-protect the graded files as nbgrader does; in a course of ours, a script can still be run."""
        files = files_below(Path(self._format_dest(assignment_id, student_id))) if _is_ours(self) else ()
        scripts = [file for file in files if file.is_file() and file.stat().st_mode & 0o100]
        super().set_permissions(assignment_id, student_id)
        for script in scripts:
            script.chmod(script.stat().st_mode | 0o111)


def use_in_nbgrader() -> None:
    """Have nbgrader's command and formgrader use :class:`AutogradeEachFolder`: no setting names this class."""
    for module in (autogradeapp, api):
        module.Autograde = AutogradeEachFolder


def _is_ours(converter: BaseConverter) -> bool:
    return issubclass(converter.exporter_class, UnreadNotebook)

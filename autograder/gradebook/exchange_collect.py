"""Plug-in of ``nbgrader collect``, and so of formgrader's button: it takes what students put into the exchange.

Students write there themselves. So a link is not followed, where nbgrader would copy what it leads to, which may be the
work of somebody else; what can't be copied, as a pipe, is left out; and a folder whose name has no time is collected
too. A folder that can't be read, or is too large, stays there, and replaces nothing. The log names these students, and
the others are collected all the same.
"""

from __future__ import annotations

import math
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import ignore_patterns

from autograder.gradebook.folder_copy import FolderCopy
from autograder.gradebook.graded_folders import prepare_time
from autograder.gradebook.intake import remove_outer_folder
from autograder.submission import DEEPEST, files_below

#: Stands for a time that nobody knows: before every other.
_UNKNOWN = datetime(1970, 1, 1)
#: Reasons that the log has of one student: a folder may have very many pipes.
_MOST_PROBLEMS = 10


class ExchangeCollector(ExchangeCollect):
    """Collects each student's newest submission."""

    src_records: list[dict[str, Any]]

    def init_src(self) -> None:
        """Find each student's newest submission; what can't be collected is left out before older work is removed."""
        super().init_src()
        self.src_records = [record for record in self.src_records if self._is_collected(record)]

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one student's folder, as far as it can be copied."""

        def left_out(folder: str, names: list[str]) -> set[str]:
            is_too_deep = len(Path(folder).relative_to(src).parts) > DEEPEST
            return set(names) if is_too_deep else self._left_out(folder, names)

        places = self.coursedir
        copy = FolderCopy(left_out, 1000 * places.max_file_size or math.inf, 1000 * places.max_dir_size)
        try:
            copy.make(Path(src), Path(dest))
        except OSError as error:
            copy.problems.append(error.strerror or str(error))
        if copy.problems:
            self.log.warning("Not all of %r was collected: %s", src, "; ".join(copy.problems[:_MOST_PROBLEMS]))
        try:
            let_owner_write(Path(dest))
            remove_outer_folder(Path(dest), places.assignment_id)
        except OSError as error:
            self.log.warning("What was collected of %r stays as it is: %s", src, error)

    def _is_collected(self, record: dict[str, Any]) -> bool:
        """Return whether a submission can be collected; the reason against it is logged."""
        places = self.coursedir
        # nbgrader compares with the time of what was collected before, and ends at one that it can't read.
        prepare_time(Path(places.format_path(places.submitted_directory, record["username"], places.assignment_id)))
        source = Path(self.inbound_path, record["filename"])
        obstacle = _obstacle(source, 1000 * places.max_dir_size)
        if obstacle:
            self.log.warning("Left where it is: %r %s", str(source), obstacle)
        return not obstacle

    def _left_out(self, folder: str, names: list[str]) -> set[str]:
        """Return what nbgrader's settings leave out."""
        places = self.coursedir
        limits = {"exclude": places.ignore, "include": places.include, "max_file_size": places.max_file_size}
        return set(ignore_patterns(**limits, log=self.log)(folder, names))

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = super()._path_to_record(path)
        except (ValueError, OverflowError, TypeError):
            name = Path(path).name
            self.log.warning("The name %r has no time: every other submission of this student is newer", name)
            record = {"username": name.rsplit("+", 3)[0], "filename": name, "timestamp": _UNKNOWN}
        return record


def let_owner_write(folder: Path) -> None:
    """Give the owner all rights to a folder and those in it: a copy has the student's modes, and may be replaced."""
    folder.chmod(folder.stat().st_mode | 0o700)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            let_owner_write(path)


def _obstacle(folder: Path, most: int) -> str:
    """Return why a student's folder in the exchange can't be collected; empty if it can. ``most`` is in bytes."""
    if folder.is_symlink() or not folder.is_dir():
        return "is a link" if folder.is_symlink() else "is no folder"
    if not os.access(folder, os.R_OK | os.X_OK):
        return "can't be read"
    try:
        size = sum(file.lstat().st_size for file in files_below(folder))
    except OSError as error:  # it changed meanwhile
        return f"can't be read: {error.strerror}"
    return f"has {size} bytes of at most {most}" if size > most else ""

"""Plug-in of ``nbgrader collect``, and so of formgrader's button: it takes what students put into the exchange.

Students write there themselves. So a link is not followed, where nbgrader would copy what it leads to, which may be the
work of somebody else; what can't be copied, as a pipe, is left out; and a folder whose name has no time is collected
too. The log names these students, and the others are collected all the same.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import ignore_patterns

from autograder.gradebook.intake import remove_outer_folder
from autograder.submission import DEEPEST, files_below

#: Stands for a time that nobody knows: before every other.
_UNKNOWN = datetime(1970, 1, 1)


class ExchangeCollector(ExchangeCollect):
    """Collects each student's newest submission."""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one student's folder, as far as it can be copied."""
        places = self.coursedir
        most = 1000 * places.max_dir_size

        def left_out(folder: str, names: list[str]) -> set[str]:
            is_too_deep = len(Path(folder).relative_to(src).parts) > DEEPEST
            return set(names) if is_too_deep else self._left_out(folder, names)

        try:
            size = sum(file.lstat().st_size for file in files_below(Path(src)))
            if size > most:
                self.log.warning("Left where it is: %r has %d bytes of at most %d", src, size, most)
                return
            shutil.copytree(src, dest, symlinks=True, ignore=left_out)
        except OSError as error:
            self.log.warning("Not all of %r was collected: %s", src, error)
        remove_outer_folder(Path(dest), places.assignment_id)

    def _left_out(self, folder: str, names: list[str]) -> set[str]:
        """Return what nbgrader's settings leave out, and links, except one that is called a notebook."""
        places = self.coursedir
        limits = {"exclude": places.ignore, "include": places.include, "max_file_size": places.max_file_size}
        links = {name for name in names if Path(folder, name).is_symlink() and not name.endswith(".ipynb")}
        return {*ignore_patterns(**limits, log=self.log)(folder, names), *links}

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = super()._path_to_record(path)
        except (ValueError, OverflowError):
            name = Path(path).name
            self.log.warning("The name %r has no time: every other submission of this student is newer", name)
            record = {"username": name.rsplit("+", 3)[0], "filename": name, "timestamp": _UNKNOWN}
        return record

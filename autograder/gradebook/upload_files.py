"""The files of one upload, and the folder that ``zip_collect`` unpacks them into."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.gradebook.archive_process import read_archive
from autograder.gradebook.intake import NoNotebook, chosen_name
from autograder.gradebook.submitted_archive import DamagedArchive, is_archive
from autograder.gradebook.uploads import Upload
from autograder.submission import CLAIMED_TIME, NOTEBOOK_ENDING, Executable
from drydock.submit import RAW_LIMIT, ZIP_NAME

#: The form of the time in a zip's name, and of a time that nobody knows: before every other.
TIME_FORM, NO_TIME = "%Y%m%dT%H%M%SZ", "19700101T000000Z"
_CLAIM = b"The time of this submission is what the name of its own zip says.\n"


@dataclass(frozen=True)
class Candidate:
    """An upload that may be taken: the student it counts for, and the time it is compared by."""

    file: Path
    student: str
    time: str
    upload: Upload

    @property
    def is_readable(self) -> bool:
        """Whether it is a notebook or an archive by its name."""
        return is_archive(self.file.name) or NOTEBOOK_ENDING.search(self.file.name) is not None

    def files(self, assignment: str) -> dict[str, bytes]:
        """Return what the upload holds; a notebook by itself is the assignment's, whatever it is called.

        Raises :class:`DamagedArchive` and OSError.
        """
        if is_archive(self.file.name):
            return _under_its_name(read_archive(self.file), assignment)
        if self.file.stat().st_size > RAW_LIMIT:
            raise DamagedArchive("it is larger than any work may be")
        return {f"{assignment}.ipynb": self.file.read_bytes()}

    def write(self, files: dict[str, bytes], assignment: str, target: Path) -> None:
        """Write the files into a folder below ``target`` that is named like a zip of ``drydock submit``.

        When the file system does not take a name in it, nothing of it stays, and OSError or ValueError is raised.
        """
        time = datetime.strptime(self.time, TIME_FORM).replace(tzinfo=UTC)
        folder = target / ZIP_NAME.format(assignment=assignment, student=self.student, time=time)
        try:
            for name, content in ({**files, CLAIMED_TIME: _CLAIM} if self._is_claim else files).items():
                file = folder / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                file.chmod(0o755 if isinstance(content, Executable) else 0o644)
        except (OSError, ValueError):
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @property
    def _is_claim(self) -> bool:
        """Whether only the student says when this was uploaded."""
        return self.upload.uploaded_at is None and self.time != NO_TIME


def valid_time(time: str | None) -> str:
    """Return a time that a name claims, if there is such a time; else one before all others."""
    try:
        datetime.strptime(time or "", TIME_FORM).replace(tzinfo=UTC)
    except ValueError:
        return NO_TIME
    return time or NO_TIME


def has_notebook(files: dict[str, bytes]) -> bool:
    """Return whether one of the files is a notebook by its name."""
    return any(NOTEBOOK_ENDING.search(name) for name in files)


def _under_its_name(files: dict[str, bytes], assignment: str) -> dict[str, bytes]:
    """Return the files with a renamed notebook under the assignment's name."""
    sizes = {name: len(data) for name, data in files.items() if "/" not in name and NOTEBOOK_ENDING.search(name)}
    with suppress(NoNotebook):
        files[f"{assignment}.ipynb"] = files.pop(chosen_name(sizes, assignment))
    return files

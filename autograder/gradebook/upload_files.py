"""What may be taken of a student's uploads, and the folder that ``zip_collect`` unpacks it into.

An LMS lets students upload several files at once. An archive among them is the work by itself; without one, all files
of the upload are the work together, as if they lay in one folder.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from autograder.gradebook.archive_process import read_archive
from autograder.gradebook.archive_reader import DamagedArchive
from autograder.gradebook.notebook_finder import NoNotebook, chosen_path
from autograder.gradebook.submitted_archive import Contents, is_archive, listed
from autograder.gradebook.uploads import Upload
from autograder.submission import CLAIMED_TIME, NOTEBOOK_ENDING, PLAUSIBLE_YEARS, Executable, belongs
from drydock.submit import FILES_LIMIT, MOST_FILES, RAW_LIMIT

#: The form of the time in a zip's name, and of a time that nobody knows: before every other.
TIME_FORM, NO_TIME = "%Y%m%dT%H%M%SZ", "19700101T000000Z"
_CLAIM = b"The time of this submission is what the name of its own zip says.\n"
#: The reasons why a file system does not take a name; any other reason concerns all files.
_OF_NAMES = {errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.EILSEQ}
#: A longer path would have no place below a student's folder, in bytes.
_LONGEST_PATH = 2000


@dataclass(frozen=True)
class Candidate:
    """What may be taken as a student's work: one archive, or the files of one upload; ``uploads`` has them by path."""

    student: str
    uploads: Mapping[Path, Upload]
    #: The names, fit to be shown, of the other files of the same upload.
    others: str = ""

    @property
    def names(self) -> str:
        """The names of the files, fit to be shown."""
        return listed([path.name for path in self.uploads])

    @property
    def time(self) -> str:
        """The time that it is compared by: the LMS's, or else the newest that one of the names claims."""
        return max(upload.uploaded_at or valid_time(upload.claimed_time) for upload in self.uploads.values())

    @property
    def is_archive(self) -> bool:
        """Whether it is one archive by its name."""
        return len(self.uploads) == 1 and is_archive(next(iter(self.uploads)).name)

    @property
    def is_readable(self) -> bool:
        """Whether it is an archive, or has a notebook, by the names."""
        return self.is_archive or has_notebook(path.name for path in self.uploads)

    def contents(self, assignment: str) -> Contents:
        """Return what it holds, with the notebook under the assignment's name if it is clear which one it is.

        Raises :class:`DamagedArchive` and OSError.
        """
        read = read_archive(next(iter(self.uploads))) if self.is_archive else self._together()
        return Contents(_under_its_name(read.files, assignment), read.left_out)

    def write(self, files: Mapping[str, bytes], folder: Path) -> list[str]:
        """Write the files into a new folder, and return the names that the file system does not take.

        When no notebook can be written, or nothing, or the disk is full, nothing stays; then this raises OSError or
        ValueError.
        """
        folder.mkdir(parents=True)
        try:
            refused = _written(files, folder)
            if self._is_claim:
                _write(folder, CLAIMED_TIME, _CLAIM)
        except (OSError, ValueError):
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return refused

    def _together(self) -> Contents:
        """Return the files of an upload, as if they lay in one folder; those beyond the limits are left out."""
        files: dict[str, bytes] = {}
        left_out, room = [], FILES_LIMIT
        for path, upload in self.uploads.items():
            size, is_work = path.stat().st_size, has_notebook([upload.file])
            if is_work and size > RAW_LIMIT:
                raise DamagedArchive("it is larger than any work may be")
            if is_work or (size <= room and len(files) <= MOST_FILES):
                files[upload.file] = path.read_bytes()
                room -= 0 if is_work else size
            else:
                left_out.append(upload.file)
        return Contents(files, listed(left_out))

    @property
    def _is_claim(self) -> bool:
        """Whether only the student says when this was uploaded."""
        return self.time != NO_TIME and all(upload.uploaded_at is None for upload in self.uploads.values())


def candidates_of(student: str, uploads: Mapping[Path, Upload]) -> list[Candidate]:
    """Return what may be taken of all that a student uploaded, the newest first; archives come before other files.

    The files of one upload have the same uploader and time by the LMS, which put them into the same folder. A file that
    no LMS named is an upload by itself.
    """
    together: dict[object, dict[Path, Upload]] = {}
    for path, upload in uploads.items():
        if belongs(PurePosixPath(upload.file)):
            folder = Path(*path.parts[: -len(PurePosixPath(upload.file).parts)])
            key = (upload.uploader, upload.uploaded_at, folder) if upload.uploader else path
            together.setdefault(key, {})[path] = upload
    candidates = [candidate for files in together.values() for candidate in _of_upload(student, files)]
    return sorted(candidates, key=_newness, reverse=True)


def _of_upload(student: str, files: Mapping[Path, Upload]) -> Iterator[Candidate]:
    for path in filter(lambda path: is_archive(path.name), files):
        others = listed([other.name for other in files if other != path])
        yield Candidate(student, {path: files[path]}, others)
    if not all(is_archive(path.name) for path in files):
        yield Candidate(student, files)


def _newness(candidate: Candidate) -> tuple[str, bool, str]:
    return candidate.time, candidate.is_archive, candidate.names


def valid_time(time: str | None) -> str:
    """Return a time that a name claims, if there is such a time; else one before all others."""
    with suppress(ValueError):
        if datetime.strptime(time or "", TIME_FORM).replace(tzinfo=UTC).year in PLAUSIBLE_YEARS:
            return time or NO_TIME
    return NO_TIME


def has_notebook(names: Iterable[str]) -> bool:
    """Return whether one of the files is a notebook by its name."""
    return any(NOTEBOOK_ENDING.search(name) for name in names)


def _written(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """Write files and return the names of the refused ones; raise if what is needed is among them."""
    refused: dict[str, OSError | ValueError] = {}
    needed = [name for name in files if has_notebook([name])] or list(files)
    for name in dict.fromkeys([*needed, *files]):
        try:
            _write(folder, name, files[name])
        except (OSError, ValueError) as error:
            if not _is_about_name(error):
                raise
            refused[name] = error
    if needed and refused.keys() >= set(needed):
        raise refused[needed[0]]
    return list(refused)


def _is_about_name(error: OSError | ValueError) -> bool:
    """Return whether a file's name can't be written, and other files' may."""
    return not isinstance(error, OSError) or error.errno in _OF_NAMES


def _write(folder: Path, name: str, content: bytes) -> None:
    file = folder / name
    if len(os.fsencode(name)) > _LONGEST_PATH:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(0o755 if isinstance(content, Executable) else 0o644)


def _under_its_name(files: dict[str, bytes], assignment: str) -> dict[str, bytes]:
    """Return the files with a renamed notebook under the assignment's name."""
    sizes = {PurePosixPath(name): len(data) for name, data in files.items()}
    with suppress(NoNotebook):
        notebook = chosen_path(sizes, assignment)
        files[(notebook.parent / f"{assignment}.ipynb").as_posix()] = files.pop(notebook.as_posix())
    return files

"""Plug-ins of ``nbgrader zip_collect``: they take what students uploaded, whatever an LMS did to its name.

Of each student the newest upload that can be read and has a notebook is taken; the LMS's name of the student counts,
and where no LMS named anybody, or the roster has no names to compare, the one in the zip's own name. A conflict between
the two replaces nobody's work: it stays where it is, with a line in the log, and so does what can't be read, or was
uploaded by somebody whom the roster doesn't know. The others are collected all the same. The time is the LMS's, where
its names have one; else what the zip's own name claims, and a file beside the work marks it as a claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from nbgrader.api import Gradebook
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from autograder.gradebook.course import let_nbgrader_find_programs
from autograder.gradebook.submitted_archive import Contents, is_archive, listed
from autograder.gradebook.upload_files import NO_TIME, Candidate, candidates_of, has_notebook
from autograder.gradebook.uploads import Upload, id_in_roster, match_student, match_uploader, read_name
from autograder.submission import is_text

_Roster = list[tuple[str, str, str]]
#: The most bytes that a file system takes for the name of a folder.
_LONGEST_NAME = 255


class ZipExtractor(ExtractorPlugin):
    """Unpacks each student's newest upload that can be read, into a folder of its own."""

    #: The student and the time of each unpacked folder, for :class:`ZipCollector`. A name would have to be parsed
    #: again, and an id may have any characters.
    unpacked: dict[Path, tuple[str, str]]

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack what was downloaded for one assignment; nbgrader calls this once."""
        self.unpacked = {}
        by_student: dict[str, dict[Path, Upload]] = {}
        for student, path, upload in self._uploads(Path(archive_path), self.parent.coursedir.assignment_id):
            by_student.setdefault(student, {})[path] = upload
        for student, uploads in by_student.items():
            readable = [candidate for candidate in candidates_of(student, uploads) if candidate.is_readable]
            if not _can_be_a_folder(student):
                self.log.warning("Left where it is: the id %r can't be the name of a folder", student)
            elif readable:
                self._take_newest(readable, Path(extracted_path))
            else:
                names = listed([path.name for path in uploads])
                self.log.warning("Nothing of %s was collected: neither a notebook nor a zip or tar: %s", student, names)

    def _uploads(self, folder: Path, assignment: str) -> Iterator[tuple[str, Path, Upload]]:
        """Yield each file whose student is known; the others are logged, if there may be work in them."""
        roster = self._roster()
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
            relative = PurePath(path.relative_to(folder))
            upload = read_name(relative, assignment)
            student = self._student(upload, relative, roster)
            if student:
                yield student, path, upload
            elif student is None and (is_archive(path.name) or has_notebook([path.name])):
                step = next_step(path.name, upload, assignment)
                self.log.warning("The student of %r is unknown: %s", str(relative), step)

    def _student(self, upload: Upload, relative: PurePath, roster: _Roster) -> str | None:
        """Return whose upload it is; None where nobody knows, and empty where two names differ, which is logged."""
        uploader = match_uploader(upload, roster)
        claimed = upload.claimed_student
        if uploader and claimed and match_student(claimed, roster) not in (None, uploader):
            names = (str(relative), uploader, claimed)
            self.log.warning("Left where it is: %r was uploaded by %s and claims to be %s's", *names)
            return ""
        # A roster of ids alone, as grading without a list of students makes it, fits no name of an LMS.
        has_names = any(first or last for _, first, last in roster)
        if uploader or claimed is None or (upload.uploader and has_names):
            return uploader
        return id_in_roster(claimed, roster)

    def _take_newest(self, newest_first: Sequence[Candidate], target: Path) -> None:
        """Unpack the newest upload with a notebook; where none has one, the newest, so that a student has a reason."""
        without_notebook = []
        for candidate, read in self._read(newest_first):
            if not has_notebook(read.files):
                without_notebook.append((candidate, read))
            elif self._took(candidate, read, target):
                return
        any(self._took(candidate, read, target) for candidate, read in without_notebook)

    def _read(self, candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, Contents]]:
        for candidate in candidates:
            try:
                yield candidate, candidate.contents(self.parent.coursedir.assignment_id)
            except Exception as damage:  # whatever is wrong with an upload, the class is collected
                self._leave(candidate, damage)

    def _took(self, candidate: Candidate, read: Contents, target: Path) -> bool:
        folder = target / f"{len(self.unpacked) + 1:04}"
        try:
            refused = candidate.write(read.files, folder)
        except (OSError, ValueError) as error:
            self._leave(candidate, error)
            return False
        self.unpacked[folder] = (candidate.student, candidate.time)
        left_out = {
            "more than collecting takes": read.left_out,
            "a name that no file can have": listed(refused),
            "uploaded beside it": candidate.others,
        }
        for reason, names in left_out.items():
            if names:
                words = (candidate.student, candidate.names, names, reason)
                self.log.warning("Of %s, %s was collected, but not %s (%s)", *words)
        return True

    def _leave(self, candidate: Candidate, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) else error
        self.log.warning("Left where it is: %r (%s). An older one counts, if any", candidate.names, reason)

    def _roster(self) -> _Roster:
        coursedir = self.parent.coursedir
        let_nbgrader_find_programs()
        with Gradebook(coursedir.db_url, coursedir.course_id) as book:
            return [(student.id, student.first_name or "", student.last_name or "") for student in book.students]


class ZipCollector(FileNameCollectorPlugin):
    """Collects every unpacked file; :class:`ZipExtractor` knows whose folder it lies in."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return the student, the time and the relative path of one unpacked file."""
        unpacked: dict[Path, tuple[str, str]] = getattr(self.parent.extractor_plugin_inst, "unpacked", {})
        for folder in Path(submitted_file).parents:
            if folder in unpacked:
                student, time = unpacked[folder]
                result = {"student_id": student, "file_id": Path(submitted_file).relative_to(folder).as_posix()}
                return {**result, "timestamp": time} if time != NO_TIME else result
        return None


def next_step(name: str, upload: Upload, assignment: str) -> str:
    """Return what a person can do about an upload of whom nobody knows."""
    ending = re.search(r"(?:\.tar)?\.\w+$", name)
    renamed = f"{assignment}_STUDENT_20261128T220000Z{ending[0] if ending else ''}"
    if upload.uploader is not None:
        step = f"correct it, or move the file out of its folder and rename it to {renamed}"
        return f"nobody in the roster, or more than one, is called {upload.uploader!r}; {step}"
    if is_archive(name):
        return f"unpack it, if it is all that was uploaded; else rename it to {renamed}"
    return f"rename it to {renamed}"


def _can_be_a_folder(student: str) -> bool:
    """Return whether nbgrader can make a folder called like a student."""
    return (
        is_text(student)
        and not {"/", "\0"} & set(student)
        and student not in (".", "..")
        and len(student.encode()) <= _LONGEST_NAME
    )

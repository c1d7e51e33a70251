"""Plug-ins of ``nbgrader zip_collect``: they take what students uploaded, whatever an LMS did to its name.

Of each student the newest upload that can be read and has a notebook is taken; the LMS's name of the student counts,
and where no LMS named anybody, or the roster has no names to compare, the one in the zip's own name. A conflict between
the two replaces nobody's work: it stays where it is, with a line in the log, and so does what can't be read, or was
uploaded by somebody whom the roster doesn't know. The others are collected all the same. The time is the LMS's, where
its names have one; else what the zip's own name claims, and a file beside the work marks it as a claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from nbgrader.api import Gradebook
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from autograder.gradebook.course import let_nbgrader_find_programs
from autograder.gradebook.upload_files import NO_TIME, Candidate, has_notebook, valid_time
from autograder.gradebook.uploads import Upload, claim_in, match_student, match_uploader, read_name


class ZipExtractor(ExtractorPlugin):
    """Unpacks each student's newest upload that can be read, into a folder named like a zip of ``drydock submit``."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack what was downloaded for one assignment; nbgrader calls this once."""
        assignment = self.parent.coursedir.assignment_id
        by_student: dict[str, list[Candidate]] = {}
        for candidate in self._candidates(Path(archive_path), assignment):
            by_student.setdefault(candidate.student, []).append(candidate)
        for student, candidates in by_student.items():
            newest_first = sorted(candidates, key=lambda candidate: (candidate.time, candidate.file.name), reverse=True)
            readable = [candidate for candidate in newest_first if candidate.is_readable]
            if readable:
                self._take_newest(readable, assignment, Path(extracted_path))
            else:
                names = ", ".join(repr(candidate.file.name) for candidate in newest_first)
                self.log.warning("Nothing of %s was collected: neither a notebook nor a zip or tar: %s", student, names)

    def _candidates(self, folder: Path, assignment: str) -> Iterator[Candidate]:
        roster = self._roster()
        for file in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
            relative = PurePath(file.relative_to(folder))
            upload = read_name(relative, assignment)
            student = self._student(upload, relative, roster)
            candidate = Candidate(file, student or "", upload.uploaded_at or valid_time(upload.claimed_time), upload)
            if student:
                yield candidate
            elif candidate.is_readable and student is None:
                step = "rename it to ASSIGNMENT_STUDENT_TIME.zip"
                self.log.warning("The student of %r is unknown: %s", str(relative), step)

    def _student(self, upload: Upload, relative: PurePath, roster: list[tuple[str, str, str]]) -> str | None:
        """Return whose upload it is; None where nobody knows, and empty where two names differ, which is logged."""
        uploader = match_uploader(upload, roster)
        claimed = upload.claimed_student
        if uploader and claimed and match_student(claimed, roster) not in (None, uploader):
            names = (str(relative), uploader, claimed)
            self.log.warning("Left where it is: %r was uploaded by %s and claims to be %s's", *names)
            return ""
        # A roster of ids alone, as grading without a list of students makes it, fits no name of an LMS.
        has_names = any(first or last for _, first, last in roster)
        return uploader or (None if upload.uploader and has_names else claimed)

    def _take_newest(self, newest_first: list[Candidate], assignment: str, target: Path) -> None:
        """Unpack the newest upload with a notebook; where none has one, the newest, so that a student has a reason."""
        without_notebook = []
        for candidate, files in self._read(newest_first, assignment):
            if not has_notebook(files):
                without_notebook.append((candidate, files))
            elif self._took(candidate, files, assignment, target):
                return
        any(self._took(candidate, files, assignment, target) for candidate, files in without_notebook)

    def _read(self, candidates: Iterable[Candidate], assignment: str) -> Iterator[tuple[Candidate, dict[str, bytes]]]:
        for candidate in candidates:
            try:
                yield candidate, candidate.files(assignment)
            except Exception as damage:  # whatever is wrong with an upload, the class is collected
                self._leave(candidate, damage)

    def _took(self, candidate: Candidate, files: dict[str, bytes], assignment: str, target: Path) -> bool:
        try:
            candidate.write(files, assignment, target)
        except (OSError, ValueError) as error:
            self._leave(candidate, error)
            return False
        return True

    def _leave(self, candidate: Candidate, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) else error
        self.log.warning("Left where it is: %r (%s). An older one counts, if any", str(candidate.file), reason)

    def _roster(self) -> list[tuple[str, str, str]]:
        coursedir = self.parent.coursedir
        let_nbgrader_find_programs()
        with Gradebook(coursedir.db_url, coursedir.course_id) as book:
            return [(student.id, student.first_name or "", student.last_name or "") for student in book.students]


class ZipCollector(FileNameCollectorPlugin):
    """Collects every unpacked file; the name of its folder, which :class:`ZipExtractor` gave, says whose it is."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return the student, the time and the relative path of one unpacked file."""
        coursedir = self.parent.coursedir
        for folder in reversed(Path(submitted_file).parents):
            claim = claim_in(folder.name, coursedir.assignment_id)
            if claim is not None and folder.parent.name == self.parent.extracted_directory:
                student, time = claim
                result = {"student_id": student, "file_id": Path(submitted_file).relative_to(folder).as_posix()}
                return {**result, "timestamp": time} if time != NO_TIME else result
        return None

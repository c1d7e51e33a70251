"""Plug-ins of ``nbgrader zip_collect``: they take what students uploaded, whatever an LMS did to its name.

Of each student the newest upload that can be read is taken; the LMS's name of the student counts, and where no LMS
named anybody, the one in the zip's own name. A conflict between the two replaces nobody's work: it stays where it is,
with a line in the log, and so does what can't be read. The others are collected all the same. The time is the LMS's,
where its names have one; else what the zip's own name claims, and a file beside the work marks it as a claim.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from nbgrader.api import Gradebook
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from autograder.gradebook.course import let_nbgrader_find_programs
from autograder.gradebook.intake import candidates_for
from autograder.gradebook.submitted_archive import DamagedArchive, contents, is_archive
from autograder.gradebook.uploads import Upload, match_student, read_name
from autograder.submission import CLAIMED_TIME, Executable
from drydock.submit import RAW_LIMIT, ZIP_NAME

#: The form of the time in a zip's name, and of a time that nobody knows: before every other.
_TIME_FORM, _NO_TIME = "%Y%m%dT%H%M%SZ", "19700101T000000Z"


@dataclass(frozen=True)
class _Candidate:
    """An upload that may be taken: the student it counts for, and the time it is compared by."""

    file: Path
    student: str
    time: str
    upload: Upload

    @property
    def is_claim(self) -> bool:
        """Whether only the student says when this was uploaded."""
        return self.upload.uploaded_at is None and self.time != _NO_TIME


class ZipExtractor(ExtractorPlugin):
    """Unpacks each student's newest upload that can be read, into a folder named like a zip of ``drydock submit``."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack what was downloaded for one assignment; nbgrader calls this once."""
        assignment = self.parent.coursedir.assignment_id
        by_student: dict[str, list[_Candidate]] = {}
        for candidate in self._candidates(Path(archive_path), assignment):
            by_student.setdefault(candidate.student, []).append(candidate)
        for student, candidates in by_student.items():
            newest_first = sorted(candidates, key=lambda candidate: (candidate.time, candidate.file.name), reverse=True)
            self._take_newest(student, newest_first, assignment, Path(extracted_path))

    def _candidates(self, folder: Path, assignment: str) -> Iterator[_Candidate]:
        roster = self._roster()
        for file in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
            relative = PurePath(file.relative_to(folder))
            upload = read_name(relative, assignment)
            if not is_archive(file.name) and file.suffix.lower() != ".ipynb":
                continue
            student = self._student(upload, relative, roster)
            if student is not None:
                yield _Candidate(file, student, upload.uploaded_at or _valid(upload.claimed_time), upload)

    def _student(self, upload: Upload, relative: PurePath, roster: list[tuple[str, str, str]]) -> str | None:
        """Return whose upload it is; None, with a line in the log, where that isn't certain."""
        uploader = match_student(upload.uploader, roster) if upload.uploader else None
        claimed = upload.claimed_student
        if uploader and claimed and match_student(claimed, roster) not in (None, uploader):
            names = (relative, uploader, claimed)
            self.log.warning("Left where it is: %s was uploaded by %s and claims to be %s's", *names)
            return None
        if uploader or claimed:
            return uploader or claimed
        self.log.warning("The student of %s is unknown: rename it to ASSIGNMENT_STUDENT_TIME.zip", relative)
        return None

    def _take_newest(self, student: str, newest_first: list[_Candidate], assignment: str, target: Path) -> None:
        for candidate in newest_first:
            try:
                self._take(candidate, assignment, target)
            except (DamagedArchive, OSError, ValueError) as damage:
                reason = damage.strerror if isinstance(damage, OSError) else damage
                self.log.warning("Left where it is: %r (%s). An older one counts, if any", str(candidate.file), reason)
                continue
            return

    def _take(self, candidate: _Candidate, assignment: str, target: Path) -> None:
        """Unpack an upload; when the file system does not take a name in it, nothing of it stays."""
        files = _files(candidate.file, assignment)
        time = datetime.strptime(candidate.time, _TIME_FORM).replace(tzinfo=UTC)
        folder = target / ZIP_NAME.format(assignment=assignment, student=candidate.student, time=time)
        if candidate.is_claim:
            files[CLAIMED_TIME] = b"The time of this submission is what the name of its own zip says.\n"
        try:
            _write(folder, files)
        except (OSError, ValueError):
            shutil.rmtree(folder, ignore_errors=True)
            raise

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
            upload = read_name(PurePath(folder.name), coursedir.assignment_id)
            if upload.claimed_student is not None and folder.parent.name == self.parent.extracted_directory:
                inside = Path(submitted_file).relative_to(folder).as_posix()
                result = {"student_id": upload.claimed_student, "file_id": inside}
                known = upload.claimed_time not in (None, _NO_TIME)
                return {**result, "timestamp": str(upload.claimed_time)} if known else result
        return None


def _valid(time: str | None) -> str:
    """Return a time that a name claims, if there is such a time; else one before all others."""
    try:
        datetime.strptime(time or "", _TIME_FORM).replace(tzinfo=UTC)
    except ValueError:
        return _NO_TIME
    return time or _NO_TIME


def _files(file: Path, assignment: str) -> dict[str, bytes]:
    """Return what an upload holds; a notebook by itself is the assignment's, whatever it is called."""
    if is_archive(file.name):
        return _under_its_name(contents(file), assignment)
    if file.stat().st_size > RAW_LIMIT:
        raise DamagedArchive("it is larger than any work may be")
    return {f"{assignment}.ipynb": file.read_bytes()}


def _under_its_name(files: dict[str, bytes], assignment: str) -> dict[str, bytes]:
    """Return the files with a renamed notebook under the assignment's name, which nbgrader's own commands need."""
    names = [name for name in files if "/" not in name and name.lower().endswith(".ipynb")]
    candidates = candidates_for(names, assignment)
    if len(candidates) == 1:
        files[f"{assignment}.ipynb"] = files.pop(candidates[0])
    return files


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o755 if isinstance(content, Executable) else 0o644)

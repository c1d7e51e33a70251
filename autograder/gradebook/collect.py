"""Plug-ins of ``nbgrader zip_collect``: they unpack the zips of ``drydock submit`` within limits, by their names.

A zip comes from a stranger. One that is larger than any work may be, or has a path outside of its folder, stays where
it is, with a line in the log; the others are collected all the same.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from drydock.submit import FILES_LIMIT, NOTEBOOK_LIMIT, STUDENT_PATTERN, TIME_PATTERN

#: More files than any work has.
_MOST_FILES = 1000


@dataclass(frozen=True)
class ZipName:
    """The student and the time in the name of a zip, or of the folder that it was unpacked to."""

    student: str
    time: str

    @classmethod
    def read(cls, name: str, assignment: str) -> ZipName | None:
        """Return both, if it is the name of work on that assignment."""
        # Moodle puts the student's name before a file's, and a browser a number after it.
        pattern = rf"(?:.*?_)?{re.escape(assignment)}_(?P<student>{STUDENT_PATTERN})_(?P<time>{TIME_PATTERN})(?:\D.*)?"
        match = re.fullmatch(pattern, name)
        return cls(match["student"], match["time"]) if match else None


class ZipExtractor(ExtractorPlugin):
    """Unpacks each student's newest zip, as files of the folder that has its name."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack the zips of one folder into another; nbgrader calls this once."""
        for zipped in self._newest(Path(archive_path)):
            target = Path(extracted_path) / zipped.stem
            try:
                for name, content in contents(zipped):
                    file = target / name
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(content)
            except (ValueError, OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
                self.log.warning("Left where it is: %s (%s)", zipped, error)

    def _newest(self, folder: Path) -> list[Path]:
        newest: dict[str, tuple[str, Path]] = {}
        for file in sorted(folder.rglob("*.zip")):
            name = ZipName.read(file.stem, self.parent.coursedir.assignment_id)
            if name is None:
                self.log.warning("Not a zip of `drydock submit` for this assignment: %s", file)
            elif (name.time, file) > newest.get(name.student, ("", file)):
                newest[name.student] = (name.time, file)
        return [file for _, file in newest.values()]


class ZipCollector(FileNameCollectorPlugin):
    """Collects every unpacked file; the name of the zip's folder says whose it is."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return the student, the time and the relative path of one unpacked file."""
        coursedir = self.parent.coursedir
        for folder in reversed(Path(submitted_file).parents):
            name = ZipName.read(folder.name, coursedir.assignment_id)
            if name is not None and folder.parent.name == self.parent.extracted_directory:
                inside = Path(submitted_file).relative_to(folder).as_posix()
                return {"student_id": name.student, "timestamp": name.time, "file_id": inside}
        return None


def contents(zipped: Path) -> Iterator[tuple[str, bytes]]:
    """The files in a zip, each with its content; raises ValueError when it isn't what anybody's work looks like."""
    with zipfile.ZipFile(zipped) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > _MOST_FILES:
            raise ValueError(f"it has {len(members)} files")
        if sum(member.file_size for member in members) > FILES_LIMIT + NOTEBOOK_LIMIT:
            raise ValueError("it is larger than any work may be")
        for member in members:
            place = PurePosixPath(member.filename)
            if place.is_absolute() or ".." in place.parts or "\\" in member.filename:
                raise ValueError(f"it wants to write to {member.filename[:80]!r}")
        for member in members:  # reading stops at the size that was told, and compares the sum
            yield member.filename, archive.read(member)

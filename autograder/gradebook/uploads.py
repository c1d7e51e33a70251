"""The student of an upload, by the names that learning platforms (LMS) give to what students upload.

The LMS writes these names, so they count; the student in the name of the zip itself is a fallback. The time comes from
the name of the zip.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from drydock.submit import STUDENT_PATTERN, TIME_PATTERN

#: Each platform's form of a name; ``who`` is a person's name or id, ``file`` what the student called the file.
_PLATFORMS = {
    "Moodle": r"(?P<who>.+?)_\d+_(?:assignsubmission_)?(?:file|onlinetext)(?:_|/)+(?P<file>.+)",
    "Sakai": r"(?:.*?/)??[^/(]+\((?P<who>[^/)]+)\)/(?:Submission attachment\(s\)/)?(?P<file>[^/]+)",
    "Brightspace": r"(?:.*/)?\d+-\d+ - (?P<who>.+?) - [A-Z][a-z]{2} \d{1,2}, \d{4} \d{3,4} [AP]M(?: - |/)(?P<file>.+)",
    "Blackboard": r"(?:.*/)?[^/]+?_(?P<who>[^/_]+)_attempt_\d{4}(?:-\d\d){5}_(?P<file>[^/]+)",
    "Canvas": r"(?:.*/)?(?P<who>[a-z0-9]+?)(?:_late)?_\d+_\d+_(?P<file>[^/]+)",
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PLATFORMS.items()}


@dataclass(frozen=True)
class Upload:
    """One uploaded file: the uploader by the LMS (None where no LMS named it), and what the file's name claims."""

    uploader: str | None
    file: str
    #: The student and the time in the name that `drydock submit` gave to the zip; None for any other name.
    claimed_student: str | None
    claimed_time: str | None


def read_name(path: PurePath, assignment: str) -> Upload:
    """Return what the name of an uploaded file says; ``path`` is relative to the folder of downloads."""
    text, uploader, file = path.as_posix(), None, path.name
    for pattern in _PATTERNS.values():
        if match := pattern.fullmatch(text):
            uploader, file = match["who"], PurePath(match["file"]).name
            break
    claim = re.search(
        rf"(?:^|_){re.escape(assignment)}_(?P<student>{STUDENT_PATTERN})_(?P<time>{TIME_PATTERN})(?:\D.*)?$", file
    )
    return Upload(uploader, file, claim and claim["student"], claim and claim["time"])


def match_student(name: str, roster: Iterable[tuple[str, str, str]]) -> str | None:
    """Return the id of the student of that name or id; None where nobody, or more than one, fits.

    ``roster`` has each student's id, first name and last name. Case, accents and the order of names don't count.
    """
    wanted = _plain(name)
    fitting = {
        student
        for student, first, last in roster
        if wanted in {_plain(student), _plain(f"{first} {last}"), _plain(f"{last} {first}")} - {""}
    }
    return fitting.pop() if len(fitting) == 1 else None


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())

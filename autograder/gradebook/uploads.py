"""The student of an upload, by the names that learning platforms (LMS) give to what students upload.

The LMS writes these names, so they count. The student and the time in the name of the zip itself are a fallback: the
student wrote them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

from autograder.submission import PLAUSIBLE_YEARS
from drydock.submit import STUDENT_PATTERN, TIME_PATTERN

#: Each platform's form of a name; ``who`` is a person's name or id, ``file`` what the student called the file. Whatever
#: stands before ``file`` is the platform's, so each part before it is as short as it can be. A download may have been
#: unpacked into a folder of its own, which stands before everything else.
_PLATFORMS = {
    "Moodle": r"(?:[^/]*/)*?(?P<who>[^/]+?)_\d+_(?:assignsubmission_)?(?:file|onlinetext)(?:_|/)+(?P<file>.+)",
    "Sakai": r"(?:[^/]*/)*?[^/]+\((?<!attachment\()(?P<who>[^/()]+)\)/(?:Submission attachment\(s\)/)?(?P<file>[^/]+)",
    "Brightspace": r"(?:[^/]*/)*?\d+-\d+ - (?P<who>[^/]+?) ?- (?P<time>[A-Z][a-z]{2,8} \d{1,2}, \d{4} \d{3,4} [AP]M)"
    r"(?: - |/)(?P<file>.+)",
    "Blackboard": r"(?:[^/]*/)*?[^/_]+_(?P<who>[^/]+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})_(?P<file>[^/]+)",
    "Canvas": r"(?:[^/]*/)*?(?P<who>(?:[^\W_]|[\u0300-\u036f])+?)(?:_late)?_\d+_\d+_(?P<file>[^/]+)",
}
#: The platform that puts the assignment's name before the student's id.
_AFTER_ASSIGNMENT = "Blackboard"
#: How Brightspace and Blackboard write the time of an upload, in the time zone of the course.
_TIMES = ("%b %d, %Y %I%M %p", "%Y-%m-%d-%H-%M-%S")
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PLATFORMS.items()}


@dataclass(frozen=True)
class Upload:
    """One uploaded file: uploader and time by the LMS (None where no LMS named it), and what the file's name claims.

    ``file`` is the student's own name for it, perhaps with folders. Times are in UTC, in the form of a zip's name.
    """

    uploader: str | None
    file: str
    uploaded_at: str | None
    #: The student and the time in the name that `drydock submit` gave to the zip; None for any other name.
    claimed_student: str | None
    claimed_time: str | None
    #: Whether the assignment's name, or a part of it, stands before the uploader's.
    is_after_assignment: bool = False


def read_name(path: PurePath, assignment: str) -> Upload:
    """Return what the name of an uploaded file says; ``path`` is relative to the folder of downloads.

    What a student called a file may look like another platform's name. The platform at hand wrote the first part of the
    name, so of all readings the one counts that leaves most to the student. A letter with an accent may be written as
    one character or as two; here it is one, as in the roster.
    """
    text = composed(path.as_posix())
    uploader, time, file, platform = None, None, PurePath(text).name, ""
    matches = [(name, match) for name, pattern in _PATTERNS.items() if (match := pattern.fullmatch(text))]
    if matches:
        platform, match = min(matches, key=lambda named: named[1].start("file"))
        uploader, file = match["who"], match["file"]
        time = _utc(match.groupdict().get("time") or "")
    student, claimed_time = claim_in(PurePath(file).name, assignment) or (None, None)
    return Upload(uploader, file, time, student, claimed_time, platform == _AFTER_ASSIGNMENT)


def claim_in(name: str, assignment: str) -> tuple[str, str] | None:
    """Return the student and the time in the name that `drydock submit` gave to a zip; None for any other name."""
    zip_name = rf"(?:^|_){re.escape(assignment)}_(?P<student>{STUDENT_PATTERN})_(?P<time>{TIME_PATTERN})(?:\D.*)?$"
    claim = re.search(zip_name, name)
    return (claim["student"], claim["time"]) if claim else None


def _utc(text: str) -> str | None:
    """Return the time that an LMS wrote, taken for one of this computer's time zone; None where it is none."""
    for form in _TIMES:
        # 917 AM has no separator: strptime needs two digits for the hour, and the first three letters of a month.
        padded = re.sub(r" (\d{3}) ([AP]M)$", r" 0\1 \2", re.sub(r"^([A-Z][a-z]{2})[a-z]+", r"\1", text))
        with suppress(ValueError, OverflowError):
            when = datetime.strptime(padded, form).astimezone(UTC)
            return when.strftime("%Y%m%dT%H%M%SZ") if when.year in PLAUSIBLE_YEARS else None
    return None


def match_uploader(upload: Upload, roster: Collection[tuple[str, str, str]]) -> str | None:
    """Return the id of the student whom an LMS names; None where it names nobody, and see :func:`match_student`.

    Only where the assignment stands before the name is a part of it tried, since both may have underscores.
    """
    parts = (upload.uploader or "").split("_")
    starts = range(len(parts)) if upload.is_after_assignment else range(1)
    names = ("_".join(parts[start:]) for start in starts)
    return next((student for name in names if (student := match_student(name, roster))), None)


def match_student(name: str, roster: Collection[tuple[str, str, str]]) -> str | None:
    """Return the id of the student of that name or id; None where nobody, or more than one, fits.

    ``roster`` has each student's id, first name and last name. Case, accents and the order of names don't count, unless
    one student has exactly this id or name.
    """
    for form in (composed, _plain):
        wanted = form(name)
        fitting = {
            student
            for student, first, last in roster
            if wanted in {form(student), form(f"{first} {last}".strip()), form(f"{last} {first}".strip())} - {""}
        }
        if len(fitting) == 1:
            return fitting.pop()
    return None


def id_in_roster(student: str, roster: Iterable[tuple[str, str, str]]) -> str:
    """Return an id as the roster writes it, where only the form of its accents differs; else as it is."""
    return next((known for known, _, _ in roster if composed(known) == composed(student)), student)


def composed(text: str) -> str:
    """Return a text with each letter and its accent as one character: macOS writes two."""
    return unicodedata.normalize("NFC", text)


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())

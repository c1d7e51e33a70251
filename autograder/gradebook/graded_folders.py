"""The folders that nbgrader's next command reads: what lies beside an executed notebook and beside a feedback page.

``generate_feedback`` renews a page whose ``timestamp.txt`` is older than the one of the executed notebook, and
``release_feedback`` needs the same file and ``submission_secret.txt`` of every student. So both files are always there.
A student who submitted in another way than through the exchange gets a secret that nobody knows.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.errors import CannotWrite
from autograder.submission import CLAIMED_TIME, PLAUSIBLE_YEARS, UNREADABLE_TIME, Executable
from drydock.core.files import write_atomically

_TIME, _SECRET = "timestamp.txt", "submission_secret.txt"
_FORM = "%Y-%m-%d %H:%M:%S.%f UTC"
#: Stand for a time that nobody knows, and for a page that `nbgrader generate_feedback` has to renew.
_UNKNOWN, _TO_RENEW = datetime(1970, 1, 1), datetime(1900, 1, 1)
_LIMIT = 1000
#: The forms in which nbgrader writes a time: without a zone, or with its abbreviation or offset. Any other text is not
#: parsed: nbgrader's parser opens a path in the place of the zone as a file.
_WRITTEN = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:[.,]\d{1,6})?)?(?: ?(?:Z|[A-Z]{2,5}|[+-]\d\d(?::?\d\d)?))?", re.ASCII
)


def submitted_at(folder: Path) -> datetime | None:
    """Return the time in a folder's ``timestamp.txt``, in UTC without a zone; None where there is no plausible one."""
    return time_in(_text(folder / _TIME).strip())


def time_in(text: str) -> datetime | None:
    """Return the time that a text is, as nbgrader reads it; None for any other text: a student may have written it."""
    if not _WRITTEN.fullmatch(text):
        return None
    try:
        when: datetime = parse_utc(text)
    except (ValueError, OverflowError, TypeError):
        return None
    return when if when.year in PLAUSIBLE_YEARS else None


def has_unreadable_time(submitted: Path) -> bool:
    """Return whether a time came with the work, and it is none: nobody knows whether the work was late."""
    has_file = any(os.path.lexists(submitted / name) for name in (_TIME, UNREADABLE_TIME))
    return has_file and submitted_at(submitted) is None


def has_claimed_time(submitted: Path) -> bool:
    """Return whether the time of the work is only what the name of its own zip says."""
    with suppress(OSError):  # the folder can't be read
        return (submitted / CLAIMED_TIME).is_file()
    return False


def prepare_time(submitted: Path) -> None:
    """Make a ``timestamp.txt`` one that nbgrader's own commands can read: they would end there, for everybody.

    One without a plausible time is renamed, and one in another encoding than UTF-8, or with a byte order mark, is
    written anew.
    """
    file = submitted / _TIME
    text = _text(file).strip()
    with suppress(OSError):
        if os.path.lexists(file) and time_in(text) is None:
            place = submitted / UNREADABLE_TIME
            file.rename(place / secrets.token_hex(8) if place.is_dir() and not place.is_symlink() else place)
        elif text and _bytes(file).strip() != text.encode():
            write_atomically(file, text)


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder hold these files and nothing else; raises :class:`~autograder.errors.CannotWrite`."""
    discard_folder(folder)
    try:
        for path, data in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            file.chmod(0o755 if isinstance(data, Executable) else 0o644)
    except OSError as error:
        raise CannotWrite(folder, error.strerror or str(error)) from None


def discard_folder(folder: Path) -> None:
    """Remove a folder, if it is there; raises :class:`~autograder.errors.CannotWrite`."""
    try:
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)
    except OSError as error:
        raise CannotWrite(folder, error.strerror or str(error)) from None


def complete_graded(folder: Path, submitted: Path) -> None:
    """Write the time and the secret of a submission beside its executed notebook; see also :func:`prepare_time`."""
    prepare_time(submitted)
    _write(folder, submitted_at(submitted) or _UNKNOWN, _text(submitted / _SECRET) or secrets.token_hex(16))


def complete_feedback(folder: Path, graded: Path) -> None:
    """Write beside a page of ours the secret, and a time that makes `nbgrader generate_feedback` renew the page."""
    _write(folder, _TO_RENEW, _text(graded / _SECRET))


def _write(folder: Path, time: datetime, secret: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # In the place of the old files, and not into them: nbgrader makes what it has graded read-only.
        write_atomically(folder / _TIME, time.strftime(_FORM))
        write_atomically(folder / _SECRET, secret)
    except OSError as error:
        raise CannotWrite(folder, error.strerror or str(error)) from None


def _text(file: Path) -> str:
    """Return the beginning of a plain file as text, in UTF-8 or in UTF-16, which editors of Windows write."""
    data = _bytes(file)
    return data.decode(json.detect_encoding(data), errors="replace")


def _bytes(file: Path) -> bytes:
    """Return the beginning of a plain file; nothing for anything else, as a link or a pipe."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as opened:
            return opened.read(_LIMIT) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except OSError:
        return b""

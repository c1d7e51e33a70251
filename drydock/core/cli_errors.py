"""Finished messages for errors of the system and of docker-py, which are neither ours nor a bug.

A command prints such a message instead of a traceback.
"""

from __future__ import annotations

import errno
import io
import sys
from pathlib import Path

from drydock.errors import DaemonCallFailed, DrydockError, FileUnusable, FolderRemoved, SystemCallFailed

#: The system's reasons that concern a file, and not a connection.
_ABOUT_FILES = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENOENT, errno.ENOTDIR, errno.EISDIR}


def use_any_encoding() -> None:
    """Let a console of any encoding print: a character that it lacks becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def explained(error: Exception) -> DrydockError | None:
    """Return the message for an error; None for one that is a bug, whose traceback is needed."""
    if isinstance(error, DrydockError):
        return error
    if _is_of_a_request(error):
        return DaemonCallFailed(_in_words(error))
    if isinstance(error, BrokenPipeError) or not isinstance(error, OSError):
        return None
    if isinstance(error, FileNotFoundError) and _is_folder_removed():
        return FolderRemoved()
    if error.filename is not None and error.errno in _ABOUT_FILES:
        return FileUnusable(str(error.filename), error.strerror or type(error).__name__)
    return SystemCallFailed(_in_words(error))


def _is_of_a_request(error: Exception) -> bool:
    """Return whether docker-py, or a library below it, raised the error, as for a daemon that ends during a stream."""
    classes = {"docker.errors": "DockerException", "requests": "RequestException", "urllib3.exceptions": "HTTPError"}
    # The modules are not imported for this: it takes long, and without them there is no such error.
    return any(
        name in sys.modules and isinstance(error, getattr(sys.modules[name], kind)) for name, kind in classes.items()
    )


def _is_folder_removed() -> bool:
    """Return whether the current folder is not there any more: then relative paths lead nowhere."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _in_words(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__

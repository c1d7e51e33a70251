"""Finished messages for errors of the system and of docker-py, which are neither ours nor a bug.

A command prints such a message instead of a traceback.
"""

from __future__ import annotations

import errno
import io
import sys

from drydock.errors import DaemonCallFailed, DrydockError, FileUnusable, SystemCallFailed

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
    docker = sys.modules.get("docker.errors")  # not imported for this: it takes long
    if docker is not None and isinstance(error, docker.DockerException):
        return DaemonCallFailed(_in_words(error))
    if isinstance(error, BrokenPipeError) or not isinstance(error, OSError):
        return None
    if error.filename is not None and error.errno in _ABOUT_FILES:
        return FileUnusable(str(error.filename), error.strerror or type(error).__name__)
    return SystemCallFailed(_in_words(error))


def _in_words(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__

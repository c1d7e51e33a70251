"""Finished messages for errors of the system and of docker-py, which are neither ours nor a bug.

A command prints such a message instead of a traceback.
"""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from drydock.errors import (
    CommandTimedOut,
    DaemonCallFailed,
    DrydockError,
    FileUnusable,
    FolderRemoved,
    SystemCallFailed,
)

#: The exit code of a program whose output nobody reads any more, as shells have it for SIGPIPE.
PIPE_CLOSED = 141

#: The system's reasons that concern a file, and not a connection.
_ABOUT_FILES = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENOENT, errno.ENOTDIR, errno.EISDIR}
#: What docker-py and the libraries below it raise, by module. paramiko, for addresses with ssh, may not be installed.
_OF_REQUESTS = {
    "docker.errors": "DockerException",
    "requests": "RequestException",
    "urllib3.exceptions": "HTTPError",
    "paramiko.ssh_exception": "SSHException",
    "paramiko.hostkeys": "InvalidHostKey",
}


def use_any_encoding() -> None:
    """Let a console of any encoding print: a character that it lacks becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def exit_code(command: Callable[[], int]) -> int:
    """Run a command and return its exit code; a closed pipe, such as that of ``head``, ends it without a message."""
    try:
        code = command()
        print(end="", flush=True)  # here, because a closed pipe would be a message of Python's at its exit
    except BrokenPipeError:
        _drop_output()
        return PIPE_CLOSED
    return code


def _drop_output() -> None:
    """Lead the output to nowhere after its reader has closed the pipe; else Python would report that at its exit."""
    with Path(os.devnull).open("wb") as nowhere:
        for stream in (sys.stdout, sys.stderr):
            if not _is_flushed(stream):
                os.dup2(nowhere.fileno(), stream.fileno())


def _is_flushed(stream: TextIO | None) -> bool:
    try:
        if stream is not None:  # None: it was closed before Python started
            stream.flush()
    except OSError:
        return False
    return True


def explained(error: Exception) -> DrydockError | None:
    """Return the message for an error; None for one that is a bug, whose traceback is needed."""
    if isinstance(error, DrydockError):
        return error
    if is_of_a_request(error):
        return DaemonCallFailed(_in_words(error))
    if isinstance(error, subprocess.TimeoutExpired):
        return CommandTimedOut([error.cmd] if isinstance(error.cmd, str) else error.cmd, error.timeout)
    if isinstance(error, BrokenPipeError) or not isinstance(error, OSError):
        return None
    if isinstance(error, FileNotFoundError) and _is_folder_removed():
        return FolderRemoved()
    if error.filename is not None and error.errno in _ABOUT_FILES:
        return FileUnusable(str(error.filename), error.strerror or type(error).__name__)
    return SystemCallFailed(_in_words(error))


def is_of_a_request(error: Exception) -> bool:
    """Return whether docker-py, or a library below it, raised the error, as for a daemon that ends during a stream."""
    # The modules are not imported for this: it takes long, and without them there is no such error.
    loaded = [getattr(sys.modules[name], kind) for name, kind in _OF_REQUESTS.items() if name in sys.modules]
    return isinstance(error, tuple(loaded))


def _is_folder_removed() -> bool:
    """Return whether the current folder is not there any more: then relative paths lead nowhere."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _in_words(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__

"""Copies a folder that a student owns, and may change meanwhile, to where the instructor's files are.

A path is looked up at each use: what was a file when it was listed may be a link by then, to a file that only the
instructor can read. So each folder and each file is opened once, as an entry of its folder's descriptor and never
through a link; what it is, and how large, is asked of the descriptor from which it is then copied.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# Without O_NONBLOCK, opening a pipe would wait for somebody who writes to it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = _FILE | os.O_DIRECTORY
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCK = 1 << 20


@dataclass
class FolderCopy:
    """A copy with the modes and times of files and folders, but without the bits with which programs get rights.

    ``left_out`` gets a folder's path and the names in it, and returns the names that are not copied. A file larger than
    ``file_limit`` is not copied, nor is what makes all files larger than ``limit``, in bytes. A link is copied only if
    it is called a notebook, and then as a link, so that it can be reported. ``problems`` has the reasons for the rest.
    """

    left_out: Callable[[str, list[str]], Set[str]]
    file_limit: float
    limit: float
    problems: list[str] = field(default_factory=list)

    def make(self, source: Path, target: Path) -> None:
        """Copy the folder to ``target``, which must not exist. Raises OSError when nothing can be copied."""
        with _opened(source, _FOLDER) as folder:
            target.mkdir(0o700, parents=True)
            self._fill(folder, source, target)

    def _fill(self, folder: int, source: Path, target: Path) -> None:
        names = os.listdir(folder)
        for name in sorted(set(names) - self.left_out(str(source), names)):
            try:
                self._copy(folder, source / name, target / name)
            except OSError as error:
                self.problems.append(f"{str(source / name)!r}: {error.strerror or error}")
        facts = os.fstat(folder)
        target.chmod(stat.S_IMODE(facts.st_mode) & 0o777)
        os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    def _copy(self, folder: int, source: Path, target: Path) -> None:
        mode = os.stat(source.name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            if source.name.endswith(".ipynb"):
                target.symlink_to(os.readlink(source.name, dir_fd=folder))
        elif stat.S_ISDIR(mode):
            with _opened(source.name, _FOLDER, folder) as inner:
                target.mkdir(0o700)
                self._fill(inner, source, target)
        else:
            with _opened(source.name, _FILE, folder) as file:
                self._copy_file(file, target)

    def _copy_file(self, file: int, target: Path) -> None:
        facts = os.fstat(file)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "it is no plain file")
        if facts.st_size > min(self.file_limit, self.limit):
            raise OSError(errno.EFBIG, "it is too large")
        self.limit -= facts.st_size
        with _opened(target, _NEW) as copy:
            _copy_bytes(file, copy, facts.st_size)
            os.fchmod(copy, stat.S_IMODE(facts.st_mode) & 0o777)
            os.utime(copy, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def _copy_bytes(file: int, copy: int, size: int) -> None:
    """Copy as many bytes as the file had when it was looked at; it may grow."""
    while size and (block := os.read(file, min(size, _BLOCK))):
        size -= len(block)
        while block:
            block = block[os.write(copy, block) :]


@contextmanager
def _opened(path: Path | str, flags: int, folder: int | None = None) -> Iterator[int]:
    """Open a path, or a name in a folder, and close it; a new file is its owner's alone."""
    descriptor = os.open(path, flags, 0o600, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)

"""The cache of artifacts that are built once: folders named after a hash of what they are built from.

A folder is built under a temporary name and then renamed, so a folder that exists is complete. When two processes need
the same folder, one builds it and the other waits for the lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from drydock.core.paths import cache_folder
from drydock.core.progress import step
from drydock.errors import BaseDiskMissing, BrokenCache

#: A file that only complete folders have; it lists the size of each other file.
MANIFEST = "manifest.json"


def key(parts: Iterable[str | bytes | Path]) -> str:
    """Return a hash of all parts, 16 hexadecimal digits; a path stands for the bytes of its file."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        data = data.encode() if isinstance(data, str) else data
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


def find(name: str) -> Path | None:
    """Return the complete folder of that name, or None when it has not been built."""
    folder = cache_folder() / name
    return folder if (folder / MANIFEST).is_file() else None


def find_or_build(name: str, build: Callable[[Path, Path], None]) -> Path:
    """Return the folder ``name``; if it is missing, call ``build(temporary, final)`` first.

    The builder writes to ``temporary``. ``final`` is the folder's later path, for files that contain their own path.
    """
    with locked(cache_folder() / f"{name}.lock"):
        folder = find(name)
        if folder is not None:
            return folder
        final = cache_folder() / name
        # The lock is ours, so these belong to a process that was killed while it built.
        for unfinished in (final, *cache_folder().glob(f"{name}.new-*")):
            shutil.rmtree(unfinished, ignore_errors=True)
        temporary = Path(tempfile.mkdtemp(prefix=f"{name}.new-", dir=cache_folder()))
        try:
            build(temporary, final)
            (temporary / MANIFEST).write_text(json.dumps(_sizes(temporary)))
            temporary.rename(final)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return final


def verify(folder: Path) -> None:
    """Raise an error unless each file of a cached folder has the size that it had when it was built.

    :class:`~drydock.errors.BrokenCache` for a file that is missing or has another size,
    :class:`~drydock.errors.BaseDiskMissing` when the folder does not exist any more.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise BaseDiskMissing(folder)
    expected: dict[str, int] = json.loads(manifest.read_text())
    actual = _sizes(folder)
    for name, size in expected.items():
        if actual.get(name) != size:
            raise BrokenCache(folder / name, size, actual.get(name))


def discard(name: str) -> None:
    """Remove a folder, so that the next :func:`find_or_build` builds it again."""
    with locked(cache_folder() / f"{name}.lock"):
        shutil.rmtree(cache_folder() / name, ignore_errors=True)


@contextmanager
def locked(file: Path, waiting: str = "") -> Iterator[None]:
    """Hold an exclusive lock on a file; the lock ends with the process.

    While another process holds the lock, ``waiting`` is shown as a progress step, unless it is empty.
    """
    while True:
        with file.open("w") as handle:
            if not try_lock(handle.fileno()):
                with step(waiting) if waiting else nullcontext():
                    fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_at(handle.fileno(), file):
                yield
                return


def try_lock(handle: int) -> bool:
    """Lock an open file and return True, or return False when it is locked; closing the file releases the lock."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(handle: int, file: Path) -> bool:
    """Return whether an open file is still the one at its path: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), file.stat())
    except FileNotFoundError:
        return False


def _sizes(folder: Path) -> dict[str, int]:
    """Return the size in bytes of each regular file, by its path in the folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path.stat().st_size for path in files if path.name != MANIFEST}

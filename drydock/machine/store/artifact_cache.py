"""What is built once and kept: folders named by the content of their recipe.

A folder appears under its final name only when it is complete (written beside it, then renamed), so
its presence is the proof. Two builders of the same thing meet at a lock: the second finds it made.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from drydock.core.paths import cache_folder
from drydock.core.progress import step
from drydock.errors import BrokenCache, PartsGone

#: The file that says a folder is complete, with the length of everything in it.
MANIFEST = "manifest.json"


def key(parts: Iterable[str | bytes | Path]) -> str:
    """Sixteen hexadecimal digits that change when any part does; a path stands for its bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        data = data.encode() if isinstance(data, str) else data
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


def made(name: str) -> Path | None:
    """The finished folder of that name, or None when it has yet to be built."""
    folder = cache_folder() / name
    return folder if (folder / MANIFEST).is_file() else None


def make(name: str, build: Callable[[Path, Path], None]) -> Path:
    """The folder ``name``, built by ``build(temporary, final)`` unless it is there already.

    ``temporary`` is where to write; ``final`` is where it will lie, for what must know its own path.
    """
    with locked(cache_folder() / f"{name}.lock"):
        found = made(name)
        if found is not None:
            return found
        final = cache_folder() / name
        for left in (final, *cache_folder().glob(f"{name}.new-*")):  # of a builder that was killed: we hold its lock
            shutil.rmtree(left, ignore_errors=True)
        temporary = Path(tempfile.mkdtemp(prefix=f"{name}.new-", dir=cache_folder()))
        try:
            build(temporary, final)
            (temporary / MANIFEST).write_text(json.dumps(_sizes(temporary)))
            temporary.rename(final)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return final


def verify(folder: Path) -> None:
    """Raise :class:`~drydock.errors.BrokenCache` when a file is gone or has another length than when it was built.

    :class:`~drydock.errors.PartsGone` when there is no such folder any more.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise PartsGone(folder)
    expected: dict[str, int] = json.loads(manifest.read_text())
    actual = _sizes(folder)
    for name, size in expected.items():
        if actual.get(name) != size:
            raise BrokenCache(folder / name, size, actual.get(name))


def discard(name: str) -> None:
    """Forget a folder, so that the next :func:`make` builds it anew."""
    with locked(cache_folder() / f"{name}.lock"):
        shutil.rmtree(cache_folder() / name, ignore_errors=True)


@contextmanager
def locked(file: Path, waiting: str = "") -> Iterator[None]:
    """Hold a lock on a file; others wait, and say so if they have words for it. It ends with the process."""
    with file.open("w") as handle:
        if not try_lock(handle.fileno()):
            with step(waiting) if waiting else nullcontext():
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def try_lock(handle: int) -> bool:
    """Take the lock of an open file unless somebody holds it; closing the file gives it back."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sizes(folder: Path) -> dict[str, int]:
    """Length in bytes of each plain file, by its path in the folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path.stat().st_size for path in files if path.name != MANIFEST}

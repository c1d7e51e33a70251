"""Files that are replaced as a whole: a reader sees the old content or the new content, never a part."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Yield a path beside ``file`` to write to, and rename it to ``file`` at the end of the block.

    If the block raises, ``file`` stays as it was, and what was written is removed.
    """
    temporary = file.with_name(f".{file.name}.new")
    try:
        yield temporary
        temporary.replace(file)
    except BaseException:
        with suppress(OSError):  # the first error is the one to report
            temporary.unlink()
        raise


def write_atomically(file: Path, text: str, *, sync: bool = False) -> None:
    """Replace the content of ``file`` by ``text`` in UTF-8; with ``sync``, only once it is on the disk."""
    with replacing(file) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        if sync:
            stream.flush()
            os.fsync(stream.fileno())

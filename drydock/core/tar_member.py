"""A member of a tar archive whose content is in memory."""

from __future__ import annotations

import io
import tarfile


def add_bytes(archive: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    """Append ``data`` to an open archive as a regular file of root's."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), mode
    archive.addfile(member, io.BytesIO(data))

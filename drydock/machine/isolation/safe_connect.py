"""Connections to a Unix socket in a folder that untrusted processes may write to."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path


async def connect(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a stream to the Unix socket at ``path``, without following a symbolic link there.

    Code that has escaped from a machine's kernel may write to the folder that the kernel shares with its network
    helper, and could put a link to this computer's Docker socket there. Raises :class:`OSError` when there is no socket
    at ``path`` or no process listens to it.
    """
    # For a link, this opens the link itself, and connecting to that fails.
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW)
    try:
        return await asyncio.open_unix_connection(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)

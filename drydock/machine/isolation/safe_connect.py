"""Connecting to a socket in a folder that others may write to."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path


async def connect(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream to the socket at ``path``, and to no other: a link there leads nowhere.

    Who breaks out of a machine's kernel may write to the folder it shares with its network helper, and could lead us to
    the socket of this computer's own Docker. Raises :class:`OSError` where no socket is, or nobody listens.
    """
    # For a link this opens the link itself, which nobody can connect to.
    found = os.open(path, os.O_PATH | os.O_NOFOLLOW)
    try:
        return await asyncio.open_unix_connection(f"/proc/self/fd/{found}")
    finally:
        os.close(found)

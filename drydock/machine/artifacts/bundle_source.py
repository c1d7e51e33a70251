"""Where a bundle comes from: a path or a URL, which the variable ``DRYDOCK_BUNDLE`` or ``bundle.toml`` names.

``…#sha256=DIGEST`` after it is the digest that the file must have; a release prints it.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import IO, cast

from drydock.core import resources
from drydock.errors import BadBundle
from drydock.machine.artifacts.sparse_archive import HashingReader

#: The environment variable with a bundle's path or URL; empty for no bundle.
VARIABLE = "DRYDOCK_BUNDLE"
_SETTINGS = resources.package_data("drydock.machine.artifacts", "bundle.toml")
_DIGEST = "#sha256="
_BLOCK = 1 << 20


def configured() -> str:
    """Return the path or URL of the bundle to install where the artifacts are missing; empty to build them."""
    source = os.environ.get(VARIABLE)
    return str(tomllib.loads(_SETTINGS.read_text())["source"]) if source is None else source


def address(source: str) -> str:
    """Return the path or URL without the digest."""
    return source.partition(_DIGEST)[0]


def may_exist(source: str) -> bool:
    """Return False for the path of a file that doesn't exist; whether a URL can be reached is not tried."""
    return _is_url(source) or Path(address(source)).is_file()


@contextmanager
def opened(source: str) -> Iterator[IO[bytes]]:
    """Yield the bundle's bytes. Raises :class:`BadBundle` if they can't be read; at the end, if the digest differs."""
    expected = source.partition(_DIGEST)[2]
    with _stream(address(source)) as stream:
        if not expected:
            yield stream
            return
        digest = hashlib.sha256()
        reader = HashingReader(stream, digest)
        yield cast(IO[bytes], reader)
        while reader.read(_BLOCK):  # what the caller has not read
            pass
    if digest.hexdigest() != expected.lower():
        raise BadBundle(address(source), f"Its SHA-256 digest is {digest.hexdigest()}, and {expected} was expected")


class _Reader:
    """A stream whose own errors are the bundle's; errors of the code that reads it, as on a full disk, are not."""

    def __init__(self, stream: IO[bytes], place: str) -> None:
        self._stream = stream
        self._place = place

    def read(self, size: int = -1) -> bytes:
        with _explained(self._place):
            return self._stream.read(size)


@contextmanager
def _stream(place: str) -> Iterator[IO[bytes]]:
    with _open(place) as stream:
        yield cast(IO[bytes], _Reader(stream, place))


def _open(place: str) -> IO[bytes]:
    with _explained(place):
        if _is_url(place):
            return cast(IO[bytes], urllib.request.urlopen(place, timeout=60))
        return Path(place).open("rb")


@contextmanager
def _explained(place: str) -> Iterator[None]:
    """Raise :class:`BadBundle` for an error of the file or of the server."""
    try:
        yield
    except (OSError, HTTPException) as error:
        reason = f"downloaded: {error}" if _is_url(place) else f"read: {getattr(error, 'strerror', error)}"
        raise BadBundle(place, f"It can't be {reason}") from None


def _is_url(place: str) -> bool:
    return "://" in place

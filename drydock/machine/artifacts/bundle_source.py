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
from pathlib import Path
from typing import IO, Any, cast

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
    return "://" in source or Path(address(source)).is_file()


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


@contextmanager
def _stream(place: str) -> Iterator[Any]:
    if "://" not in place:
        try:
            with Path(place).open("rb") as file:
                yield file
        except OSError as error:
            raise BadBundle(place, f"It can't be read: {error.strerror}") from None
        return
    try:
        with urllib.request.urlopen(place, timeout=60) as response:
            yield response
    except OSError as error:
        raise BadBundle(place, f"It can't be downloaded: {error}") from None

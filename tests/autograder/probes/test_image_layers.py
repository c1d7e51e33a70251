"""Looking for bytes in a saved image."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Callable, Iterator
from itertools import chain, repeat

import pytest

from autograder.errors import TooLarge
from autograder.execution import archives
from autograder.probes import image_layers

SECRET = b"seven-forty-one"


def saved(*contents: bytes) -> Iterator[bytes]:
    """An image with these layers as a daemon sends it: in chunks that end anywhere."""
    archive = archives.packed(
        {f"blobs/{number}": layer for number, layer in enumerate(contents)} | {"index.json": b"{}"}
    )
    for start in range(0, len(archive), 1000):
        yield archive[start : start + 1000]


def layer(content: bytes) -> bytes:
    """A layer with one file."""
    return archives.packed({"/srv/gate.key": content})


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_of_any_layer_is_found(pack: Callable[[bytes], bytes]) -> None:
    """Also where a later layer says that it was removed, and where the daemon keeps layers compressed."""
    later = archives.packed({"/srv/.wh.gate.key": b""})
    assert image_layers.present(saved(pack(layer(SECRET)), pack(later)), [SECRET, b"nothing"]) == {SECRET}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_not_there_is_not_found(pack: Callable[[bytes], bytes]) -> None:
    """However often something like it is."""
    assert image_layers.present(saved(pack(layer(SECRET[:-1] * 1000))), [SECRET]) == set()


def test_a_word_is_found_across_the_edge_of_two_blocks() -> None:
    """Layers are read in pieces."""
    before = (1 << 20) - 512 - len(SECRET) // 2  # a header of 512 bytes comes first
    assert image_layers.present(saved(layer(b"." * before + SECRET)), [SECRET, b"...."]) == {SECRET, b"...."}


def test_an_endless_image_is_not_read_to_its_end() -> None:
    """The daemon is the submission's and may send anything."""
    endless = tarfile.TarInfo("layer.tar")
    endless.size = 1 << 40
    with pytest.raises(TooLarge):
        image_layers.present(chain([endless.tobuf()], repeat(b"x" * 65536)), [SECRET], limit=1 << 22)


def test_a_layer_that_swells_is_not_unpacked_to_its_end() -> None:
    """A few kilobytes may unpack to gigabytes."""
    with pytest.raises(TooLarge):
        image_layers.present(saved(gzip.compress(b"x" * (1 << 23))), [SECRET], limit=1 << 22)

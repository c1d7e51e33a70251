"""The cache of build contexts: each is made once, is complete, and is made again if it is damaged."""

from __future__ import annotations

import io
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.images import build_context
from drydock.images.recipe import Image, recipes, with_parents


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache with the build contexts of busybox, debian and python, made from Debian's archive."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        build_context.ensure(_images("busybox", "python"))
        yield cache


@pytest.fixture
def cache(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that cache that a test may damage."""
    shutil.copytree(filled, tmp_path / "cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "drydock" / "contexts"


def _images(*names: str) -> list[Image]:
    return with_parents(recipes(), list(names))


def _layer_names(context: build_context.BuildContext) -> set[str]:
    with tarfile.open(context.tar) as outer:
        inner = outer.extractfile("layer.tar")
        assert inner is not None
        with tarfile.open(fileobj=io.BytesIO(inner.read())) as layer:
            return set(layer.getnames())


@pytest.mark.slow
def test_the_second_call_makes_nothing(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A complete cache is used as it is, without a download."""
    build_context.ensure(_images("busybox", "python"))
    assert capsys.readouterr().err == ""


def test_a_layer_has_only_what_the_parent_lacks(cache: Path) -> None:
    """Python's layer has Python, and no file that Debian's layer has."""
    contexts = build_context.ensure(_images("python"))
    python = _layer_names(contexts["python"])
    assert "usr/bin/python3.13" in python
    assert "usr/bin/bash" not in python


@pytest.mark.slow
def test_a_damaged_entry_is_made_again(cache: Path) -> None:
    """A context with changed bytes is replaced by a new one, with the original digest."""
    (busybox,) = _images("busybox")
    good = build_context.ensure([busybox])["busybox"]
    with good.tar.open("r+b") as file:
        file.seek(1000)
        file.write(b"damaged")
    repaired = build_context.ensure([busybox])["busybox"]
    assert b"damaged" not in repaired.tar.read_bytes()[:2000]
    assert repaired.digest == good.digest


@pytest.mark.slow
def test_a_failure_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failure, neither an incomplete entry nor a temporary folder is left."""
    (busybox,) = _images("busybox")
    shutil.rmtree(cache / busybox.key)

    def broken(*_: object) -> str:
        raise OSError("disk full")

    monkeypatch.setattr(build_context, "_write_layer", broken)
    with pytest.raises(OSError, match="disk full"):
        build_context.ensure([busybox])
    assert not (cache / busybox.key).exists()
    assert not list(cache.glob(".making-*"))


@pytest.mark.slow
def test_newer_packages_renew_the_parent(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If an image needs a newer library than its parent image has, both contexts are made again."""
    debian, python = _images("python")
    status = cache / debian.key / "status"
    old = re.sub(r"(Package: libtinfo6\n(?:.+\n)*?Version: )\S+", r"\g<1>6.4-1", status.read_text())
    status.write_text(re.sub(r"libtinfo6 \(.+?\)", "libtinfo6", old))
    (status.parent / "digest").write_text(build_context._digest(status.parent, None))
    shutil.rmtree(cache / python.key)
    build_context.ensure([debian, python])
    assert "Debian has newer packages" in capsys.readouterr().err
    assert "Version: 6.4-1\n" not in status.read_text()

"""Where the parts of a machine come from when it boots."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from drydock.errors import BadBundle
from drydock.machine import build, cache, stock
from drydock.paths import cache_folder
from drydock.waiting import wait_for
from tests.drydock.machine.test_bundle import exported

__all__ = ["exported"]


def test_from_the_bundle_that_is_named(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache is filled from it, and a full one doesn't need it."""
    monkeypatch.setenv(stock.VARIABLE, str(exported))
    found = stock.parts()
    assert found == build.ready()
    assert (found.base / "tools" / "bin" / "docker").read_bytes() == b"a tool"
    exported.unlink()
    assert stock.parts() == found


def test_a_bundle_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is built in its place: whoever named it wants to hear that it's gone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv(stock.VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(BadBundle, match="can't be read"):
        stock.parts()


def test_the_second_waits_for_the_first(
    exported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While one unpacks, another that wants the parts waits, says so, and finds them there."""
    monkeypatch.setenv(stock.VARIABLE, str(exported))
    found: list[build.Parts] = []
    second = threading.Thread(target=lambda: found.append(stock.parts()))
    said = ""

    def waits() -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return "Waiting for the machine's parts" in said

    with cache.locked(cache_folder() / "bundle.lock"):
        second.start()
        wait_for(waits, "the second to wait", seconds=10)
        assert found == []
    second.join(timeout=30)
    assert found == [build.ready()]

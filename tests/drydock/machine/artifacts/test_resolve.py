"""Where the parts of a machine come from when it boots."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from drydock.core.paths import cache_folder
from drydock.core.waiting import wait_for
from drydock.errors import BadBundle
from drydock.machine.artifacts import machine_build, resolve
from drydock.machine.store import artifact_cache
from tests.drydock.machine.artifacts.test_bundle import exported

__all__ = ["exported"]


def test_from_the_bundle_that_is_named(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache is filled from it, and a full one doesn't need it."""
    monkeypatch.setenv(resolve.VARIABLE, str(exported))
    found = resolve.parts()
    assert found == machine_build.ready()
    assert (found.base / "tools" / "bin" / "docker").read_bytes() == b"a tool"
    exported.unlink()
    assert resolve.parts() == found


def test_a_bundle_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is built in its place: whoever named it wants to hear that it's gone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv(resolve.VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(BadBundle, match="can't be read"):
        resolve.parts()


def test_the_second_waits_for_the_first(
    exported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While one unpacks, another that wants the parts waits, says so, and finds them there."""
    monkeypatch.setenv(resolve.VARIABLE, str(exported))
    found: list[machine_build.Artifacts] = []
    second = threading.Thread(target=lambda: found.append(resolve.parts()))
    said = ""

    def waits() -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return "Waiting for the machine's parts" in said

    with artifact_cache.locked(cache_folder() / "bundle.lock"):
        second.start()
        wait_for(waits, "the second to wait", seconds=10)
        assert found == []
    second.join(timeout=30)
    assert found == [machine_build.ready()]

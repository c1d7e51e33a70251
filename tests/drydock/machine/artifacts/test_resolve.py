"""Where a machine that boots gets its artifacts from."""

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


def test_the_bundle_fills_an_empty_cache(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bundle is installed in an empty cache; with a filled cache it is not needed."""
    monkeypatch.setenv(resolve.VARIABLE, str(exported))
    artifacts = resolve.artifacts()
    assert artifacts == machine_build.find()
    assert (artifacts.base / "tools" / "bin" / "docker").read_bytes() == b"a tool"
    exported.unlink()
    assert resolve.artifacts() == artifacts


def test_a_missing_bundle_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing bundle is an error, and nothing is built instead."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv(resolve.VARIABLE, str(tmp_path / "missing"))
    with pytest.raises(BadBundle, match="can't be read"):
        resolve.artifacts()


def test_a_second_process_waits(
    exported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While a process unpacks the bundle, another one prints that it waits, and then uses the same artifacts."""
    monkeypatch.setenv(resolve.VARIABLE, str(exported))
    results: list[machine_build.Artifacts] = []
    second = threading.Thread(target=lambda: results.append(resolve.artifacts()))
    output = ""

    def is_waiting() -> bool:
        nonlocal output
        output += capsys.readouterr().err
        return "Waiting for another process to unpack" in output

    with artifact_cache.locked(cache_folder() / "bundle.lock"):
        second.start()
        wait_for(is_waiting, "the second to wait", seconds=60)
        assert results == []
    second.join(timeout=30)
    assert results == [machine_build.find()]

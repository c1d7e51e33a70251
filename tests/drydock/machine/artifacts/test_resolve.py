"""Where a machine that boots gets its artifacts from."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from drydock.core import command
from drydock.core.paths import cache_folder
from drydock.core.waiting import wait_for
from drydock.errors import BadBundle, ToolsMissing
from drydock.machine.artifacts import bundle, bundle_source, machine_build, resolve
from drydock.machine.store import artifact_cache
from tests.drydock.machine.artifacts.test_bundle import exported

__all__ = ["exported"]


def test_the_bundle_fills_an_empty_cache(
    exported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bundle is installed in an empty cache, and a line names it; with a filled cache it is not needed."""
    monkeypatch.setenv(bundle_source.VARIABLE, str(exported))
    artifacts = resolve.artifacts()
    assert artifacts == machine_build.find()
    assert f"Using the bundle {exported}; the machine's kernel and base disk are not built." in capsys.readouterr().err
    assert (artifacts.base / "tools" / "bin" / "docker").read_bytes() == b"a tool"
    exported.unlink()
    assert resolve.artifacts() == artifacts
    assert capsys.readouterr().err == ""


def test_a_missing_bundle_is_an_error_where_nothing_can_be_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a computer without the programs for building, a missing bundle is the error, and not the missing programs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(bundle_source.VARIABLE, str(tmp_path / "missing"))
    with pytest.raises(BadBundle, match="can't be read"):
        resolve.artifacts()


def test_where_the_bundle_is_missing_the_artifacts_are_built(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bundle that can't be read is replaced by building, and a line says why."""
    built = bundle.install(str(exported))
    monkeypatch.setattr(machine_build, "find", lambda source=None: None)
    monkeypatch.setattr(machine_build, "find_or_build", lambda source=None: built)  # building takes minutes
    monkeypatch.setenv(bundle_source.VARIABLE, str(tmp_path / "missing"))
    assert resolve.artifacts() == built
    output = capsys.readouterr().err
    assert "missing can't be used as a bundle. It can't be read" in output
    assert "are built here instead" in output


def test_before_a_bundle_no_program_is_required(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a bundle at hand nothing is in a machine's way; with a missing one, the programs for building are."""
    monkeypatch.setenv("PATH", str(tmp_path / "student"))
    monkeypatch.setattr(command, "_ADMIN_FOLDERS", ())
    monkeypatch.setenv(bundle_source.VARIABLE, str(exported))
    assert resolve.obstacles() == []
    monkeypatch.setenv(bundle_source.VARIABLE, str(tmp_path / "missing"))
    assert {type(error) for error in resolve.obstacles()} == {ToolsMissing}


def test_a_second_process_waits(
    exported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While a process unpacks the bundle, another one prints that it waits, and then uses the same artifacts."""
    monkeypatch.setenv(bundle_source.VARIABLE, str(exported))
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

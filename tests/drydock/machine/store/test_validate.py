"""Settings and folders that a machine can have, and errors with a next step for the others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from drydock.errors import BadSetting
from drydock.machine.store import validate


def test_a_folder_is_shared_under_its_full_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links and dots are resolved, because the path must mean the same in the machine."""
    (tmp_path / "work").mkdir()
    (tmp_path / "link").symlink_to("work")
    monkeypatch.chdir(tmp_path)
    assert validate.shared_folder("link/../link") == str(tmp_path.resolve() / "work")


@pytest.mark.parametrize("folder", ["/", "/etc", "/usr", "/proc"])
def test_system_folders_are_refused(folder: str) -> None:
    """A system folder can't be shared: it would hide the machine's own."""
    with pytest.raises(BadSetting, match="can't be shared with a machine"):
        validate.shared_folder(folder)


def test_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    """The list of folders that a machine gets is UTF-8, so a name that is not can't be in it."""
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    with pytest.raises(BadSetting, match="can't be shared with a machine") as caught:
        validate.shared_folder(folder)
    assert "UTF-8" in caught.value.next


def test_only_folders_can_be_shared(tmp_path: Path) -> None:
    """A file and a missing path are refused."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "none"):
        with pytest.raises(BadSetting, match="it is not a folder"):
            validate.shared_folder(path)


@pytest.mark.parametrize("requested", [{}, {"memory_mb": 256}, {"disk_gb": 32}, {"cpu": min(os.sched_getaffinity(0))}])
def test_possible_settings_pass(requested: dict[str, Any]) -> None:
    """No request, and requests at the limits, raise no error."""
    validate.check_settings(requested)


@pytest.mark.parametrize(
    "requested", [{"memory_mb": 255}, {"memory_mb": 1 << 20}, {"disk_gb": 1}, {"disk_gb": 33}, {"cpu": 999}]
)
def test_impossible_settings_are_refused(requested: dict[str, Any]) -> None:
    """The error says which values are possible."""
    with pytest.raises(BadSetting) as caught:
        validate.check_settings(requested)
    assert caught.value.next.startswith("Choose ")

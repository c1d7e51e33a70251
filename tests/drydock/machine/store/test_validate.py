"""What a machine may be asked for, and what not, with a way out each time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from drydock.errors import BadSetting
from drydock.machine.store import validate


def test_a_folder_of_ones_own_is_shared_by_its_full_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links and dots are gone from it, since it must mean the same in the machine."""
    (tmp_path / "work").mkdir()
    (tmp_path / "link").symlink_to("work")
    monkeypatch.chdir(tmp_path)
    assert validate.shared("link/../link") == str(tmp_path.resolve() / "work")


@pytest.mark.parametrize("folder", ["/", "/etc", "/usr", "/proc"])
def test_the_systems_folders_are_not(folder: str) -> None:
    """A share would cover the machine's own."""
    with pytest.raises(BadSetting, match="can't be shared with a machine"):
        validate.shared(folder)


def test_what_is_no_folder_is_not(tmp_path: Path) -> None:
    """A file, or nothing at all."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "none"):
        with pytest.raises(BadSetting, match="it is no folder"):
            validate.shared(path)


@pytest.mark.parametrize("wish", [{}, {"memory_mb": 256}, {"disk_gb": 32}, {"cpu": min(os.sched_getaffinity(0))}])
def test_what_makes_sense_passes(wish: dict[str, Any]) -> None:
    """Nothing asked for, and the ends of what there is."""
    validate.check(wish)


@pytest.mark.parametrize(
    "wish", [{"memory_mb": 255}, {"memory_mb": 1 << 20}, {"disk_gb": 1}, {"disk_gb": 33}, {"cpu": 999}]
)
def test_what_makes_none_is_refused(wish: dict[str, Any]) -> None:
    """The message says what may be chosen."""
    with pytest.raises(BadSetting) as caught:
        validate.check(wish)
    assert caught.value.next.startswith("choose ")

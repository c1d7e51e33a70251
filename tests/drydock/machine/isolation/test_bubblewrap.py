"""bubblewrap where it can't stand: told with a way out. What it keeps is in test_walls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.machine.isolation import bubblewrap


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """Each test finds out for itself whether it can stand."""
    bubblewrap.why_not.cache_clear()
    yield
    bubblewrap.why_not.cache_clear()


def test_without_bubblewrap_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way out is one line for an administrator."""
    monkeypatch.setattr(bubblewrap, "find", lambda program: None)
    why, next = bubblewrap.why_not() or ("", "")
    assert why == "bubblewrap is not installed"
    assert "apt-get install -y bubblewrap" in next


def test_where_it_may_not_the_setting_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the program said is the reason, and no setting is blamed that is as it should be."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "find", lambda name: str(program))
    monkeypatch.setattr(bubblewrap, "_switch", lambda name: "1")
    assert bubblewrap.why_not() == (
        "bwrap: setting up uid map: Permission denied",
        "as an administrator: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    )

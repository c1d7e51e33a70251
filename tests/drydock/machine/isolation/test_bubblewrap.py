"""bubblewrap where it does not work: the reason and the remedy. What it isolates is tested in test_backends."""

from __future__ import annotations

from pathlib import Path

import pytest

from drydock.machine.isolation import bubblewrap


def test_without_bubblewrap_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy is one command for an administrator."""
    monkeypatch.setattr(bubblewrap, "find", lambda program: None)
    why, remedy = bubblewrap.unavailable_reason() or ("", "")
    assert why == "bubblewrap is not installed."
    assert remedy.endswith("as an administrator: apt-get install -y bubblewrap")


def failing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace bubblewrap by a program that fails as bubblewrap does without permission."""
    program = folder / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "find", lambda name: str(program))


def test_the_kernel_setting_to_change_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reason is bubblewrap's own message; only kernel settings that forbid user namespaces are named."""
    failing(tmp_path, monkeypatch)
    monkeypatch.setattr(bubblewrap, "_sysctl", lambda name: "1")
    assert bubblewrap.unavailable_reason() == (
        "bubblewrap can't isolate a process here: bwrap: setting up uid map: Permission denied",
        "Allow user namespaces, as an administrator: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    )


def test_without_a_setting_to_change_another_computer_is_advised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where no kernel setting is the cause, as in a container, the remedy is another computer or pod."""
    failing(tmp_path, monkeypatch)
    monkeypatch.setattr(bubblewrap, "_sysctl", lambda name: None)
    _, remedy = bubblewrap.unavailable_reason() or ("", "")
    assert "use a computer or pod that allows them" in remedy

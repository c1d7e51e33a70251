"""bubblewrap where it does not work: the reason and the remedy. What it isolates is tested in test_backends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

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


def test_a_trial_that_takes_too_long_is_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On an overloaded computer the reason is the time, and no exception of a library."""
    (tmp_path / "bwrap").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setattr(bubblewrap, "find", lambda name: str(tmp_path / "bwrap"))
    monkeypatch.setattr(bubblewrap, "_usage", lambda program: "")
    monkeypatch.setattr(bubblewrap, "_TRIAL_SECONDS", 0.5)
    why, _ = bubblewrap.unavailable_reason() or ("", "")
    assert why == "bubblewrap did not isolate a process within 0 s."


@pytest.mark.isolation("bubblewrap")
def test_processes_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ordinary user's sandbox starts no more processes than its limit, and gets no other limit by itself."""
    monkeypatch.setattr(bubblewrap, "_LIMIT_PROCESSES", ("/usr/bin/prlimit", "--nproc=20:20"))
    script = "ulimit -u 500 && echo lifted; for n in $(seq 40); do sleep 1 & done; echo started"
    ordinary = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
    # Another user can't read the filter's file in root's folder, so its text is on the command line.
    filter_text = {str(bubblewrap._FILTER): ["-c", bubblewrap._FILTER.read_text()]}
    prefix = [part for argument in bubblewrap.prefix() for part in filter_text.get(argument, [argument])]
    argv = [*ordinary, *prefix, "/bin/bash", "-c", script]
    result = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60, cwd="/")
    assert "lifted" not in result.stdout
    assert "fork: retry: Resource temporarily unavailable" in result.stderr


def test_an_older_kernel_counts_the_processes_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a limit would stop a class of many machines, so there is none."""
    for release, limited in (("6.1.0-37-amd64", True), ("5.14-x", True), ("5.10.0-30-amd64", False)):
        monkeypatch.setattr(os, "uname", lambda release=release: SimpleNamespace(release=release))
        assert ("/usr/bin/prlimit" in bubblewrap.prefix()) is limited

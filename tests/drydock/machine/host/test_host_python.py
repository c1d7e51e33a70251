"""Python behind a wall: what runs a script that stands alone, and what must be seen for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from drydock.machine.host import host_python


def test_it_runs_a_script_with_nothing_of_ours(tmp_path: Path) -> None:
    """It is this Python's version, without the environment that Drydock is installed in."""
    script = tmp_path / "script.py"
    script.write_text("import sys; print(sys.version_info[:2], 'drydock' in sys.modules, 'site' in sys.modules)")
    said = subprocess.run(host_python.words(script), capture_output=True, text=True, check=True, timeout=20).stdout
    assert said == f"{sys.version_info[:2]} False False\n"


def test_what_it_must_see(monkeypatch: pytest.MonkeyPatch) -> None:
    """The script always; the folder of an interpreter only where it isn't below /usr, which is seen anyway."""
    script = Path("/elsewhere/script.py")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert host_python.seen(script) == [script]
    monkeypatch.setattr(sys, "base_prefix", "/opt/python")
    assert host_python.seen(script) == [Path("/opt/python"), script]

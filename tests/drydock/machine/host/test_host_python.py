"""The host's Python for isolated scripts: the command line, and the paths that must be visible."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from drydock.machine.host import host_python


def test_the_script_sees_the_standard_library_only(tmp_path: Path) -> None:
    """The script runs in this Python's version, without site-packages and without Drydock."""
    script = tmp_path / "script.py"
    script.write_text("import sys; print(sys.version_info[:2], 'drydock' in sys.modules, 'site' in sys.modules)")
    argv = host_python.command(script)
    output = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=20).stdout
    assert output == f"{sys.version_info[:2]} False False\n"


def test_the_interpreter_is_required_outside_of_usr_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The script is always required; the interpreter's folder only outside of /usr, which is always visible."""
    script = Path("/elsewhere/script.py")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert host_python.required_paths(script) == [script]
    monkeypatch.setattr(sys, "base_prefix", "/opt/python")
    assert host_python.required_paths(script) == [Path("/opt/python"), script]

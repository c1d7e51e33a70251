"""The command line of ``drydock``."""

from __future__ import annotations

import argparse
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock import cli, lab
from drydock.engine import discovery
from drydock.errors import NoCourseFolder

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands in these tests use the host's daemon, whether or not a machine is running."""
    monkeypatch.setenv("DRYDOCK_ENGINE", "host")


@pytest.mark.parametrize("words", [[], ["lab"], ["doctor"], ["machine"], ["images"], ["images", "build"], ["clean"]])
def test_each_command_has_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each command prints its help."""
    with pytest.raises(SystemExit) as caught:
        cli.main([*words, "--help"])
    assert caught.value.code == 0
    assert "usage: drydock" in capsys.readouterr().out


def test_error_is_printed_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """An error that a person can act on is printed as its message, and the exit code is 1."""
    assert cli.main(["lab", "/nowhere"]) == 1
    assert capsys.readouterr().err == f"{NoCourseFolder(Path('/nowhere'))}\n"


@pytest.mark.slow
def test_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command with the exit code 130, as shells expect."""

    def interrupt(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(lab, "lab", interrupt)
    assert cli.main(["lab"]) == 130


def test_arguments_for_jupyter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments after ``--`` are passed on to Jupyter, also if `drydock lab` has options of the same name."""
    calls: dict[str, object] = {}
    monkeypatch.setattr(lab, "lab", lambda folder, **options: calls.update(options, folder=folder) or 0)
    assert cli.main(["lab", "course", "--port", "9", "--", "--port", "8"]) == 0
    options = {"browser": True, "port": 9, "instructor": False, "extra": ["--port", "8"]}
    assert calls == {"folder": Path("course"), **options}


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and all parsers of its subcommands."""
    yield parser
    for action in parser._actions:
        for inner in (action.choices or {}).values() if isinstance(action, argparse._SubParsersAction) else ():
            yield from parsers(inner)


def test_each_command_names_its_function() -> None:
    """The parser has only the names of the commands' functions, and each function exists."""
    names = [name for parser in parsers(cli._parser()) if (name := parser.get_default("run"))]
    assert names
    assert all(callable(pkgutil.resolve_name(name)) for name in names)


def test_kinds_of_engines() -> None:
    """The choices of ``doctor --engine`` are the kinds that discovery has."""
    assert cli.ENGINES == discovery.ENGINE_KINDS


#: Packages that are imported only when needed: each takes longer than a command that prints a line.
_LATE = {"docker", "requests", "ipywidgets", "IPython", "jupyterlab", "nbformat", "nbgrader", "rich", "cryptography"}


@pytest.mark.parametrize("words", [["--help"], ["machine", "status", "no-such-machine"]])
def test_slow_packages_are_not_imported(words: list[str]) -> None:
    """Help and the status of a machine need neither docker-py, Jupyter, Rich nor cryptography."""
    code = f"import sys; from drydock import cli\ntry: cli.main({words})\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    loaded = set(done.stderr.split())
    assert "drydock.machine.cli" in loaded
    assert loaded & _LATE == set()


@pytest.mark.parametrize("words", [["machine", "status"], ["machine", "ls"]])
def test_a_closed_pipe_is_no_traceback(tmp_path: Path, words: list[str]) -> None:
    """A command whose output nobody reads, as behind `head`, ends silently: as shells expect, or as Rich does."""
    folder = tmp_path / "drydock" / "machines" / "default"
    folder.mkdir(parents=True)
    (folder / "settings.json").write_text('{"name": "default"}')
    read, write = os.pipe()
    os.close(read)
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "drydock.cli", *words]
    done = subprocess.run(
        command, env=environment, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == (141 if words[1] == "status" else 1)

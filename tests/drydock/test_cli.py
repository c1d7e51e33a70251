"""The command ``drydock``."""

from __future__ import annotations

import argparse
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
    """Commands here look at the host's own daemon only: whether there are machines too is not the question."""
    monkeypatch.setenv("DRYDOCK_ENGINE", "host")


@pytest.mark.parametrize("words", [[], ["lab"], ["doctor"], ["machine"], ["images"], ["images", "build"], ["clean"]])
def test_each_command_has_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each command tells what it does."""
    with pytest.raises(SystemExit) as caught:
        cli.main([*words, "--help"])
    assert caught.value.code == 0
    assert "usage: drydock" in capsys.readouterr().out


def test_a_message_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """An error that a person can act on is printed as its message, and the exit code is 1."""
    assert cli.main(["lab", "/nowhere"]) == 1
    assert capsys.readouterr().err == f"{NoCourseFolder(Path('/nowhere'))}\n"


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-c ends a command with the exit code that shells expect."""

    def interrupt(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(lab, "lab", interrupt)
    assert cli.main(["lab"]) == 130


def test_what_is_for_jupyter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows ``--`` is Jupyter's, even if we had an option of that name."""
    seen: dict[str, object] = {}
    monkeypatch.setattr(lab, "lab", lambda folder, **options: seen.update(options, folder=folder) or 0)
    assert cli.main(["lab", "course", "--port", "9", "--", "--port", "8"]) == 0
    assert seen == {"folder": Path("course"), "browser": True, "port": 9, "extra": ["--port", "8"]}


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser, and every parser below it."""
    yield parser
    for action in parser._actions:
        for inner in (action.choices or {}).values() if isinstance(action, argparse._SubParsersAction) else ():
            yield from parsers(inner)


def test_each_command_names_its_function() -> None:
    """The parser knows functions by name only, and each name is a function's."""
    names = [name for parser in parsers(cli._parser()) if (name := parser.get_default("run"))]
    assert names
    assert all(callable(pkgutil.resolve_name(name)) for name in names)


def test_each_engine_can_be_named() -> None:
    """The choices of ``doctor --engine`` are the engines that discovery knows."""
    assert cli.ENGINES == discovery.ENGINE_KINDS


#: Imported when they are needed: each takes longer than a command that prints a line.
_LATE = {"docker", "requests", "ipywidgets", "IPython", "jupyterlab", "nbformat", "nbgrader", "rich", "cryptography"}


@pytest.mark.parametrize("words", [["--help"], ["machine", "status", "no-such-machine"]])
def test_a_command_imports_what_it_needs(words: list[str]) -> None:
    """Help and a look at a machine start without docker-py, Jupyter's packages, Rich and cryptography."""
    code = f"import sys; from drydock import cli\ntry: cli.main({words})\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    loaded = set(done.stderr.split())
    assert "drydock.machine.cli" in loaded
    assert loaded & _LATE == set()

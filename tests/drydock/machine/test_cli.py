"""The parser of ``drydock machine``."""

from __future__ import annotations

import argparse
import pkgutil
from collections.abc import Iterator, Sequence

import pytest

from drydock.machine import cli
from drydock.machine.artifacts import kernel_source


def parsed(*arguments: str) -> argparse.Namespace:
    """Return the options that the parser reads from these arguments."""
    parser = argparse.ArgumentParser()
    cli.add_machine_commands(parser.add_subparsers())
    return parser.parse_args(["machine", *arguments])


@pytest.mark.parametrize("verb", ["start", "stop", "rm", "upgrade", "status", "env", "ip", "ssh"])
def test_the_default_machine(verb: str) -> None:
    """Each verb for one machine takes a name; without one it uses the machine `default`."""
    assert parsed(verb).name == "default"
    assert parsed(verb, "second").name == "second"


def test_start_takes_sizes_and_shares() -> None:
    """`start` takes memory, disk, CPU and any number of shared folders."""
    options = parsed("start", "one", "--memory", "512", "--disk", "9", "--cpu", "1", "--share", "a", "--share", "b")
    assert (options.memory, options.disk, options.cpu, options.share) == (512, 9, 1, ["a", "b"])


def test_export_writes_programs() -> None:
    """A bundle has the programs of a machine, unless `--no-programs` leaves them out."""
    assert parsed("export", "class.drydock").programs
    assert not parsed("export", "--no-programs", "class.drydock").programs


def test_arguments_after_the_name_are_the_command() -> None:
    """`ssh NAME COMMAND` passes the command's own options on."""
    assert parsed("ssh", "one", "ls", "-l", "--all").command == ["ls", "-l", "--all"]


@pytest.mark.parametrize(
    "arguments",
    [(), ("fly",), ("start", "one", "two"), ("start", "--memory", "much"), ("scp",), ("build", "--kernel", "none")],
)
def test_invalid_arguments(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    """For invalid arguments the usage is printed, and the exit code is 2."""
    with pytest.raises(SystemExit, match="2"):
        parsed(*arguments)
    assert "usage:" in capsys.readouterr().err


def verbs(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield all parsers of subcommands, at any level."""
    for action in parser._actions:
        for inner in (action.choices or {}).values() if isinstance(action, argparse._SubParsersAction) else ():
            yield inner
            yield from verbs(inner)


def test_each_verb_names_its_function() -> None:
    """Each verb names a function of its own that can be imported."""
    parser = argparse.ArgumentParser()
    cli.add_machine_commands(parser.add_subparsers())
    names = [name for inner in verbs(parser) if (name := inner.get_default("run"))]
    assert len(names) == len(set(names)) == 13
    assert all(callable(pkgutil.resolve_name(name)) for name in names)


def test_choices_of_kernel() -> None:
    """The choices of ``--kernel`` are the kernel sources."""
    assert sorted(kernel_source.SOURCES) == list(cli.KERNELS)

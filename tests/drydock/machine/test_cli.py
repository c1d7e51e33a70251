"""The command line of ``drydock machine``."""

from __future__ import annotations

import argparse
import pkgutil
from collections.abc import Iterator, Sequence

import pytest

from drydock.machine import cli
from drydock.machine.artifacts import kernel_source


def parsed(*words: str) -> argparse.Namespace:
    """What the parser makes of a command line."""
    parser = argparse.ArgumentParser()
    cli.add_machine_commands(parser.add_subparsers())
    return parser.parse_args(["machine", *words])


@pytest.mark.parametrize("verb", ["start", "stop", "rm", "upgrade", "status", "env", "ip", "ssh"])
def test_who_names_none_means_default(verb: str) -> None:
    """Each verb about one machine takes a name, and means `default` without one."""
    assert parsed(verb).name == "default"
    assert parsed(verb, "second").name == "second"


def test_start_takes_sizes_and_shares() -> None:
    """Memory, disk, CPU and any number of shares."""
    options = parsed("start", "one", "--memory", "512", "--disk", "9", "--cpu", "1", "--share", "a", "--share", "b")
    assert (options.memory, options.disk, options.cpu, options.share) == (512, 9, 1, ["a", "b"])


def test_what_follows_a_name_is_the_command() -> None:
    """`ssh NAME COMMAND` passes the command's own options on."""
    assert parsed("ssh", "one", "ls", "-l", "--all").command == ["ls", "-l", "--all"]


@pytest.mark.parametrize(
    "words",
    [(), ("fly",), ("start", "one", "two"), ("start", "--memory", "much"), ("scp",), ("build", "--kernel", "none")],
)
def test_what_is_no_command(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A word it doesn't know is answered with the usage."""
    with pytest.raises(SystemExit, match="2"):
        parsed(*words)
    assert "usage:" in capsys.readouterr().err


def verbs(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every parser below a parser that runs something."""
    for action in parser._actions:
        for inner in (action.choices or {}).values() if isinstance(action, argparse._SubParsersAction) else ():
            yield inner
            yield from verbs(inner)


def test_each_verb_names_its_function() -> None:
    """The parser knows functions by name only, and each name is a function's."""
    parser = argparse.ArgumentParser()
    cli.add_machine_commands(parser.add_subparsers())
    names = [name for inner in verbs(parser) if (name := inner.get_default("run"))]
    assert len(names) == len(set(names)) == 13
    assert all(callable(pkgutil.resolve_name(name)) for name in names)


def test_each_kernel_can_be_named() -> None:
    """The choices of ``--kernel`` are the sources that there are."""
    assert sorted(kernel_source.SOURCES) == list(cli.KERNELS)

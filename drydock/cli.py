"""The command ``drydock``: each subcommand is a thin layer over a part of the package."""

from __future__ import annotations

import argparse
import pkgutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from drydock.core import platform
from drydock.errors import DrydockError

#: The choices of :data:`drydock.engine.discovery.CHOICES`; a test compares.
ENGINES = ("host", "machine")
_ABOUT = "A Docker course you can run anywhere. `drydock lab` opens it; `drydock doctor` looks what is wrong."


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; a :class:`~drydock.errors.DrydockError` is printed as its message, without a traceback."""
    if words is None:  # a program of its own: told to end, it cleans up behind it, as after Ctrl-C
        signal.signal(signal.SIGTERM, _leave)
    given = list(sys.argv[1:] if words is None else words)
    given, extra = _split(given)
    options = _parser().parse_args(given)
    options.extra = extra
    try:
        return int(pkgutil.resolve_name(options.run)(options))
    except DrydockError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, and what comes after ``--`` and is for Jupyter."""
    if words[:1] != ["lab"] or "--" not in words:
        return words, []
    place = words.index("--")
    return words[:place], words[place + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="drydock", description=_ABOUT)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_lab(commands)
    _add_doctor(commands)
    if platform.is_possible():
        from drydock.machine.cli import add_machine_commands

        add_machine_commands(commands)
    _add_images(commands)
    _add_submit(commands)
    _add_clean(commands)
    return parser


def _add_lab(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "open JupyterLab on the course, with a Docker behind it"
    parser = commands.add_parser("lab", help=help, description=help, epilog="What follows -- goes to jupyter lab.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: this folder")
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    parser.add_argument("--port", type=int, metavar="N", help="the port JupyterLab listens on")
    parser.set_defaults(run="drydock.commands:open_lab")


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "is there a Docker here? Runs a container, and tells why each place was taken or declined"
    parser = commands.add_parser("doctor", help=help, description=help)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--engine", choices=ENGINES, help="look at this kind of engine only")
    parser.set_defaults(run="drydock.commands:run_doctor")


def _add_images(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "the images the course uses, in the Docker that is found here"
    parser = commands.add_parser("images", help=help, description=help)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    making = verbs.add_parser("build", help="build those that are missing or outdated; nothing is pulled")
    making.add_argument("names", nargs="*", metavar="NAME", help="default: all of them")
    making.set_defaults(run="drydock.commands:build_images")
    verbs.add_parser("ls", help="list them").set_defaults(run="drydock.commands:list_images")


def _add_submit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "make one zip of your work on an assignment, to be handed in; tells when something is missing"
    parser = commands.add_parser("submit", help=help, description=help)
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="the name of its notebook, such as service")
    parser.add_argument("--student", metavar="NAME", help="who you are, as your course knows you")
    parser.set_defaults(run="drydock.commands:make_zip")


def _add_clean(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "remove the containers, networks and volumes that Drydock and its lessons made, and nothing else"
    parser = commands.add_parser("clean", help=help, description=help)
    parser.add_argument("--yes", action="store_true", help="don't ask first")
    parser.set_defaults(run="drydock.commands:remove_leftovers")


if __name__ == "__main__":
    raise SystemExit(main())

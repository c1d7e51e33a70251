"""The command line of ``drydock``. The function of a command is imported when it is called."""

from __future__ import annotations

import argparse
import pkgutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from drydock.core import cli_errors, platform

#: A copy of :data:`drydock.engine.discovery.ENGINE_KINDS`, which takes long to import; a test compares them.
ENGINES = ("host", "machine")
_COURSE_HELP = "the folder that gets the course (default: the course you are in, else ./drydock-course)"
_ABOUT = "A Docker course that runs anywhere. `drydock lab` opens it; `drydock doctor` finds out what is wrong."


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; an error that a person can act on is printed without a traceback.

    Nor is there one for a closed pipe, such as that of ``head``.
    """
    if words is None:  # as a program: SIGTERM cleans up, as Ctrl-C does
        signal.signal(signal.SIGTERM, _exit)
    own, extra = _split(list(sys.argv[1:] if words is None else words))
    options = _parser().parse_args(own)
    options.extra = extra
    cli_errors.use_any_encoding()
    return cli_errors.exit_code(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    try:
        return int(pkgutil.resolve_name(options.run)(options))
    except Exception as error:
        message = cli_errors.explained(error)
        if message is None:
            raise
        print(message, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _exit(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Return our own arguments, and those after ``--``, which are for Jupyter."""
    if words[:1] != ["lab"] or "--" not in words:
        return words, []
    place = words.index("--")
    return words[:place], words[place + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="drydock", description=_ABOUT)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_lab(commands)
    _add_course(commands)
    _add_progress(commands)
    _add_doctor(commands)
    if platform.supports_machines():
        from drydock.machine.cli import add_machine_commands

        add_machine_commands(commands)
    _add_images(commands)
    _add_submit(commands)
    _add_clean(commands)
    return parser


def _add_lab(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "open JupyterLab on the course, with a Docker engine for the lessons"
    parser = commands.add_parser(
        "lab", help=help, description=help, epilog="Arguments after -- are passed on to jupyter lab."
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="open this folder as it is")
    where.add_argument("--course", type=Path, metavar="DIR", help=_COURSE_HELP)
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    parser.add_argument("--port", type=int, metavar="N", help="the port JupyterLab listens on")
    parser.add_argument("--instructor", action="store_true", help="with nbgrader's tools for teachers")
    parser.set_defaults(run="drydock.commands:open_lab")


def _add_course(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "add the lessons and assignments to a folder, or bring them up to date; what you changed stays"
    parser = commands.add_parser("course", help=help, description=help)
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help=_COURSE_HELP)
    parser.set_defaults(run="drydock.commands:add_course")


def _add_progress(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "print which exercises of the lessons you have done"
    parser = commands.add_parser("progress", help=help, description=help)
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="the folder with the course")
    parser.set_defaults(run="drydock.commands:show_progress")


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "look for a Docker engine, run a container in it, and print why each place was used or not"
    parser = commands.add_parser("doctor", help=help, description=help)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--engine", choices=ENGINES, help="look for this kind of engine only")
    parser.set_defaults(run="drydock.commands:run_doctor")


def _add_images(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "list or build the course's images in the Docker engine that is found"
    parser = commands.add_parser("images", help=help, description=help)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    making = verbs.add_parser("build", help="build the missing and outdated ones; nothing is pulled")
    making.add_argument("names", nargs="*", metavar="NAME", help="default: all of them")
    making.set_defaults(run="drydock.commands:build_images")
    verbs.add_parser("ls", help="list them").set_defaults(run="drydock.commands:list_images")


def _add_submit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "pack your work on an assignment into a zip to submit, after checking that nothing is missing"
    parser = commands.add_parser("submit", help=help, description=help)
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="the name of its notebook, such as service")
    parser.add_argument("--student", metavar="NAME", help="your name, as your course knows you")
    parser.set_defaults(run="drydock.commands:make_zip")


def _add_clean(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "remove the containers, networks and volumes that Drydock and its lessons created, and nothing else"
    parser = commands.add_parser("clean", help=help, description=help)
    parser.add_argument("--yes", action="store_true", help="don't ask first")
    parser.set_defaults(run="drydock.commands:remove_leftovers")


if __name__ == "__main__":
    raise SystemExit(main())

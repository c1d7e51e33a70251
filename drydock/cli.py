"""The command ``drydock``: each subcommand is a thin layer over a part of the package."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.console import Console
from rich.table import Table

from drydock import images, lab, submit
from drydock.core import platform
from drydock.engine import clean, discovery, doctor
from drydock.errors import DrydockError

_out = Console(highlight=False)
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
        return int(options.run(options))
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
    parser.set_defaults(run=_lab)


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "is there a Docker here? Runs a container, and tells why each place was taken or declined"
    parser = commands.add_parser("doctor", help=help, description=help)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--engine", choices=discovery.CHOICES, help="look at this kind of engine only")
    parser.set_defaults(run=_doctor)


def _add_images(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "the images the course uses, in the Docker that is found here"
    parser = commands.add_parser("images", help=help, description=help)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    making = verbs.add_parser("build", help="build those that are missing or outdated; nothing is pulled")
    making.add_argument("names", nargs="*", metavar="NAME", help="default: all of them")
    making.set_defaults(run=_build_images)
    verbs.add_parser("ls", help="list them").set_defaults(run=_list_images)


def _add_submit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "make one zip of your work on an assignment, to be handed in; tells when something is missing"
    parser = commands.add_parser("submit", help=help, description=help)
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="the name of its notebook, such as service")
    parser.add_argument("--student", metavar="NAME", help="who you are, as your course knows you")
    parser.set_defaults(run=_submit)


def _add_clean(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    help = "remove the containers, networks and volumes that Drydock and its lessons made, and nothing else"
    parser = commands.add_parser("clean", help=help, description=help)
    parser.add_argument("--yes", action="store_true", help="don't ask first")
    parser.set_defaults(run=_clean)


def _lab(options: argparse.Namespace) -> int:
    return lab.lab(options.folder, browser=not options.no_browser, port=options.port, extra=options.extra)


def _doctor(options: argparse.Namespace) -> int:
    report = doctor.examine(options.engine)
    if options.json:
        print(json.dumps(report.as_json()))
    else:
        _show(report)
    return 0 if report.ok else 1


def _show(report: doctor.Report) -> None:
    _out.print(f"This computer is {platform.describe()}.", markup=False)
    if not platform.is_possible():
        _out.print(f"Note: {platform.WHERE}.", markup=False)
    table = Table("", "asked", "answer", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for one in report.candidates:
        sign = "taken" if one.name == report.taken else "spare" if one.usable and report.taken else "declined"
        table.add_row(sign, one.name, one.reason)
    _out.print(table)
    if report.engine:
        _out.print(report.engine, markup=False)
    if report.trouble:
        _out.print(str(report.trouble), markup=False)
    else:
        _out.print(f"A container ran in {report.seconds} s. All is well.", markup=False)


def _build_images(options: argparse.Namespace) -> int:
    with closing(discovery.find().client()) as client:
        built = images.build(client, options.names or None)
    _out.print(f"Built: {', '.join(image.tag for image in built)}" if built else "All of them are there.", markup=False)
    return 0


def _list_images(options: argparse.Namespace) -> int:
    table = Table("image", "size", "state", box=None, pad_edge=False)
    with closing(discovery.find().client()) as client:
        for one in images.ls(client):
            state = "missing" if one.size is None else "current" if one.current else "outdated"
            table.add_row(one.image.tag, "-" if one.size is None else f"{one.size / 1e6:.0f} MB", state)
    _out.print(table)
    return 0


def _submit(options: argparse.Namespace) -> int:
    here = Path.cwd()
    made = submit.submit(options.assignment, where=here, student=options.student)
    _out.print(submit.tell(made, here), markup=False, soft_wrap=True)
    return 0


def _clean(options: argparse.Namespace) -> int:
    with closing(discovery.find().client()) as client:
        things = clean.find(client)
        for thing in things:
            _out.print(f"{thing.kind:>10}  {thing.name}  {thing.detail}", markup=False)
        if not things:
            _out.print("There is nothing of Drydock's here.", markup=False)
            return 0
        if not options.yes and not _agreed(f"Remove these {len(things)}?"):
            _out.print("Nothing was removed.", markup=False)
            return 1
        stayed = clean.remove(things)
    for thing, why in stayed:
        _out.print(f"{thing.kind} {thing.name} stayed: {why}", markup=False)
    _out.print(f"Removed {len(things) - len(stayed)}.", markup=False)
    return 1 if stayed else 0


def _agreed(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


if __name__ == "__main__":
    raise SystemExit(main())

"""What each command of ``drydock`` does: a function of the parsed options that returns the exit code."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table

from drydock import images, lab, submit
from drydock.core import platform
from drydock.engine import clean, discovery, doctor

_out = Console(highlight=False)


def open_lab(options: argparse.Namespace) -> int:
    """Open JupyterLab."""
    return lab.lab(options.folder, browser=not options.no_browser, port=options.port, extra=options.extra)


def run_doctor(options: argparse.Namespace) -> int:
    """Print what was asked for a Docker and what each answered; 0 when a container ran."""
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


def build_images(options: argparse.Namespace) -> int:
    """Build the images that the daemon lacks."""
    with closing(discovery.find().client()) as client:
        built = images.build(client, options.names or None)
    _out.print(f"Built: {', '.join(image.tag for image in built)}" if built else "All of them are there.", markup=False)
    return 0


def list_images(options: argparse.Namespace) -> int:
    """Print a table of the course's images."""
    table = Table("image", "size", "state", box=None, pad_edge=False)
    with closing(discovery.find().client()) as client:
        for one in images.ls(client):
            state = "missing" if one.size is None else "current" if one.current else "outdated"
            table.add_row(one.image.tag, "-" if one.size is None else f"{one.size / 1e6:.0f} MB", state)
    _out.print(table)
    return 0


def make_zip(options: argparse.Namespace) -> int:
    """Make the zip of a student's work."""
    here = Path.cwd()
    made = submit.submit(options.assignment, where=here, student=options.student)
    _out.print(submit.tell(made, here), markup=False, soft_wrap=True)
    return 0


def remove_leftovers(options: argparse.Namespace) -> int:
    """Remove what carries Drydock's label, after asking; 1 when something stays."""
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

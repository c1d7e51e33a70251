"""The command line of ``autograder``. The function of a command is imported when it is called."""

from __future__ import annotations

import argparse
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

from drydock.core import cli_errors
from drydock.core.progress import console, print_line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 when all went well, 1 when it didn't, 2 for a wrong command line.

    A closed pipe, such as that of ``head``, ends it without a message.
    """
    parsed = _parser().parse_args(arguments)
    cli_errors.use_any_encoding()
    return cli_errors.exit_code(lambda: _run(parsed))


def _run(parsed: argparse.Namespace) -> int:
    try:
        return int(pkgutil.resolve_name(parsed.run)(parsed))
    except Exception as error:
        message = cli_errors.explained(error)
        if message is None:
            raise
        console().print(str(message), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        print_line("Stopped. What was graded so far is kept, and not run again next time.")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Grade Docker work by what it does.")
    parser.add_argument("--course", type=Path, default=Path(), metavar="DIR", help="where nbgrader_config.py is (here)")
    commands = parser.add_subparsers(dest="command", required=True)
    grade = commands.add_parser("grade", help="grade what was submitted")
    grade.add_argument("--student", action="append", default=[], metavar="NAME", help="only this one; may be repeated")
    grade.add_argument("--workers", type=_positive, metavar="N", help="how many to grade at once (as many as fit here)")
    grade.add_argument("--scheduler", metavar="ADDRESS", help="grade on a Dask cluster: tls://host:port or tcp://…")
    grade.add_argument("--tls", type=Path, metavar="DIR", help="folder of ca.pem, cert.pem and key.pem for the cluster")
    grade.add_argument("--regrade", action="store_true", help="grade again what was graded already")
    grade.add_argument("--preview", action="store_true", help="show whose score would change, and write nothing")
    grade.add_argument("--no-isolation", action="store_true", help="grade even if nothing keeps hostile work in")
    grade.add_argument("--json", type=Path, metavar="FILE", help="also write the verdicts to this file")
    report = commands.add_parser("report", help="points per check over the class, as a table and a picture")
    report.add_argument("--csv", type=Path, metavar="FILE", help="also write a line for each student to this file")
    report.add_argument("--json", type=Path, metavar="FILE", help="also write all of it to this file")
    report.add_argument("--moodle", type=Path, metavar="FILE", help="also write the grades as Moodle imports them")
    report.add_argument("--canvas", type=Path, metavar="FILE", help="also write the grades as Canvas imports them")
    extend = commands.add_parser("extend", help="give one student more time than the due date")
    similar = commands.add_parser("similar", help="pairs of submissions with similar answers")
    similar.add_argument(
        "--least", type=float, default=80, metavar="PERCENT", help="how similar they are at least (80)"
    )
    isolation = commands.add_parser("doctor", help="how submissions can be isolated on this computer")
    isolation.add_argument("--json", action="store_true", help="as JSON")
    release = commands.add_parser("release", help="make the student versions of assignments")
    for command in (grade, report, extend, similar):
        command.add_argument("assignment")
    extend.add_argument("name", metavar="STUDENT")
    extend.add_argument("--days", type=float, default=0, metavar="N", help="so many days beyond the due date")
    extend.add_argument("--hours", type=float, default=0, metavar="N", help="so many hours; 0 takes an extension back")
    release.add_argument("assignment", nargs="+")
    for command in (grade, report, extend, similar, release):
        command.add_argument("--db", metavar="URL", help="another gradebook, such as postgresql+psycopg://…")
    for name, command in commands.choices.items():
        module = "class_commands" if name in ("report", "extend", "similar") else "commands"
        command.set_defaults(run=f"autograder.{module}:{name}")
    return parser


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one")
    return number


if __name__ == "__main__":
    sys.exit(main())

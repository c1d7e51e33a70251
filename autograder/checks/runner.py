"""Runs checks in order: needs first, a second look for what may be flapping, and no blame for a broken checker."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from tarfile import TarError

from docker.errors import NotFound
from requests import TooManyRedirects

from autograder.checks.api import Check, Failed
from autograder.checks.context import CheckContext
from autograder.errors import TooLarge, TooManyFiles
from autograder.execution.container_errors import ContainerEnded
from autograder.verdict import Result

_log = logging.getLogger(__name__)

_PAUSE = 0.5
#: What a check meets only where the submission has removed something, or has changed the daemon itself.
_THEIRS = (NotFound, ContainerEnded, TooLarge, TooManyFiles, TarError, TooManyRedirects)


def run(checks: Iterable[Check], context: CheckContext) -> list[Result]:
    """Run checks in the order given and return their results; a check comes after those it needs."""
    results: dict[str, Result] = {}
    for check in checks:
        results[check.id] = _skipped(check, results) or _with_patience(check, context)
    return list(results.values())


def run_one(check: Check, context: CheckContext) -> Result:
    """Run one check, after those it needs, and return its result."""
    return run(_with_needs(check), context)[-1]


def not_run(checks: Iterable[Check]) -> list[Result]:
    """Return results without a point for checks that have nothing to look at."""
    return [Result(check.id, check.line, check.points, "skipped", "Not looked at.") for check in checks]


def _with_needs(check: Check) -> list[Check]:
    before = [earlier for need in check.needs for earlier in _with_needs(need)]
    return [*dict.fromkeys(before), check]


def _skipped(check: Check, results: Mapping[str, Result]) -> Result | None:
    for need in check.needs:
        if results[need.id].state != "passed":
            reason = f"Not looked at, since `{need.id}` did not pass."
            return Result(check.id, check.line, check.points, "skipped", reason)
    return None


def _with_patience(check: Check, context: CheckContext) -> Result:
    """Run a check until it passes or its patience ends, and at least twice."""
    deadline = time.monotonic() + check.patience
    result = _look(check, context)
    while result.state == "failed":
        late = time.monotonic() >= deadline
        time.sleep(_PAUSE)
        result = _look(check, context)
        if late:
            break
    return result


def _look(check: Check, context: CheckContext) -> Result:
    try:
        check.look(context)
    except Failed as failed:
        return Result(check.id, check.line, check.points, "failed", failed.reason, failed.hint)
    except _THEIRS as error:
        return Result(check.id, check.line, check.points, "failed", *_about_theirs(error))
    except Exception:
        _log.exception("the check %s broke", check.id)
        reason = "The check itself broke. That is not your fault and costs you nothing."
        return Result(check.id, check.line, check.points, "error", reason)
    return Result(check.id, check.line, check.points, "passed")


def _about_theirs(error: Exception) -> tuple[str, str]:
    """Return reason and hint for what the daemon reports of something that the student made."""
    changed = "Does something in the notebook change it afterwards?"
    match error:
        case ContainerEnded():
            hint = "Does it end, or start again and again? `docker logs` prints why."
            return "A container of it did not run any more.", hint
        case TooLarge() | TooManyFiles():
            return error.what, changed
        case TarError():
            return "What Docker sent is no archive.", changed
        case TooManyRedirects():
            return "Docker answered with a redirect to another address.", changed
        case _:
            return "It was there, and then it was gone.", changed

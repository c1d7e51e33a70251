"""Runs checks in order: needs first, a second look for what may be flapping, and no blame for a broken checker."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping

from docker.errors import NotFound

from autograder.checks.api import Check, Failed
from autograder.checks.context import CheckContext
from autograder.errors import TooLarge
from autograder.verdict import Result

_log = logging.getLogger(__name__)

_PAUSE = 0.5


def run(checks: Iterable[Check], ground: CheckContext) -> list[Result]:
    """What each check saw, in the order given; a check comes after those it needs."""
    results: dict[str, Result] = {}
    for one in checks:
        results[one.id] = _skipped(one, results) or _patiently(one, ground)
    return list(results.values())


def run_one(one: Check, ground: CheckContext) -> Result:
    """What one check saw, after those it needs."""
    return run(_with_needs(one), ground)[-1]


def none_looked_at(checks: Iterable[Check]) -> list[Result]:
    """No points for anything: there was nothing to look at."""
    return [Result(one.id, one.line, one.points, "skipped", "Not looked at.") for one in checks]


def _with_needs(one: Check) -> list[Check]:
    before = [earlier for need in one.needs for earlier in _with_needs(need)]
    return [*dict.fromkeys(before), one]


def _skipped(one: Check, results: Mapping[str, Result]) -> Result | None:
    for need in one.needs:
        if results[need.id].state != "passed":
            reason = f"Not looked at, since `{need.id}` did not pass."
            return Result(one.id, one.line, one.points, "skipped", reason)
    return None


def _patiently(one: Check, ground: CheckContext) -> Result:
    """Look until it passes or patience ends, and at least twice."""
    deadline = time.monotonic() + one.patience
    result = _look(one, ground)
    while result.state == "failed":
        late = time.monotonic() >= deadline
        time.sleep(_PAUSE)
        result = _look(one, ground)
        if late:
            break
    return result


def _look(one: Check, ground: CheckContext) -> Result:
    try:
        one.look(ground)
    except Failed as failed:
        return Result(one.id, one.line, one.points, "failed", failed.reason, failed.hint)
    except (NotFound, TooLarge) as error:
        # Both are the daemon's own words about what the student made: gone meanwhile, or absurdly big.
        reason = error.what if isinstance(error, TooLarge) else "It was there, and then it was gone."
        hint = "Does something in the notebook change it afterwards?"
        return Result(one.id, one.line, one.points, "failed", reason, hint)
    except Exception:
        _log.exception("the check %s broke", one.id)
        reason = "The check itself broke. That is not your fault and costs you nothing."
        return Result(one.id, one.line, one.points, "error", reason)
    return Result(one.id, one.line, one.points, "passed")

"""What happens when something fails: hanging processes, crashes, load, new containers."""

from __future__ import annotations

from docker.models.containers import Container

from autograder.checks.api import Failed, check
from autograder.checks.context import CheckContext
from autograder.probes import health
from autograder.probes.compose import comes_back, crash, find, name_of, renew, start_again, started_at
from autograder.probes.load import LoadGenerator, Outcome
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

from . import ledger_client
from .ledger_client import Ledger
from .running_checks import PARTS, running, stores

REQUESTS, AT_ONCE, RETRIES = 200, 20, 200
_MINUTE = 60
#: How long a check waits for the same result again on a busy computer; seconds.
_AGAIN = 20


@check(points=2, needs=[running])
def healthy(context: CheckContext) -> None:
    """Each container is healthy within a minute of its start, and its health check fails while its processes hang."""
    stack = find(context, PARTS)
    for container in stack.all:
        if not health.command(container):
            raise Failed(
                f"`{name_of(container)}` has no health check.",
                hint="It is a command that runs in the container. Search for `healthcheck`.",
            )
    for container in stack.all:
        _wait_until_healthy(context, container)
    for container in health.blind(context, stack.all):
        raise Failed(
            f"All processes of `{name_of(container)}` were stopped for some seconds, and its health check succeeded.",
            hint="The command has to send a request and wait for the answer. Search for `SIGSTOP` to try it yourself.",
        )


@check(points=2, needs=[stores])
def killed(context: CheckContext) -> None:
    """When the database is killed, it starts again by itself, and the ledger has every entry."""
    parts, berth, ship = find(context, PARTS).parts, ledger_client.word(), ledger_client.word()
    book = Ledger(context, parts["front"])
    book.note(berth, ship)
    for container in parts["database"]:
        before = started_at(container)
        if not _stays_down(container):  # else nothing would start it again, so it isn't killed
            crash(context, container)
        if _stays_down(container) or not comes_back(container, before):
            start_again(container)
            raise Failed(
                f"`{name_of(container)}` doesn't start again after a crash. Its restart policy is "
                f"`{_policy(container)}`.",
                hint="A restart policy is chosen when the container is created. Search for `restart`.",
            )
    book.wait_for(berth, ship, "the database was killed")


@check(points=2, needs=[stores])
def load(context: CheckContext) -> None:
    """When the app is killed amid 200 requests, 20 at a time, all get the right answer with at most 200 retries."""
    parts = find(context, PARTS).parts
    app, book = parts["app"], Ledger(context, parts["front"])
    if len(app) == 1 and _stays_down(app[0]):
        raise Failed(
            f"`{name_of(app[0])}` would not start again after a crash. Its restart policy is `{_policy(app[0])}`.",
            hint="A restart policy is chosen when the container is created. Search for `restart`.",
        )
    known, new = ledger_client.entries(AT_ONCE), ledger_client.entries(REQUESTS // 2)
    for berth, ship in known.items():
        book.note(berth, ship)
    before = started_at(app[0])
    generator = LoadGenerator(context, book.port, at_once=AT_ONCE, seconds=ledger_client.BACK)
    requests = ledger_client.requests(known, new)
    outcome = generator.ask(requests, REQUESTS // 4, lambda: crash(context, app[0]), look=requests[1])
    if not comes_back(app[0], before):
        if started_at(app[0]):
            raise Failed(
                f"`{name_of(app[0])}` could not be killed.",
                hint="Does another program start it again? Search for `restart`.",
            )
        start_again(app[0])
    _judge(outcome)
    everything = book.fetch().text
    lost = [berth for berth, ship in new.items() if f"{berth}\t{ship}\n" not in everything]
    if lost:
        raise Failed(
            f"{len(lost)} entries were answered with status 200 and are not in the ledger.",
            hint="Which program answers 200 while the app is away? Search for `error_page`.",
        )


@check(points=2, needs=[stores])
def renewed(context: CheckContext) -> None:
    """When all three containers are removed and created again, the ledger has every entry."""
    stack, berth, ship = find(context, PARTS), ledger_client.word(), ledger_client.word()
    book = Ledger(context, stack.parts["front"])
    book.note(berth, ship)
    renew(context, stack)
    book.wait_for(berth, ship, "the containers were removed and created again")


def _wait_until_healthy(context: CheckContext, container: Container) -> None:
    left = _MINUTE - health.age(context, container).total_seconds()
    try:
        wait_for(lambda: health.status(container) == "healthy", "health", seconds=max(_AGAIN, left), every=0.3)
    except TimedOut:
        raise Failed(
            f"A minute after its start, `{name_of(container)}` is {health.status(container)}. "
            f"The last output of its health check: {health.last_words(container)!r}",
            hint="Try the command with `docker exec`. How often does Docker run it? Search for `interval`.",
        ) from None


def _policy(container: Container) -> str:
    return container.attrs["HostConfig"].get("RestartPolicy", {}).get("Name") or "no"


def _stays_down(container: Container) -> bool:
    return _policy(container) == "no"


def _judge(outcome: Outcome) -> None:
    if outcome.wrong:
        request, answer = outcome.wrong[0]
        raise Failed(
            f"{len(outcome.wrong)} answers were wrong. The answer to {request.method} {request.path} had status "
            f"{answer.status} and {answer.text[:60]!r}.",
            hint="A client asks again when it gets status 502, 503 or 504. Search for `error_page`.",
        )
    if outcome.unanswered:
        raise Failed(
            f"{len(outcome.unanswered)} of {REQUESTS} requests were not answered within {ledger_client.BACK} seconds.",
            hint="Does the app start again, and does nginx find it again? Search for `restart` and `proxy_pass`.",
        )
    if outcome.retries > RETRIES:
        raise Failed(
            f"It took {outcome.retries} retries until all {REQUESTS} requests were answered.",
            hint="How long is the app away? Search for `replicas` to have more than one.",
        )

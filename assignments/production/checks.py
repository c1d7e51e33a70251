"""Run a production service on your laptop: a front, an app and a database that keep their promises under strain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docker.models.containers import Container

from autograder.checks.api import Failed, check
from autograder.checks.assignment import Assignment
from autograder.checks.context import CheckContext
from autograder.execution.kernel_container import Limits
from autograder.probes import database, health
from autograder.probes.compose import Stack, addresses, bindings, comes_back, crash, find, processes, renew, started_at
from autograder.probes.load import LoadGenerator, Outcome
from autograder.probes.logs import last_said
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

from . import ledger_client, scram
from .ledger_client import Ledger

PARTS = ("database", "app", "front")
PORT = ledger_client.PORT
REQUESTS, AT_ONCE, RETRIES = 200, 20, 200
_MEMORY, _PROCESSES, _LOG = 256 << 20, 200, 5 << 20
_SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_MINUTE = 60
#: How long a check waits for the same result again on a busy computer; seconds.
_AGAIN = 20
_PASSWORDS = "SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL"


@check(points=1, patience=5)
def running(context: CheckContext) -> None:
    """`front`, `app` and `database` are running, and still are two seconds later."""
    stack = find(context, PARTS)
    before = {one.name: started_at(one) for one in stack.all}
    for one in stack.all:
        if before[one.name] is None:
            raise Failed(f"`{one.name}` is {one.status}. {last_said(one)}", hint="`docker logs` says why.")
    if not context.holds(lambda: {one.name: started_at(one) for one in stack.all} == before, seconds=2):
        raise Failed(
            "Within two seconds, one of them ended or was started again.",
            hint="A restart policy hides a program that keeps failing. Read the logs.",
        )


@check(points=2, needs=[running], patience=6)
def stores(context: CheckContext) -> None:
    """What is noted at the front is in the database, and is read just as it was written."""
    parts = find(context, PARTS).parts
    book, berth = Ledger(context, parts["front"]), ledger_client.word()
    ship = f"{ledger_client.word()} 'O\"\\;%s\n<ü> {'x' * 4000} {ledger_client.word()}"
    book.note(berth, ship)
    answer = book.fetch(berth)
    if (answer.status, answer.text) != (200, ship):
        raise Failed(
            f"A ship with a long and odd name was noted, and came back as {answer.text[:60]!r} ({answer.status}).",
            hint="Does the front change what goes through it?",
        )
    dump = f"pg_dumpall --data-only 2>&1 | grep -o -e {berth} -e '^pg_dumpall.*' | head -n 1"
    said = [database.said(context, one, dump) for one in parts["database"]]
    if not any(berth in words for words in said):
        raise Failed(
            f"The ledger knows what was noted, and the database doesn't. {' '.join(said)[:200]}".strip(),
            hint="Where does the app store it? Variables name its database.",
        )


@check(points=1, needs=[running])
def published(context: CheckContext) -> None:
    """Only the front is published: on port 8082 of 127.0.0.1."""
    stack = find(context, PARTS)
    seen = {binding for one in stack.parts["front"] for binding in bindings(one)}
    for one in (*stack.all, *stack.others):
        if one.attrs["HostConfig"].get("NetworkMode") == "host":
            raise Failed(f"`{one.name}` is in the computer's own network.", hint="There, all its ports are published.")
        if one not in stack.parts["front"] and bindings(one):
            raise Failed(
                f"`{one.name}` is published on {_listed(bindings(one))}.",
                hint="Containers in one network reach each other's ports; publishing is for those outside.",
            )
    if {port for _, port in seen} != {PORT} or {address for address, _ in seen} - {"127.0.0.1", "::1"}:
        raise Failed(
            f"The front is published on {_listed(seen)}.",
            hint="A port is published with an address and a port of this computer, and a port of the container.",
        )


@check(points=2, needs=[running])
def apart(context: CheckContext) -> None:
    """The app reaches the database; from where the front is, nobody does."""
    parts = find(context, PARTS).parts
    doors = [address for one in parts["database"] for address in addresses(one)]
    if not any(_gets_in(context, one, doors) for one in parts["app"]):
        raise Failed(
            "From where the app is, nothing answers on the database's port 5432.",
            hint="They need a network in common. Is the database ready?",
        )
    if any(_gets_in(context, one, doors) for one in parts["front"]):
        raise Failed(
            "The database's port 5432 is reachable from the front's network.",
            hint="A container can be in two networks. Which one of the three has to be?",
        )


@check(points=2, needs=[running])
def secret(context: CheckContext) -> None:
    """The database wants a password, and no setting of a container or an image shows it."""
    stack = find(context, PARTS)
    one = stack.parts["database"][0]
    door = next(iter(addresses(one)), "127.0.0.1")
    said = database.said(context, one, f"psql --no-password --host={door} --command='' 2>&1")
    if "no password supplied" not in said:
        raise Failed(
            f"Asked to open without a password, the database said: {said.strip()[-120:]!r}",
            hint="A client that can reach the database should still need a password.",
        )
    kept = database.said(context, one, f"psql --tuples-only --no-align --command='{_PASSWORDS}' 2>&1")
    verifiers = [found for line in kept.splitlines() if (found := scram.Verifier.read(line))]
    if not verifiers:
        raise Failed(
            f"None of its users has a password: {kept.strip()[-120:]!r}",
            hint="Look at the `POSTGRES_…` variables of the image: does the server start with a password at all?",
        )
    if teller := scram.teller(verifiers, _settings(context, stack)):
        raise Failed(
            f"`docker inspect` or `docker history` of {teller} shows the password.",
            hint="The database and the app can read it from a file. How does a file get into a container?",
        )


@check(points=1, needs=[running])
def limits(context: CheckContext) -> None:
    """Each may have at most 256 MB of memory, 200 processes and 5 MB of log."""
    for one in find(context, PARTS).all:
        settings = one.attrs["HostConfig"]
        memory, number = settings.get("Memory") or 0, settings.get("PidsLimit") or 0
        if not 0 < memory <= _MEMORY:
            seen = f"{memory >> 20} MB" if memory else "any amount"
            raise Failed(f"`{one.name}` may use {seen} of memory.", hint="`docker stats` shows how much it needs.")
        if not 0 < number <= _PROCESSES:
            seen = f"{number}" if number > 0 else "any number of"
            raise Failed(f"`{one.name}` may have {seen} processes.", hint="Their number has a limit of its own.")
        log = _log_limit(settings.get("LogConfig") or {})
        if not 0 < log <= _LOG:
            seen = f"{log >> 20} MB" if log else "any size, or is kept where `docker logs` can't read it"
            raise Failed(
                f"The log of `{one.name}` can grow to {seen}.",
                hint="The log driver has options: how large a file may be, and how many are kept.",
            )


@check(points=1, needs=[running])
def confined(context: CheckContext) -> None:
    """Nobody can write to their root file systems, and none of their processes is root's."""
    stack = find(context, PARTS)
    for one in stack.all:
        settings = one.attrs["HostConfig"]
        if settings.get("Privileged") or not settings.get("ReadonlyRootfs"):
            raise Failed(
                f"`{one.name}` may write to its root file system, or is privileged.",
                hint="What must be written has a place in a volume or a `tmpfs`; the rest can be read-only.",
            )
    found = processes(context, stack.all)
    for one in stack.all:
        users = {process.uid for process in found if process.container == one.id}
        if not users or 0 in users:
            raise Failed(
                f"A process of `{one.name}` is root's.", hint="Some images name another user; where not, you can."
            )


@check(points=2, needs=[running])
def healthy(context: CheckContext) -> None:
    """Docker calls all three healthy within a minute of their start, and their health checks notice when they hang."""
    stack = find(context, PARTS)
    for one in stack.all:
        if not health.command(one):
            raise Failed(f"`{one.name}` has no health check.", hint="It is a command that runs in the container.")
    for one in stack.all:
        _wait_until_healthy(context, one)
    for one in health.blind(context, stack.all):
        raise Failed(
            f"All processes of `{one.name}` were stopped for a moment, and its health check found nothing wrong.",
            hint="Only who asks a question and waits for the answer will know.",
        )


@check(points=2, needs=[stores])
def killed(context: CheckContext) -> None:
    """When the database is killed, it comes back by itself, and everything noted is there."""
    parts, berth, ship = find(context, PARTS).parts, ledger_client.word(), ledger_client.word()
    book = Ledger(context, parts["front"])
    book.note(berth, ship)
    for one in parts["database"]:
        before = started_at(one)
        if not _stays_down(one):  # else nothing would bring it back, so it is left in peace
            crash(context, one)
        if _stays_down(one) or not comes_back(one, before):
            one.start()
            raise Failed(
                f"`{one.name}` does not come back when it fails. Its restart policy is `{_policy(one)}`.",
                hint="A restart policy is chosen when the container is created.",
            )
    book.wait_for(berth, ship, "the database was killed")


@check(points=2, needs=[stores])
def load(context: CheckContext) -> None:
    """When the app is killed amid 200 requests, 20 at a time, all are answered rightly with at most 200 retries."""
    parts = find(context, PARTS).parts
    app, book = parts["app"], Ledger(context, parts["front"])
    if len(app) == 1 and _stays_down(app[0]):
        raise Failed(
            f"`{app[0].name}` would not come back when it fails. Its restart policy is `{_policy(app[0])}`.",
            hint="A restart policy is chosen when the container is created.",
        )
    known, new = ledger_client.entries(AT_ONCE), ledger_client.entries(REQUESTS // 2)
    for berth, ship in known.items():
        book.note(berth, ship)
    before = started_at(app[0])
    crowd = LoadGenerator(context, book.port, at_once=AT_ONCE, seconds=ledger_client.BACK)
    requests = ledger_client.requests(known, new)
    outcome = crowd.ask(requests, REQUESTS // 4, lambda: crash(context, app[0]), look=requests[1])
    if not comes_back(app[0], before):
        if started_at(app[0]):
            raise Failed(f"`{app[0].name}` could not be killed.", hint="Does something else start it again?")
        app[0].start()
    _judge(outcome)
    everything = book.fetch().text
    lost = [berth for berth, ship in new.items() if f"{berth}\t{ship}\n" not in everything]
    if lost:
        raise Failed(
            f"{len(lost)} ships were noted, said the answers, and are not in the ledger.",
            hint="Who says 200 while the app is away?",
        )


@check(points=2, needs=[stores])
def renewed(context: CheckContext) -> None:
    """When all containers are removed and made anew, everything noted is there."""
    stack, berth, ship = find(context, PARTS), ledger_client.word(), ledger_client.word()
    book = Ledger(context, stack.parts["front"])
    book.note(berth, ship)
    renew(context, stack)
    book.wait_for(berth, ship, "the containers were made anew")


def _listed(bindings: set[tuple[str, int]]) -> str:
    return ", ".join(f"{address}:{port}" for address, port in sorted(bindings)) or "no port at all"


def _gets_in(context: CheckContext, container: Container, doors: list[str]) -> bool:
    """Whether from where a container is, something answers on the database's port at one of these addresses."""
    tries = " || ".join(f"nc -w 2 {door} 5432 < /dev/null" for door in doors) or "false"
    return context.run(tries, network_mode=f"container:{container.id}")[0] == 0


def _wait_until_healthy(context: CheckContext, container: Container) -> None:
    left = _MINUTE - health.age(context, container).total_seconds()
    try:
        wait_for(lambda: health.status(container) == "healthy", "health", seconds=max(_AGAIN, left), every=0.3)
    except TimedOut:
        raise Failed(
            f"A minute after its start, Docker calls `{container.name}` {health.status(container)}. "
            f"Its health check last said: {health.last_words(container)!r}",
            hint="Try the command by hand, with `docker exec`. How often is it asked?",
        ) from None


def _log_limit(config: dict[str, Any]) -> int:
    """How many bytes a log can grow to; 0 when nobody knows, or it can't be read."""
    options = config.get("Config") or {}
    files = {"json-file": ("0", "1"), "local": ("20m", "5")}.get(config.get("Type", ""))
    if files is None:
        return 0
    found = re.fullmatch(r"(\d{1,12}) ?([kmg]?)b?", str(options.get("max-size", files[0])).lower())
    number = str(options.get("max-file", files[1]))
    return int(found[1]) * _SIZES[found[2]] * int(number) if found and number.isdigit() else 0


def _settings(context: CheckContext, stack: Stack) -> Iterator[tuple[str, Any]]:
    """Yield what Docker shows of every container, and of the image each was created from."""
    images = dict[str, str]()
    for one in (*stack.all, *stack.others):
        images.setdefault(one.attrs["Image"], one.attrs["Config"]["Image"])
        yield f"the container `{one.name}`", one.attrs
    for number, tag in images.items():
        image = context.docker.images.get(number)
        yield f"the image `{tag}`", [image.attrs, image.history()]


def _policy(container: Container) -> str:
    return container.attrs["HostConfig"].get("RestartPolicy", {}).get("Name") or "no"


def _stays_down(container: Container) -> bool:
    return _policy(container) == "no"


def _judge(outcome: Outcome) -> None:
    if outcome.wrong:
        request, answer = outcome.wrong[0]
        raise Failed(
            f"{len(outcome.wrong)} answers were wrong. {request.method} {request.path} was answered with status "
            f"{answer.status} and {answer.text[:60]!r}.",
            hint="No answer is better than a wrong one: a client without an answer asks again.",
        )
    if outcome.unanswered:
        raise Failed(
            f"{len(outcome.unanswered)} of {REQUESTS} requests were not answered within {ledger_client.BACK} seconds.",
            hint="Does the app come back, and does the front find it again?",
        )
    if outcome.retries > RETRIES:
        raise Failed(
            f"It took {outcome.retries} retries until all {REQUESTS} requests were answered.",
            hint="How long is the app away, and how many of it are there?",
        )


assignment = Assignment(
    [running, stores, published, apart, secret, limits, confined, healthy, killed, load, renewed],
    # Three images are built and three services become healthy in one cell: minutes on a computer that grades a class.
    limits=Limits(cell_seconds=240, total_seconds=480),
)

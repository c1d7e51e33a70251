"""Run an application in production: a proxy, a program and a database with limits, few rights and lasting data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from docker.models.containers import Container

from autograder.checks.api import Failed, check
from autograder.checks.assignment import Assignment
from autograder.checks.context import CheckContext
from autograder.execution.kernel_container import Limits
from autograder.probes import database, health
from autograder.probes.compose import (
    Stack,
    addresses,
    bindings,
    comes_back,
    crash,
    find,
    name_of,
    processes,
    renew,
    started_at,
)
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
    """`front`, `app` and `database` are running, and still run two seconds later."""
    stack = find(context, PARTS)
    before = {container.id: started_at(container) for container in stack.all}
    for container in stack.all:
        if before[container.id] is None:
            raise Failed(
                f"`{name_of(container)}` is {container.status}. {last_said(container)}",
                hint="`docker compose ps --all` lists the containers, and `docker logs` prints why one ended.",
            )
    if not context.holds(lambda: {container.id: started_at(container) for container in stack.all} == before, seconds=2):
        raise Failed(
            "Within two seconds, a container ended or was started again.",
            hint="A restart policy starts a program that fails again and again. `docker logs` prints why it fails.",
        )


@check(points=2, needs=[running], patience=6)
def stores(context: CheckContext) -> None:
    """A ship that is noted through the front is in the database, and is read back unchanged."""
    parts = find(context, PARTS).parts
    book, berth = Ledger(context, parts["front"]), ledger_client.word()
    ship = f"{ledger_client.word()} 'O\"\\;%s\n<ü> {'x' * 4000} {ledger_client.word()}"
    book.note(berth, ship)
    answer = book.fetch(berth)
    if (answer.status, answer.text) != (200, ship):
        raise Failed(
            f"A ship with a name of {len(ship)} characters was noted. Read again, the answer was "
            f"{answer.text[:60]!r}, status {answer.status}.",
            hint="Does nginx pass every request to the app unchanged? Search for `proxy_pass`.",
        )
    dump = f"pg_dumpall --data-only 2>&1 | grep -o -e {berth} -e '^pg_dumpall.*' | head -n 1"
    outputs = [database.psql_output(context, container, dump) for container in parts["database"]]
    if not any(berth in output for output in outputs):
        raise Failed(
            f"The front returns the ship, and it is not in the database. {' '.join(outputs)[:200]}".strip(),
            hint="Where does the app store it? The variables that begin with `DATABASE_` name its database.",
        )


@check(points=1, needs=[running])
def published(context: CheckContext) -> None:
    """Only `front` is published: at port 8082 of 127.0.0.1."""
    stack = find(context, PARTS)
    published_at = {binding for container in stack.parts["front"] for binding in bindings(container)}
    for container in (*stack.all, *stack.others):
        if container.attrs["HostConfig"].get("NetworkMode") == "host":
            raise Failed(
                f"`{name_of(container)}` uses the host's network.",
                hint="There, all its ports can be reached from outside. Search for `network_mode`.",
            )
        if container not in stack.parts["front"] and bindings(container):
            raise Failed(
                f"`{name_of(container)}` is published at {_listed(bindings(container))}.",
                hint="Containers in one network reach each other without that. Search for `ports`.",
            )
    if {port for _, port in published_at} != {PORT} or {address for address, _ in published_at} - {"127.0.0.1", "::1"}:
        raise Failed(
            f"`front` is published at {_listed(published_at)}.",
            hint="`ports` takes three parts: an address of the host, the host's port, the container's port.",
        )


@check(points=2, needs=[running])
def apart(context: CheckContext) -> None:
    """From the network of `app` the database can be reached, from that of `front` it can't."""
    parts = find(context, PARTS).parts
    targets = [address for container in parts["database"] for address in addresses(container)]
    if not any(_connects(context, container, targets) for container in parts["app"]):
        raise Failed(
            "From the network of `app`, nothing answers at port 5432 of the database.",
            hint="The two need a network in common: search for `networks`. Is the database ready?",
        )
    if any(_connects(context, container, targets) for container in parts["front"]):
        raise Failed(
            "From the network of `front`, the database answers at port 5432.",
            hint="A service can be in two networks: search for `networks`. Which of the three has to be?",
        )


@check(points=2, needs=[running])
def secret(context: CheckContext) -> None:
    """The database requires a password, and no setting of a container or an image shows it."""
    stack = find(context, PARTS)
    container = stack.parts["database"][0]
    address = next(iter(addresses(container)), "127.0.0.1")
    output = database.psql_output(context, container, f"psql --no-password --host={address} --command='' 2>&1")
    if "no password supplied" not in output:
        raise Failed(
            f"A client without a password connected to the database. The answer was {output.strip()[-120:]!r}.",
            hint="Every client that comes over the network should need the password. Search for `POSTGRES_PASSWORD`.",
        )
    stored = database.psql_output(context, container, f"psql --tuples-only --no-align --command='{_PASSWORDS}' 2>&1")
    verifiers = [verifier for line in stored.splitlines() if (verifier := scram.Verifier.read(line))]
    if not verifiers:
        raise Failed(
            f"No user of the database has a password: {stored.strip()[-120:]!r}",
            hint="Does the server start with a password at all? Search for `POSTGRES_PASSWORD_FILE`.",
        )
    if place := scram.teller(verifiers, _settings(context, stack)):
        raise Failed(
            f"`docker inspect` or `docker history` of {place} shows the password.",
            hint="The database and the app can read it from a file. Search for `secrets`.",
        )


@check(points=0.5, needs=[running])
def limits(context: CheckContext) -> None:
    """Each container may use at most 256 MB of memory."""

    def fault(container: Container) -> str:
        memory = container.attrs["HostConfig"].get("Memory") or 0
        amount = f"{memory >> 20} MB" if memory > 0 else "any amount"
        return "" if 0 < memory <= _MEMORY else f"`{name_of(container)}` may use {amount} of memory."

    _require(find(context, PARTS), fault, "`docker stats` shows how much it needs. Search for `mem_limit`.")


@check(points=0.25, needs=[running])
def pids(context: CheckContext) -> None:
    """Each container may have at most 200 processes."""

    def fault(container: Container) -> str:
        number = container.attrs["HostConfig"].get("PidsLimit") or 0
        amount = f"{number}" if number > 0 else "any number of"
        return "" if 0 < number <= _PROCESSES else f"`{name_of(container)}` may have {amount} processes."

    _require(find(context, PARTS), fault, "`docker stats` shows how many it has. Search for `pids_limit`.")


@check(points=0.25, needs=[running])
def logs(context: CheckContext) -> None:
    """The log of each container stays below 5 MB, and `docker logs` can read it."""

    def fault(container: Container) -> str:
        size = _log_limit(container.attrs["HostConfig"].get("LogConfig") or {})
        limit = f"{size >> 20} MB" if size else "any size, or is kept where `docker logs` can't read it"
        return "" if 0 < size <= _LOG else f"The log of `{name_of(container)}` can grow to {limit}."

    hint = "The logging driver has options for the size of a file and the number of files. Search for `max-size`."
    _require(find(context, PARTS), fault, hint)


@check(points=0.5, needs=[running])
def confined(context: CheckContext) -> None:
    """The root file system of each container is read-only, and no container is privileged."""

    def fault(container: Container) -> str:
        settings = container.attrs["HostConfig"]
        if settings.get("Privileged"):
            return f"`{name_of(container)}` is privileged."
        return "" if settings.get("ReadonlyRootfs") else f"The root file system of `{name_of(container)}` is writable."

    hint = "What must be written has a place in a volume or a `tmpfs`. Search for `read_only`."
    _require(find(context, PARTS), fault, hint)


@check(points=0.5, needs=[running])
def users(context: CheckContext) -> None:
    """No process of a container runs as root."""
    stack = find(context, PARTS)
    running_processes = processes(context, stack.all)

    def fault(container: Container) -> str:
        uids = {process.uid for process in running_processes if process.container == container.id}
        return f"A process of `{name_of(container)}` runs as root." if not uids or 0 in uids else ""

    _require(stack, fault, "Some images name another user. Where the image doesn't, you can: search for `user`.")


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
            container.start()
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
        app[0].start()
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


def _require(stack: Stack, fault: Callable[[Container], str], hint: str) -> None:
    """Raise :class:`Failed` with what is wrong with each container: ``fault`` says nothing of a right one."""
    faults = dict.fromkeys(filter(None, map(fault, stack.all)))
    if faults:
        raise Failed(" ".join(faults), hint=hint)


def _listed(bindings: set[tuple[str, int]]) -> str:
    return ", ".join(f"{address}:{port}" for address, port in sorted(bindings)) or "no port at all"


def _connects(context: CheckContext, container: Container, targets: list[str]) -> bool:
    """Return whether the database's port answers at one of these addresses, asked in a container's network."""
    tries = " || ".join(f"nc -w 2 {address} 5432 < /dev/null" for address in targets) or "false"
    return context.run(tries, network_mode=f"container:{container.id}")[0] == 0


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


def _log_limit(config: dict[str, Any]) -> int:
    """Return the bytes that a log can grow to; 0 for no limit, or where `docker logs` can't read it."""
    options = config.get("Config") or {}
    files = {"json-file": ("0", "1"), "local": ("20m", "5")}.get(config.get("Type", ""))
    if files is None:
        return 0
    size = re.fullmatch(r"(\d{1,12}) ?([kmg]?)b?", str(options.get("max-size", files[0])).lower())
    number = str(options.get("max-file", files[1]))
    return int(size[1]) * _SIZES[size[2]] * int(number) if size and number.isdigit() else 0


def _settings(context: CheckContext, stack: Stack) -> Iterator[tuple[str, Any]]:
    """Yield what Docker shows of each container and of its image, each with its name for a reason."""
    images = dict[str, str]()
    for container in (*stack.all, *stack.others):
        images.setdefault(container.attrs["Image"], name_of(container))
        yield f"the container `{name_of(container)}`", container.attrs
    for image_id, name in images.items():
        image = context.docker.images.get(image_id)
        yield f"the image of `{name}`", [image.attrs, image.history()]


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


assignment = Assignment(
    [
        running,
        stores,
        published,
        apart,
        secret,
        limits,
        pids,
        logs,
        confined,
        users,
        healthy,
        killed,
        load,
        renewed,
    ],
    # Three images are built and three services become healthy in one cell: minutes on a computer that grades a class.
    limits=Limits(cell_seconds=240, total_seconds=480),
)

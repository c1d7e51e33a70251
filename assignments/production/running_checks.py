"""The application itself: its three services run, and an entry goes through all of them."""

from __future__ import annotations

from autograder.checks.api import Failed, check
from autograder.checks.context import CheckContext
from autograder.probes import database
from autograder.probes.compose import find, name_of, started_at
from autograder.probes.logs import last_printed

from . import ledger_client
from .ledger_client import Ledger

PARTS = ("database", "app", "front")


@check(points=1, patience=5)
def running(context: CheckContext) -> None:
    """`front`, `app` and `database` are running, and still run two seconds later."""
    stack = find(context, PARTS)
    before = {container.id: started_at(container) for container in stack.all}
    for container in stack.all:
        if before[container.id] is None:
            raise Failed(
                f"`{name_of(container)}` is {container.status}. {last_printed(container)}",
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

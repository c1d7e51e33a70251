"""Asks a PostgreSQL in a container what it holds: beside it, as its owner, with tools of ours and not of its image."""

from __future__ import annotations

from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.probes.compose import name_of

_IMAGE = "drydock/postgres:17"
#: Two programs and their container start, on a computer that may grade others meanwhile; seconds.
_SECONDS = 60

#: The owner is whom the database was made for; the socket is found through the root of the server's process.
_BEFORE = """
root=/proc/1/root
owner=${POSTGRES_USER:-$(cat "$root/${POSTGRES_USER_FILE:-dev/null}")}
export PGUSER="${owner:-postgres}" PGHOST=$root/run/postgresql PGDATABASE=postgres
"""


def psql_output(context: CheckContext, container: Container, script: str) -> str:
    """What a script says in which psql and its kin come in by the container's own socket, where nobody is asked.

    Raises :class:`Failed` when it does not end in time.
    """
    namespace = f"container:{container.id}"
    code, words = context.run(
        _BEFORE + script, image=_IMAGE, seconds=_SECONDS, user="root",
        cap_add=["SYS_PTRACE"], pid_mode=namespace, network_mode=namespace,
        environment=[name for name in container.attrs["Config"].get("Env") or () if name.startswith("POSTGRES_USER")],
    )  # fmt: skip
    if code is None:
        raise Failed(
            f"`{name_of(container)}` was asked what it holds, and gave no answer within {_SECONDS} s.",
            hint="Does something keep the database busy, or locked? Look at its log.",
        )
    return words

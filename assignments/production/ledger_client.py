"""A client of the ledger in the assignment ``production``, through its front: it notes ships and looks them up."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import Answer, CheckContext, NoAnswer
from autograder.probes.load import Request
from autograder.probes.port_bindings import bindings
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

PORT = 8082
#: How many seconds it may take to answer, where others are graded beside it and the disk has much to do.
_SLOWEST = 20
#: How many seconds the stack has to recover from what was done to it, on a computer that may grade others meanwhile.
BACK = 90


class Ledger:
    """The ledger behind a front, at whichever port leads there, so that a wrong one costs one check and not five."""

    def __init__(self, context: CheckContext, front: Iterable[Container]) -> None:
        ports = {number for container in front for _, number in bindings(container)}
        self.port = min(ports, key=lambda number: (number != PORT, number), default=PORT)
        self._context = context

    def note(self, berth: str, ship: str) -> None:
        """Note a ship; raises :class:`Failed` unless that is acknowledged."""
        answer = self.fetch(berth, method="PUT", body=ship.encode())
        if answer.status != 200:
            raise Failed(
                f"A ship with a name of {len(ship)} characters was to be noted. The answer had status {answer.status}.",
                hint="Did nginx answer, or the app? `docker logs` of both shows it.",
            )

    def fetch(self, berth: str = "", **how: Any) -> Answer:
        """The ship at a berth, or the whole ledger; raises :class:`Failed` when there is no answer."""
        try:
            return self._context.fetch(self.port, path(berth), seconds=_SLOWEST, **how)
        except NoAnswer as error:
            hint = "Does nginx listen on the container port that you published? Search for `listen`."
            raise Failed(f"Asked on port {self.port}: {error}.", hint=hint) from error

    def wait_for(self, berth: str, ship: str, after: str) -> None:
        """Wait until a ship can be read again. An answer without the ship means that it is lost."""
        try:
            answer = wait_for(lambda: self._settled(berth), "the ship", seconds=BACK, every=0.3)
        except TimedOut:
            raise Failed(
                f"{BACK} seconds after {after}, the ledger still can't be read.",
                hint="Does each service find the others again? `docker compose logs` prints why not.",
            ) from None
        if (answer.status, answer.text) != (200, ship):
            raise Failed(
                f"A ship was noted. After {after}, the answer was {answer.text[:60]!r}, with status {answer.status}.",
                hint="Where does PostgreSQL store its files, and how long do they last there? Search for `volumes`.",
            )

    def _settled(self, berth: str) -> Answer | None:
        """An answer that will not change by waiting."""
        try:
            answer = self._context.fetch(self.port, path(berth))
        except NoAnswer:
            return None
        return answer if answer.status in (200, 404) else None


def word() -> str:
    """A berth or a ship that nobody could guess."""
    return f"x{secrets.token_hex(8)}"


def entries(number: int) -> dict[str, str]:
    """Some berths and their ships."""
    return {word(): word() for _ in range(number)}


def requests(known: dict[str, str], new: dict[str, str]) -> list[Request]:
    """A note and a look, in turn, until all that is new is noted."""
    looks = [Request("GET", path(berth), wanted=ship.encode()) for berth, ship in known.items()]
    notes = [Request("PUT", path(berth), ship.encode()) for berth, ship in new.items()]
    return [request for place, note in enumerate(notes) for request in (note, looks[place % len(looks)])]


def path(berth: str) -> str:
    """Where the front has it; the whole ledger without a berth."""
    return f"/berths/{quote(berth)}" if berth else "/"

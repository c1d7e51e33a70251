"""The ledger in PostgreSQL: a few connections, used again and again, and made anew when the database was away."""

import os
import queue
import threading
from contextlib import suppress
from pathlib import Path

from pg8000.native import Connection

_TABLE = "CREATE TABLE IF NOT EXISTS ledger (berth text PRIMARY KEY, ship text NOT NULL)"
_NOTE = "INSERT INTO ledger VALUES (:berth, :ship) ON CONFLICT (berth) DO UPDATE SET ship = excluded.ship"


class Away(Exception):
    """The database does not answer, or not as it should."""


class Store:
    """Which ship lies at which berth."""

    def __init__(self, most: int = 6) -> None:
        self._room = threading.Semaphore(most)
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue()

    def ask_for_nothing(self) -> None:
        """Only whether the database answers."""
        self._ask("SELECT 1")

    def note(self, berth: str, ship: str) -> None:
        """From now on this ship lies there."""
        self._ask(_NOTE, berth=berth, ship=ship)

    def ship(self, berth: str) -> str | None:
        """The ship that lies there."""
        rows = self._ask("SELECT ship FROM ledger WHERE berth = :berth", berth=berth)
        return rows[0][0] if rows else None

    def everything(self) -> list[tuple[str, str]]:
        """Each berth and its ship."""
        return [(berth, ship) for berth, ship in self._ask("SELECT berth, ship FROM ledger ORDER BY berth")]

    def _ask(self, sql: str, **values: str) -> list:
        with self._room:
            # What was idle while the database was away is of no use any more; a new connection has the last word.
            while connection := self._take():
                with suppress(Exception):
                    return self._run(connection, sql, values)
            try:
                return self._run(connect(), sql, values)
            except Exception as error:
                raise Away(str(error)) from error

    def _take(self) -> Connection | None:
        with suppress(queue.Empty):
            return self._idle.get_nowait()
        return None

    def _run(self, connection: Connection, sql: str, values: dict[str, str]) -> list:
        try:
            rows = connection.run(sql, **values)
        except Exception:
            with suppress(Exception):
                connection.close()
            raise
        self._idle.put(connection)
        return rows or []


def connect() -> Connection:
    """A connection to the database that the variables name, with the table in it."""
    connection = Connection(
        os.environ.get("DATABASE_USER", "postgres"),
        host=os.environ.get("DATABASE_HOST", "database"),
        database=os.environ.get("DATABASE_NAME", "postgres"),
        password=password(),
        timeout=5,
    )
    connection.run("SELECT pg_advisory_lock(1)")  # two that make the table at once would be in each other's way
    connection.run(_TABLE)
    connection.run("SELECT pg_advisory_unlock(1)")
    return connection


def password() -> str:
    """What the file says that DATABASE_PASSWORD_FILE names; without one, what DATABASE_PASSWORD says."""
    file = os.environ.get("DATABASE_PASSWORD_FILE")
    return Path(file).read_text().strip() if file else os.environ.get("DATABASE_PASSWORD", "")

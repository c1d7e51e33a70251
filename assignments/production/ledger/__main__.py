"""The ledger of the harbour: which ship lies at which berth. ``python3 -m ledger`` serves it on port 8000.

    PUT /berths/NAME    notes the ship in the body          200, or 503 when the database is away
    GET /berths/NAME    the ship that lies there            200, 404, or 503
    GET /               every berth and its ship, a line each
    GET /health         whether the database answers        200 or 503

Where the database is, the variables DATABASE_HOST, DATABASE_NAME, DATABASE_USER and DATABASE_PASSWORD_FILE say.
"""

import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from ledger.store import Away, Store

LONGEST = 64 << 10
store = Store()


class Ledger(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_GET(self) -> None:
        """Look something up."""
        self._try(self._look_up)

    def do_PUT(self) -> None:
        """Note something."""
        self._try(self._note)

    def _look_up(self) -> tuple[int, str]:
        if self.path == "/health":
            store.ask_for_nothing()
            return 200, "well\n"
        if self.path == "/":
            return 200, "".join(f"{berth}\t{ship}\n" for berth, ship in store.everything())
        ship = store.ship(self._berth()) if self._berth() else None
        return (404, "no ship\n") if ship is None else (200, ship)

    def _note(self) -> tuple[int, str]:
        length = int(self.headers.get("Content-Length", "0"))
        if not self._berth() or length > LONGEST:
            return 400, "a name and a ship, please\n"
        store.note(self._berth(), self.rfile.read(length).decode())
        return 200, "noted\n"

    def _berth(self) -> str:
        before, _, name = self.path.partition("/berths/")
        return "" if before else unquote(name)

    def _try(self, answer) -> None:
        try:
            status, text = answer()
        except Away as away:
            status, text = 503, "the database is away\n"
            self.log_error("%s", away)
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    """An HTTP server with a longer queue of connections than Python's default of five."""

    request_queue_size = 128


signal.signal(signal.SIGTERM, lambda *_: sys.exit())
Server(("", 8000), Ledger).serve_forever()

"""The tide board: a page with today's high waters, on port 8000.

It reads almanac.json in its working directory, takes the office's name
from the variable OFFICE, and counts its visitors in /data, if it exists.
"""

import json
import os
import signal
import sys
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from board.words import TITLE

ALMANAC = json.loads(Path("almanac.json").read_text())
OFFICE = os.environ.get("OFFICE", "an office without a name")
COUNT = Path("/data/visitors")


class BoardPage(BaseHTTPRequestHandler):
    """The answers to requests: one word for /health, the page for every other path."""

    def do_GET(self) -> None:
        """Answer a request."""
        text = "well" if self.path == "/health" else page()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"{text}\n".encode())


def page() -> str:
    """Return the page as it is now."""
    today = time.strftime("%m-%d", time.gmtime())
    rows = [f"<li>{escape(name)}: {', '.join(days.get(today, []))}</li>" for name, days in ALMANAC["harbours"].items()]
    return "\n".join(
        [
            f"<title>{escape(TITLE)}</title>",
            f"<h1>{escape(TITLE)}</h1>",
            f"<p>by {escape(OFFICE)}, from the almanac's edition {ALMANAC['edition']}</p>",
            f"<ul>{''.join(rows)}</ul>",
            f"<p>{visitors()}</p>",
        ]
    )


def visitors() -> str:
    """Count one more visitor, and return a line about it."""
    if not COUNT.parent.is_dir():
        return "Nobody counts the visitors here."
    number = int(COUNT.read_text()) + 1 if COUNT.exists() else 1
    COUNT.write_text(str(number))
    return f"You are visitor {number}."


signal.signal(signal.SIGTERM, lambda *_: sys.exit())
ThreadingHTTPServer(("", 8000), BoardPage).serve_forever()

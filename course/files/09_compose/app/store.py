"""Keeps one number in a file, and adds one to it for each request."""

import time
from pathlib import Path
from wsgiref.simple_server import make_server

FILE = Path("/data/visits")


def store(request, start_response):
    """Count one more visit, and answer with the number of visits."""
    visits = int(FILE.read_text()) + 1 if FILE.exists() else 1
    FILE.write_text(str(visits))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(visits).encode()]


print("loading, as larger stores do", flush=True)
time.sleep(1)
make_server("", 8000, store).serve_forever()

"""Keeps one number in a file, and adds one to it for whoever asks."""

import time
from pathlib import Path
from wsgiref.simple_server import make_server

FILE = Path("/data/visits")


def store(request, answer):
    """Count one more visit, and say how many there were."""
    visits = int(FILE.read_text()) + 1 if FILE.exists() else 1
    FILE.write_text(str(visits))
    answer("200 OK", [("Content-Type", "text/plain")])
    return [str(visits).encode()]


print("loading, as larger stores do", flush=True)
time.sleep(1)
make_server("", 8000, store).serve_forever()

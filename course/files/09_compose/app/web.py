"""The page: it greets each visitor with the number of visits, and says which container answered."""

import os
import socket
from pathlib import Path
from urllib.request import urlopen
from wsgiref.simple_server import make_server

GREETING = os.environ.get("GREETING", "visit")
TOKEN = Path("/run/secrets/token")


def web(request, start_response):
    """Have the store count the visit; on the path /crash/TOKEN, end as a program with an error does."""
    if TOKEN.exists() and request["PATH_INFO"] == f"/crash/{TOKEN.read_text().strip()}":
        os._exit(1)
    visits = urlopen("http://store:8000").read().decode()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{GREETING} {visits}, served by {socket.gethostname()}\n".encode()]


make_server("", 8000, web).serve_forever()

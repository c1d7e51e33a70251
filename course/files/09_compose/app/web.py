"""Tells each visitor how many there have been, and who tells it."""

import os
import socket
from urllib.request import urlopen
from wsgiref.simple_server import make_server


def web(request, answer):
    """Have the visit counted by the store; on the path /crash, end as a broken program does."""
    if request["PATH_INFO"] == "/crash":
        os._exit(1)
    visits = urlopen("http://store:8000").read().decode()
    answer("200 OK", [("Content-Type", "text/plain")])
    return [f"visit {visits}, served by {socket.gethostname()}\n".encode()]


make_server("", 8000, web).serve_forever()

"""A small web service. /break makes it answer with 503, /mend takes that back, /crash ends it."""

import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

version = os.environ["VERSION"]
status = 503 if version == "2" else 200  # version 2 has a bug, which the lesson finds


class Handler(BaseHTTPRequestHandler):
    """The service's answers."""

    def do_GET(self):
        """Answer any path with one line of text."""
        global status
        if self.path == "/crash":
            os._exit(1)
        if self.path in ("/break", "/mend"):
            status = 503 if self.path == "/break" else 200
        self.send_response(status)
        self.end_headers()
        text = f"service, version {version}\n" if status == 200 else "out of order\n"
        self.wfile.write(text.encode())


with ThreadingHTTPServer(("", 8000), Handler) as server:
    # shutdown() waits for the loop below, so it needs a thread of its own.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
print("SIGTERM received, requests finished", flush=True)

"""Preparing: services that know what the checks will do, and are right for just as long."""

from __future__ import annotations

from tests.attack_corpus.attack import Attack

_SERVER = """import docker
program = '''
import os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
began = time.monotonic()
{before}
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        good = {good}
        self.send_response(200 if good else 404)
        self.end_headers()
        self.wfile.write(os.environ["PAGE"].encode() if good else b"gone")
    def log_message(self, *words):
        {log}
HTTPServer(("", 80), Page).serve_forever()
'''
docker.from_env().containers.run(
    "drydock/python:3.13", ["python3", "-u", "-c", program], environment={"PAGE": token()}, name="service", detach=True,
    ports={"80/tcp": ("127.0.0.1", 8080)}, mem_limit="64m", restart_policy={"Name": "{policy}"},
)
"""


def server(good: str = "True", before: str = "", log: str = "print(self.path)", policy: str = "always") -> str:
    """Return code that starts a service with everything right, but for these parts of it."""
    parts = {"good": good, "before": before, "log": log, "policy": policy}
    code = _SERVER
    for name, part in parts.items():
        code = code.replace("{" + name + "}", part)
    return code


_ONCE = "if os.path.exists('/used'):\n    sys.exit(1)\nopen('/used', 'w').close()"

ATTACKS = {
    "for-some-seconds": Attack(
        "Answers rightly in the first seconds, while most graders look.",
        server("time.monotonic() - began < 0.5"), "asked again, later", most=7,
    ),
    "first-start-only": Attack(
        "Works only the first time that its container is started.", server(before=_ONCE), "killed and asked again",
        most=9,
    ),
    "for-one-client": Attack(
        "Answers only programs that name themselves as Python's or a grader's do.",
        server("'python' in self.headers.get('User-Agent', '').lower()"), "asked without a name", most=7,
    ),
    "log-written-ahead": Attack(
        "Writes every request into its log before it comes, as far as it can guess.",
        server(before="print('\\\\n'.join(f'GET /a-look-at-your-log-{n:08x}' for n in range(20000)))", log="pass"),
        "random words", most=9,
    ),
    "page-of-the-last-start": Attack(
        "Combines two: after its second start it answers rightly, but only in the first second.",
        server("not os.path.exists('/twice') or time.monotonic() - began < 0.5",
               "if os.path.exists('/used'):\n    open('/twice', 'w').close()\nopen('/used', 'w').close()"),
        "killed and asked again", most=9, combined=True,
    ),
}  # fmt: skip

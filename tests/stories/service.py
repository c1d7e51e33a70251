"""The stories of ``service``: one cell that starts one container."""

from __future__ import annotations

from tests.stories.story import Story, by_day, skip_execution, swallow_errors

_ANSWER = """page = {page}
serve = '{write}; {server}'
client.containers.run(
    "drydock/python:3.13", ["sh", "-c", serve], environment={{"PAGE": page}},
    name="{name}", detach=True, ports={ports},
{limit}{policy})
"""

_BEST = {
    "page": """f"<h1>The gate</h1><p>Today's password is {token()}</p>\"""",
    "write": 'mkdir -p /site; echo "$PAGE" > /site/index.html',
    "server": "exec python3 -m http.server -d /site 80",
    "name": "service",
    "ports": '{"80/tcp": ("127.0.0.1", 8080)}',
    "limit": '    mem_limit="64m",\n',
    "policy": '    restart_policy={"Name": "unless-stopped"},\n',
}

#: A server of the student's own: it knows its page, and calls it an internal error.
_TEAPOT = """program = '''
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(500)
        self.end_headers()
        self.wfile.write(os.environ["PAGE"].encode())

HTTPServer(("", 80), Page).serve_forever()
'''
client.containers.run(
    "drydock/python:3.13", ["python3", "-c", program], environment={"PAGE": token()},
    name="service", detach=True, ports={"80/tcp": ("127.0.0.1", 8080)},
    mem_limit="64m", restart_policy={"Name": "always"},
)
"""

#: Another honest way: busybox, a folder filled with put_archive, create and start apart.
_BUSYBOX = """import io
import tarfile

page = f"<title>Gate</title>{token()}".encode()
archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w") as tar:
    entry = tarfile.TarInfo("index.html")
    entry.size = len(page)
    tar.addfile(entry, io.BytesIO(page))

service = client.containers.create(
    "drydock/busybox:1.37", "busybox httpd -f -vv -p 3000 -h /tmp", name="service",
    ports={3000: ("127.0.0.1", 8080)}, mem_limit="16m",
    restart_policy={"Name": "on-failure", "MaximumRetryCount": 5},
)
service.put_archive("/tmp", archive.getvalue())
service.start()
"""

#: The same in a shell.
_SHELL = """page = f"<p>Today's password is {token()}</p>"
serve = "mkdir -p /site; echo $PAGE > /site/index.html; exec python3 -m http.server -d /site 8000"
!docker run --detach --name service --publish 127.0.0.1:8080:8000 --memory 100m --restart always \\
    --env PAGE="{page}" drydock/python:3.13 sh -c '{serve}'
"""


#: And as a compose file.
_COMPOSE = """compose = f\"\"\"
services:
  gate:
    container_name: service
    image: drydock/python:3.13
    command: ["sh", "-c", "mkdir -p /site; echo {token()} > /site/index.html; exec python3 -m http.server -d /site"]
    ports: ["127.0.0.1:8080:8000"]
    mem_limit: 50m
    restart: unless-stopped
\"\"\"
open("compose.yaml", "w").write(compose)
!docker compose up --detach --quiet-pull
"""

_WORDS = (
    "It may hang: it runs and says nothing. I would see that the page does not come, and type `docker restart service`."
)


def _answer(text: str) -> dict[str, str]:
    return {"start-the-service": text, "service-in-words": _WORDS}


def _but(*fails: str, **changes: str) -> Story:
    """The best answer with something else in places, and the checks that see it."""
    return Story(_answer(_ANSWER.format(**{**_BEST, **changes})), fails)


_TOLD_STORIES = {
    "perfect-busybox": Story(_answer(_BUSYBOX)),
    "perfect-shell": Story(_answer(_SHELL)),
    "perfect-compose": Story(_answer(_COMPOSE)),
    "starter": Story(fails=["running"]),
    "blank": Story({"start-the-service": "", "service-in-words": ""}, ["running"]),
    "wrong-name": _but("running", name="web"),
    "ends-at-once": _but("running", server="cat /site/index.html"),
    "in-circles": _but("running", server="echo no server in sight; exit 1"),
    "for-everybody": _but("published", ports='{"80/tcp": 8080}'),
    "another-port": _but("published", ports='{"80/tcp": ("127.0.0.1", 8081)}'),
    "internal-error": Story(_answer(_TEAPOT), ["answers"]),
    "copied-token": _but("token", page='"<h1>The gate</h1><p>The password is 5f0c2b7d91ae</p>"'),
    "no-limit": _but("memory", limit=""),
    "no-restart": _but("restarts", policy=""),
    "starts-once": _but("restarts", write='set -e; mkdir /site; echo "$PAGE" > /site/index.html'),
    "silent": _but("logs", server="exec python3 -m http.server -d /site 80 2> /dev/null"),
    "cheat-skip-execution": Story(fails=["running"], twist=skip_execution),
    "cheat-swallow": Story(fails=["running"], twist=swallow_errors),
}

#: Near misses of the checks that no one fails in the class of ``tests/autograder/test_cli.py``, which is graded by day
#: too, and another way to full marks; what else there is waits for the night.
STORIES = by_day(_TOLD_STORIES, "perfect-compose", "starter", "internal-error", "copied-token", "silent")

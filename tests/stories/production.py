"""The stories of ``production``: a file for the front, a file for the stack, and what brings it up."""

from __future__ import annotations

from tests.stories.story import Story, by_day, skip_execution, swallow_errors

#: The lines of a service; None for one that is left out.
Lines = dict[str, str | None]

_PASSWORD = """import secrets

with open("password.txt", "w") as file:
    file.write(secrets.token_hex(12))
"""

_SITE = """server {
    listen 80;
    location = /front { return 200 "open\\n"; }
    location / { proxy_pass http://app:8000; }
}
"""

#: A compose file that is right in every way, service by service and line by line; each story changes something.
_DATABASE = {
    "image": "drydock/postgres:17",
    "environment": "{POSTGRES_PASSWORD_FILE: /run/secrets/password}",
    "secrets": "[password]",
    "volumes": '["ledger:/var/lib/postgresql/data"]',
    "tmpfs": "[/run/postgresql, /tmp]",
    "networks": "[back]",
    "healthcheck": "{test: [CMD, pg_isready, -h, 127.0.0.1], interval: 2s, timeout: 5s, start_period: 1m}",
}
_APP = {
    "image": "drydock/python:3.13-pg8000",
    "command": "python3 -m ledger",
    "working_dir": "/srv",
    "user": "nobody",
    "environment": "{DATABASE_PASSWORD_FILE: /run/secrets/password}",
    "secrets": "[password]",
    "volumes": '["./ledger:/srv/ledger:ro"]',
    "networks": "[back, hall]",
    "depends_on": "{database: {condition: service_healthy}}",
    "healthcheck": (
        "{interval: 2s, timeout: 5s, start_period: 1m, test: [CMD, python3, -c, "
        "\"import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=3)\"]}"
    ),
}
_FRONT = {
    "image": "drydock/proxy:1",
    "ports": '["127.0.0.1:8082:80"]',
    "volumes": '["./site.conf:/etc/nginx/conf.d/site.conf:ro"]',
    "networks": "[hall]",
    "depends_on": "[app]",
    "healthcheck": "{test: wget -q -T 3 -O /dev/null http://127.0.0.1/front, interval: 2s, timeout: 5s}",
}
_EACH = {
    "restart": "unless-stopped",
    "read_only": "true",
    "mem_limit": "128m",
    "pids_limit": "100",
    "logging": '{driver: json-file, options: {max-size: 1m, max-file: "3"}}',
}
_BEST = {"database": {**_EACH, **_DATABASE}, "app": {**_EACH, **_APP}, "front": {**_EACH, **_FRONT}}
_REST = """
networks: {back: {internal: true}, hall: {}}
volumes: {ledger: {}}
secrets: {password: {file: password.txt}}
"""

_UP = "!docker compose --progress quiet up --detach --wait\n"
_WORDS = "The disk may die. I would copy the ledger to another computer each night, and look at a copy now and then."

#: In Python: two networks, four volumes, password and program put into two of them; names of the student's own.
_PYTHON = '''import io
import secrets
import tarfile
import time

from docker.types import Healthcheck, LogConfig

def put(folder, *paths, **texts):
    """Files of this folder, and texts, into a volume."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in paths:
            tar.add(path)
        for name, text in texts.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text), 0o444
            tar.addfile(entry, io.BytesIO(text.encode()))
    helper.put_archive(folder, archive.getvalue())

def begin(image, name, test, networks, **more):
    first, *others = networks
    container = client.containers.create(
        image, name=name, network=first, read_only=True, mem_limit="200m", pids_limit=64,
        restart_policy={"Name": "always"}, log_config=LogConfig(type="local", config={"max-size": "1m"}),
        healthcheck=Healthcheck(test=test, interval=2_000_000_000, timeout=4_000_000_000), **more,
    )
    for network in others:
        client.networks.get(network).connect(container)
    container.start()
    return container

client.networks.create("harbour-back", internal=True)
client.networks.create("harbour-hall")
helper = client.containers.create("drydock/busybox:1.37", volumes=["harbour-files:/files", "harbour-key:/key"])
put("/files", "ledger")
put("/key", word=secrets.token_urlsafe(20))
helper.remove()

database = begin(
    "drydock/postgres:17", "database", ["CMD", "psql", "-U", "harbour", "-c", "SELECT 1", "book"], ["harbour-back"],
    environment={"POSTGRES_USER": "harbour", "POSTGRES_DB": "book", "POSTGRES_PASSWORD_FILE": "/key/word"},
    volumes=["harbour-data:/var/lib/postgresql/data", "harbour-key:/key:ro"],
    tmpfs={"/tmp": "", "/run/postgresql": ""},
)
database.reload()
while database.attrs["State"]["Health"]["Status"] != "healthy":
    time.sleep(0.5)
    database.reload()

ask = "import http.client as c; h = c.HTTPConnection('localhost', 8000, timeout=2); h.request('GET', '/health')"
begin(
    "drydock/python:3.13-pg8000", "app", ["CMD", "python3", "-c", ask + "; assert h.getresponse().status == 200"],
    ["harbour-back", "harbour-hall"], command=["python3", "-m", "ledger"], working_dir="/files", user="65534:65534",
    volumes=["harbour-files:/files:ro", "harbour-key:/key:ro"],
    environment={
        "DATABASE_USER": "harbour", "DATABASE_NAME": "book", "DATABASE_PASSWORD_FILE": "/key/word",
    },
)

site = "server { listen 8080; location / { proxy_pass http://app:8000; } }"
helper = client.containers.create("drydock/busybox:1.37", volumes=["harbour-site:/site"])
put("/site", **{"site.conf": site})
helper.remove()
begin(
    "drydock/proxy:1", "front", ["CMD-SHELL", "wget -q -T 2 -O - http://127.0.0.1:8080/health | grep -q well"],
    ["harbour-hall"], volumes=["harbour-site:/etc/nginx/conf.d:ro"], ports={8080: ("127.0.0.1", 8082)},
)
'''

#: In a shell: the program in an image of its own, which brings its user and its health check.
_SHELL = r"""%%bash
cat > Dockerfile <<'END'
FROM drydock/python:3.13-pg8000
WORKDIR /srv
COPY ledger ledger
USER www-data
HEALTHCHECK CMD bash -c 'exec 3<>/dev/tcp/127.0.0.1/8000; \
    printf "GET /health HTTP/1.0\r\n\r\n" >&3; timeout 3 grep -q well <&3'
CMD ["python3", "-m", "ledger"]
END
head -c 18 /dev/urandom | base64 > password.txt
docker build --quiet --network none --tag ledger .
docker network create --internal depths
docker network create --subnet 172.30.9.0/24 surface

each="--restart on-failure --read-only --memory 150m --pids-limit 80"
each="$each --log-opt max-size=500k --log-opt max-file=4 --health-interval 2s"
docker run --detach $each --name database --network depths --mount type=volume,src=pg,dst=/var/lib/postgresql/data \
    --tmpfs /tmp --tmpfs /run/postgresql --volume "$PWD/password.txt":/password:ro \
    --env POSTGRES_PASSWORD_FILE=/password \
    --health-cmd 'pg_isready -t 2' drydock/postgres:17
docker create $each --name app --network depths --volume "$PWD/password.txt":/password:ro \
    --env DATABASE_PASSWORD_FILE=/password --env DATABASE_HOST=database ledger
docker network connect --ip 172.30.9.9 surface app
docker start app
docker run --detach $each --name front --network surface --publish 127.0.0.1:8082:80 \
    --volume "$PWD/site.conf":/etc/nginx/conf.d/default.conf:ro \
    --health-cmd 'wget -q -T 2 -O /dev/null http://127.0.0.1/' drydock/proxy:1
until [ "$(docker inspect --format '{{.State.Health.Status}}' front)" = healthy ]; do sleep 0.5; done
"""

#: By compose too, and nothing like the other: two apps of a built image, other names, limits in the words of a swarm.
_TWO_APPS = r"""
services:
  front:
    container_name: harbour-door
    image: drydock/proxy:1
    configs: [{source: nginx, target: /etc/nginx/nginx.conf}]
    ports: [{target: 8000, published: "8082", host_ip: 127.0.0.1}]
    read_only: true
    restart: always
    logging: {driver: local, options: {max-size: 1m, max-file: "2"}}
    deploy: {resources: {limits: {memory: 32M, pids: 20}}}
    healthcheck: {test: "wget -q -T 2 -O - http://127.0.0.1:8000/health | grep well", interval: 2s}
    depends_on: [app]
  app:
    build: .
    read_only: true
    restart: always
    logging: {driver: local, options: {max-size: 1m, max-file: "2"}}
    deploy: {replicas: 2, resources: {limits: {memory: 64M, pids: 40}}}
    environment:
      [DATABASE_HOST=store, DATABASE_USER=clerk, DATABASE_NAME=book, DATABASE_PASSWORD_FILE=/run/secrets/word]
    secrets: [word]
    networks: [default, deep]
    depends_on: {database: {condition: service_healthy}}
  database:
    image: drydock/postgres:17
    read_only: true
    restart: always
    logging: {driver: local, options: {max-size: 1m, max-file: "2"}}
    deploy: {resources: {limits: {memory: 96M, pids: 60}}}
    environment: [POSTGRES_USER=clerk, POSTGRES_DB=book, POSTGRES_PASSWORD_FILE=/run/secrets/word]
    secrets: [word]
    tmpfs: [/run/postgresql, /tmp]
    volumes: [pg:/var/lib/postgresql]
    networks: {deep: {aliases: [store]}}
    healthcheck: {test: pg_isready --username=clerk, interval: 2s, start_period: 40s}
networks: {deep: {}}
volumes: {pg: {}}
configs: {nginx: {file: ./whole.conf}}
secrets: {word: {file: ./password.txt}}
"""
_BUILT = r"""%%writefile Dockerfile
FROM drydock/python:3.13-pg8000
COPY ledger /opt/ledger
WORKDIR /opt
USER 1234
HEALTHCHECK --interval=2s --start-period=30s CMD ["python3", "-c", \
    "import urllib.request as u; assert b'well' in u.urlopen('http://localhost:8000/health', timeout=2).read()"]
CMD ["python3", "-m", "ledger"]
"""
_WHOLE = r"""
with open("whole.conf", "w") as file:
    file.write('''
events {}
http {
    upstream apps { server app:8000; }
    server { listen 8000; location / { proxy_pass http://apps; proxy_connect_timeout 2s; } }
}
''')
!docker compose --progress quiet up --detach --build --wait
"""


def _stack(changes: dict[str, Lines], rest: str = _REST) -> str:
    """The compose file with some lines changed; None leaves a line out."""
    services = {name: {**lines, **changes.get(name, {})} for name, lines in _BEST.items()}
    text = ["name: harbour", "services:"]
    for name, lines in services.items():
        text += [f"  {name}:", *(f"    {key}: {value}" for key, value in lines.items() if value is not None)]
    return "\n".join(text) + "\n" + rest


def _answers(stack: str, *, site: str = _SITE, password: str = _PASSWORD, start: str = _UP) -> dict[str, str]:
    return {
        "make-the-password": password,
        "write-the-front": f"%%writefile site.conf\n{site}",
        "write-the-stack": f"%%writefile compose.yaml\n{stack}" if stack else "",
        "start-the-stack": start,
        "production-in-words": _WORDS,
    }


def _but(*fails: str, start: str = _UP, site: str = _SITE, rest: str = _REST, **changes: Lines) -> Story:
    """The best stack with some lines changed in some of its services, and the checks that see it."""
    return Story(_answers(_stack(changes, rest), site=site, start=start), fails)


_IN_MEMORY = """from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

book = {}

class Ledger(BaseHTTPRequestHandler):
    def do_GET(self):
        ships = "".join(f"{berth[8:]}\\\\t{ship.decode()}\\\\n" for berth, ship in book.items()).encode()
        self.answer(book.get(self.path, {"/": ships, "/health": b"well"}.get(self.path, b"")))

    def do_PUT(self):
        book[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(b"noted")

    def answer(self, text):
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

ThreadingHTTPServer(("", 8000), Ledger).serve_forever()
"""
_FAKE = f"program = '''{_IN_MEMORY}'''\nwith open('ledger/__main__.py', 'w') as file:\n    file.write(program)\n"

_TOLD: Lines = {"environment": "{POSTGRES_PASSWORD: lighthouse}"}
_ASKED: Lines = {"environment": "{DATABASE_PASSWORD: lighthouse}"}
_BAKED = r"""!printf 'FROM drydock/postgres:17\nENV KEEPER=lighthouse\n' | docker build --quiet --tag baked -
"""
_TRUST = """with open("hba.conf", "w") as file:
    file.write("local all all trust\\nhost all all all trust\\n")
"""
_OPEN: Lines = {
    "command": "postgres -c hba_file=/etc/hba.conf",
    "volumes": '["ledger:/var/lib/postgresql/data", "./hba.conf:/etc/hba.conf:ro"]',
}
_ALWAYS_WELL = "{test: [CMD, python3, -c, pass], interval: 2s}"
_BLANK = dict.fromkeys(_answers(""), "")

_TOLD_STORIES = {
    "perfect-python": Story(_answers("", site="", password="", start=_PYTHON)),
    "perfect-shell": Story(_answers("", password="", start=_SHELL)),
    "perfect-two-apps": Story({**_answers(_TWO_APPS, start=_WHOLE), "write-the-front": _BUILT}),
    "starter": Story(fails=["running"]),
    "blank": Story(_BLANK, ["running"]),
    "no-front": _but("running", start="!docker compose --progress quiet up --detach --wait app\n"),
    "other-names": Story(_answers(_stack({}).replace("  front:", "  door:")), ["running"]),
    "kept-in-memory": _but("stores", start=_FAKE + _UP),
    "wrong-door": _but("stores", site=_SITE.replace("app:8000", "app:80")),
    "small-hatch": _but("stores", site="client_max_body_size 1k;\n" + _SITE),
    "for-everybody": _but("published", front={"ports": '["8082:80"]'}),
    "another-port": _but("published", front={"ports": '["127.0.0.1:8083:80"]'}),
    "app-published": _but("published", app={"ports": '["127.0.0.1:8084:8000"]'}),
    "one-network": _but("apart", database={"networks": "[back, hall]"}),
    "password-told": _but("secret", database=_TOLD, app=_ASKED),
    "password-baked": _but(
        "secret",
        start=_BAKED + 'with open("password.txt", "w") as file:\n    file.write("lighthouse")\n' + _UP,
        database={"image": "baked"},
    ),
    "no-password": _but("secret", start=_TRUST + _UP, database=_OPEN),
    "no-memory-limit": _but("limits", database={"mem_limit": None}),
    "endless-log": _but("limits", front={"logging": None}),
    "root": _but("confined", app={"user": None}),
    "writable": _but("confined", front={"read_only": None}),
    "no-health-check": _but("healthy", front={"healthcheck": None}),
    "always-well": _but("healthy", app={"healthcheck": _ALWAYS_WELL}),
    "database-stays-down": _but("killed", database={"restart": None}),
    "app-stays-down": _but("load", app={"restart": None}),
    "nameless-volume": _but("renewed", database={"volumes": "[/var/lib/postgresql/data]"}),
    "data-in-memory": _but(
        "killed",
        "renewed",
        database={"volumes": None, "tmpfs": '[/run/postgresql, /tmp, "/var/lib/postgresql/data:uid=999,mode=0700"]'},
    ),
    "cheat-skip-execution": Story(fails=["running"], twist=skip_execution),
    "cheat-swallow": Story(fails=["running"], twist=swallow_errors),
}

#: Each takes most of a minute. These are graded by every run of the tests, the others at night; what each check says
#: to a near miss, ``tests/autograder/checks/test_production.py`` asks of one machine every time.
STORIES = by_day(_TOLD_STORIES, "starter", "one-network")

"""The checks of `production` with one stack in a machine, changed for each test; test submissions show the rest."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import pytest
from docker import DockerClient
from docker.models.containers import Container
from docker.types import LogConfig

from assignments.production import access_checks, failure_checks, limit_checks, running_checks
from assignments.production.process_limits import ProcessLimits, process_limits
from autograder.checks.api import Check, Failed
from autograder.checks.context import CheckContext
from autograder.checks.runner import run
from autograder.execution.archives import packed
from autograder.sandbox.machine_sandbox import MachineSandbox
from drydock.core.waiting import wait_for
from tests.autograder.conftest import load_assignment
from tests.tiers import by_day

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(600)]

PASSWORD = secrets.token_hex(8)
SITE = """
server {
    listen 80;
    location = /front { return 200 "open"; }
    location / { proxy_pass http://app:8000; %s }
    location = /sorry { return 200 "We are sorry.\\n"; }
}
"""
ASK_APP = "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=3)"
Settings = dict[str, Any]


def every(test: list[str]) -> dict[str, Any]:
    """A health check that is asked often."""
    return {"test": test, "interval": 2_000_000_000, "timeout": 4_000_000_000}


#: What each container is given, in the order they start; and the networks it is in.
EACH: Settings = {
    "read_only": True,
    "mem_limit": "128m",
    "pids_limit": 64,
    "restart_policy": {"Name": "always"},
    "log_config": LogConfig(type="json-file", config={"max-size": "1m", "max-file": "2"}),
}
RIGHT: dict[str, tuple[Settings, list[str]]] = {
    "database": (
        {
            "image": "drydock/postgres:17",
            "environment": {"POSTGRES_PASSWORD_FILE": "/files/password"},
            "volumes": ["data:/var/lib/postgresql/data", "files:/files:ro"],
            "tmpfs": {"/tmp": "", "/run/postgresql": ""},
            "healthcheck": every(["CMD", "pg_isready", "-h", "127.0.0.1"]),
        },
        ["back"],
    ),
    "app": (
        {
            "image": "drydock/python:3.13-pg8000",
            "command": ["python3", "-m", "ledger"],
            "working_dir": "/files",
            "user": "nobody",
            "environment": {"DATABASE_PASSWORD_FILE": "/files/password"},
            "volumes": ["files:/files:ro"],
            "healthcheck": every(["CMD", "python3", "-c", ASK_APP]),
        },
        ["back", "hall"],
    ),
    "front": (
        {
            "image": "drydock/proxy:1",
            "volumes": ["site:/etc/nginx/conf.d:ro"],
            "ports": {"80/tcp": ("127.0.0.1", 8082)},
            "healthcheck": every(["CMD", "wget", "-q", "-T", "3", "-O", "/dev/null", "http://127.0.0.1/front"]),
        },
        ["hall"],
    ),
}


class Harbour:
    """The stack, and what tests do to it."""

    def __init__(self, context: CheckContext) -> None:
        self.context = context
        self._docker: DockerClient = context.docker
        self._docker.networks.create("back", internal=True)
        self._docker.networks.create("hall")
        given = load_assignment("production").files_for({})
        self.put("files", {**given, "password": PASSWORD.encode()})
        self.put("site", {"site.conf": (SITE % "").encode()})
        for name in RIGHT:
            self.begin(name)

    def put(self, volume: str, files: Mapping[str, bytes]) -> None:
        """Files into a volume."""
        helper = self._docker.containers.create("drydock/busybox:1.37", volumes=[f"{volume}:/here"])
        helper.put_archive("/here", packed(files))
        helper.remove()

    def begin(self, name: str, *, networks: list[str] | None = None, wait: bool = True, **changes: Any) -> Container:
        """Start one of the three, with some settings changed, in place of its like; wait until all there are well.

        All, since one falls ill for a moment when what it asks is away.
        """
        for old in self._docker.containers.list(all=True, filters={"name": f"^{name}$"}):
            old.remove(force=True)
        settings, right = RIGHT[name]
        first, *others = right if networks is None else networks
        wanted = {"name": name, "network": first, **EACH, **settings, **changes}
        container = self._docker.containers.create(**{key: value for key, value in wanted.items() if value is not None})
        for network in others:
            self._docker.networks.get(network).connect(container)
        container.start()
        if wait:
            wait_for(self._all_are_healthy, f"{name} and those beside it to be healthy", seconds=90, every=0.4)
        return container

    def _all_are_healthy(self) -> bool:
        # Asking more often takes the machine's processor from the services that are waited for.
        return all(map(_is_healthy, self._docker.containers.list(all=True, filters={"name": f"^({'|'.join(RIGHT)})$"})))

    @contextmanager
    def changed(self, name: str, **changes: Any) -> Iterator[None]:
        """One of the three is different for a while."""
        try:
            self.begin(name, **changes)
            yield
        finally:
            self.begin(name)

    @contextmanager
    def guest(self, **settings: Any) -> Iterator[None]:
        """One more container is there for a while."""
        made = self._docker.containers.run("drydock/busybox:1.37", "sleep 600", detach=True, init=True, **settings)
        try:
            yield
        finally:
            made.remove(force=True)


def _is_healthy(container: Container) -> bool:
    health = container.attrs["State"]["Health"]
    return health["Status"] == "healthy" and not health["FailingStreak"]  # else it may fall ill the next moment


@pytest.fixture(scope="module")
def harbour() -> Iterator[Harbour]:
    """One stack for all tests, in one machine."""
    with MachineSandbox() as sandbox, closing(sandbox.client()) as client:
        yield Harbour(CheckContext(client, sandbox.reach, "a-token"))


@pytest.mark.nightly
def test_a_right_stack_passes_again_and_again(harbour: Harbour) -> None:
    """It is given back as it was found, whatever was done to it."""
    for _ in range(2):
        results = run(load_assignment("production").checks, harbour.context)
        assert {result.id: result.reason for result in results if result.state != "passed"} == {}


#: By day; together with the solution they ask each kind of probe.
DAY = ("in its own network", "too much memory", "root in a container", "privileged")
#: One container with other settings, the check that sees it, and words of its reason.
MISSES: dict[str, tuple[str, Settings, Check, str]] = {
    "in its own network": (
        "front",
        {"networks": ["host"], "ports": None, "wait": False},
        access_checks.published,
        "host's network",
    ),
    "no port": ("front", {"ports": None}, access_checks.published, "no port at all"),
    "cut off": ("app", {"networks": ["hall"], "wait": False}, access_checks.apart, "nothing answers"),
    "a password in a label": (
        "front",
        {"labels": {"note": f"postgres://postgres:{PASSWORD}@database/postgres"}},
        access_checks.secret,
        "container `front` shows",
    ),
    "a password in a command": (
        "database",
        {"healthcheck": every(["CMD-SHELL", f"PGPASSWORD={PASSWORD} psql -h localhost -U postgres -c 'SELECT 1'"])},
        access_checks.secret,
        "container `database` shows",
    ),
    "too much memory": ("app", {"mem_limit": "512m"}, limit_checks.limits, "`app` may use 512 MB"),
    "any number of processes": ("front", {"pids_limit": None}, limit_checks.pids, "any number of processes"),
    "a log nobody can read": ("front", {"log_config": LogConfig(type="none")}, limit_checks.logs, "can't read it"),
    "a log of the usual size": ("front", {"log_config": LogConfig(type="local")}, limit_checks.logs, "100 MB"),
    "root in a container": ("app", {"user": None}, limit_checks.users, "of `app` runs as root"),
    "an administrator": ("front", {"cap_add": ["SYS_ADMIN"]}, limit_checks.confined, "SYS_ADMIN"),
    "too many processes": ("front", {"pids_limit": 201}, limit_checks.pids, "`front` may have 201 processes"),
    "a writable root": ("front", {"read_only": None}, limit_checks.confined, "`front` is writable"),
    "privileged": ("front", {"privileged": True}, limit_checks.confined, "is privileged"),
    "always well": ("database", {"healthcheck": every(["CMD", "true"])}, failure_checks.healthy, "succeeded"),
    "never well": (
        "front",
        {"healthcheck": every(["CMD-SHELL", "echo ill; false"]), "wait": False},
        failure_checks.healthy,
        "'ill'",
    ),
}


@pytest.mark.parametrize("case", by_day(MISSES, DAY))
def test_a_near_miss_is_told(harbour: Harbour, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """The reason says what was seen."""
    monkeypatch.setattr(failure_checks, "_MINUTE", 5)
    name, changes, look, words = MISSES[case]
    with harbour.changed(name, **changes), pytest.raises(Failed) as failed:
        look.look(harbour.context)
    assert words in failed.value.reason
    assert failed.value.hint


def test_a_port_published_by_another_container_counts(harbour: Harbour) -> None:
    """A relay in the database's network, published for everybody."""
    with harbour.guest(name="relay", network="hall", ports={"80/tcp": 8085}), pytest.raises(Failed, match="`relay`"):
        access_checks.published.look(harbour.context)


def test_strangers_do_not_count(harbour: Harbour) -> None:
    """What else runs on a student's computer, also as a service of the same name, is nobody's business."""
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "database"}
    with harbour.guest(name="shop-database-1", labels=labels, ports={"80/tcp": 8085}):
        running_checks.running.look(harbour.context)
        access_checks.published.look(harbour.context)
        limit_checks.confined.look(harbour.context)


def test_the_kernel_confirms_the_settings(harbour: Harbour) -> None:
    """What is enforced on a right container is what it was created with; in another one, a file can be created."""
    [app] = harbour.context.docker.containers.list(filters={"name": "^app$"})
    with harbour.guest(name="loose"):
        loose = harbour.context.docker.containers.get("loose")
        enforced = process_limits(harbour.context, [app, loose])
        assert loose.exec_run(["find", "/", "-maxdepth", "1", "-name", harbour.context.word("writable")]).output == b""
    settings = app.attrs["HostConfig"]
    assert enforced[str(app.id)] == ProcessLimits(settings["Memory"], settings["PidsLimit"], False, False)
    assert enforced[str(loose.id)] == ProcessLimits(0, 0, False, True)


@pytest.mark.nightly
def test_an_excuse_is_a_wrong_answer(harbour: Harbour) -> None:
    """A front that says 200 and sorry while the app is away."""
    sorry = "error_page 502 503 504 =200 /sorry;"
    harbour.put("site", {"site.conf": (SITE % sorry).encode()})
    try:
        with harbour.changed("front"), pytest.raises(Failed, match=r"answers were wrong.*We are sorry"):
            failure_checks.load.look(harbour.context)
    finally:
        harbour.put("site", {"site.conf": (SITE % "").encode()})
        harbour.begin("front")


@pytest.mark.nightly
def test_many_retries_are_too_many(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as stated, and no more."""
    monkeypatch.setattr(failure_checks, "RETRIES", 0)
    with pytest.raises(Failed, match=r"It took \d+ retries"):
        failure_checks.load.look(harbour.context)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("name", "look"),
    [("database", failure_checks.killed), ("app", failure_checks.load)],
)
def test_who_would_stay_down_is_left_in_peace(harbour: Harbour, name: str, look: Check) -> None:
    """It would not come back, so it isn't killed."""
    with harbour.changed(name, restart_policy={"Name": "no"}):
        container = harbour.context.docker.containers.get(name)
        with pytest.raises(Failed, match="restart policy is `no`"):
            look.look(harbour.context)
        before = container.attrs["State"]["StartedAt"]
        container.reload()
        assert container.attrs["State"]["StartedAt"] == before


def test_no_stack_fails_the_first_check_only(harbour: Harbour) -> None:
    """The others have nothing to look at, and nothing is no pass."""
    for name in RIGHT:
        harbour.context.docker.containers.get(name).rename(f"another-{name}")
    try:
        results = run(load_assignment("production").checks, harbour.context)
    finally:
        for name in RIGHT:
            harbour.context.docker.containers.get(f"another-{name}").rename(name)
    assert [result.state for result in results] == ["failed"] + ["skipped"] * 13
    assert "another-app" in results[0].reason

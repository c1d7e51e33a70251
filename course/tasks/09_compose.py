"""Exercises of the lesson *Start a whole application with Compose*."""

from __future__ import annotations

import re
from pathlib import Path

from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext, NoAnswer
from drydock.learn.exercises import exercise

_RECORDS = "wget -q -T 3 -O - http://records:8000/page"


@exercise(
    "A file begins with `services:`; a service needs `image`, `command` and `ports`.",
    "`ports` is a list of what you would write after `-p`: an address, the host's port, the container's port.",
    patience=3,
)
def page(context: CheckContext) -> None:
    """The service `page` answers at port 9310 of this computer alone."""
    container = _one(context, "my-page", "page")
    bindings = (container.attrs["NetworkSettings"]["Ports"] or {}).get("80/tcp") or []
    published = [f"{binding['HostIp']}:{binding['HostPort']}" for binding in bindings]
    if published != ["127.0.0.1:9310"]:
        raise Failed(
            f"Port 80 is published at {', '.join(published)}." if published else "Port 80 is not published.",
            hint="What do you write after `-p` for this computer alone?",
        )
    try:
        context.fetch(9310)
    except NoAnswer as error:
        raise Failed(f"Port 9310 was asked for a page: {error}.", hint="Which command does the service run?") from None


@exercise(
    "A service without `networks` is in the network `default`. A service with `networks` is only in these networks.",
    "Put `records` and `desk` into a network of their own, and name it under `networks:` at the end of the file.",
    patience=5,
    watched=False,
)
def apart(context: CheckContext) -> None:
    """In the project `office`, `desk` reaches `records`, and `guest` does not."""
    desk, guest = _one(context, "office", "desk"), _one(context, "office", "guest")
    if desk.exec_run(_RECORDS).exit_code != 0:
        raise Failed("`desk` does not get the page of `records`.", hint="Are the two in one network? Is it running?")
    if guest.exec_run(_RECORDS).exit_code == 0:
        raise Failed("`guest` gets the page of `records`.", hint="Which network do the two have in common?")


@exercise(
    "`healthcheck` has a `test`: a command in the container that succeeds when the service is ready.",
    "`depends_on` of `desk` names `records` with a `condition`, as `web` does with `store`.",
    patience=5,
)
def waits(context: CheckContext) -> None:
    """In the project `office`, `records` is healthy, and `desk` waits for that."""
    records, desk = _one(context, "office", "records"), _one(context, "office", "desk")
    health = records.attrs["State"].get("Health")
    if not health:
        raise Failed("`records` has no health check.", hint="Look at `healthcheck` in `my-stack/compose.yaml`.")
    if health["Status"] != "healthy":
        last = health["Log"][-1]["Output"].strip() if health["Log"] else "not run yet"
        raise Failed(f"`records` is {health['Status']}. The last test: {last!r}.", hint="Try the test with `exec`.")
    depends_on = desk.labels.get("com.docker.compose.depends_on", "")
    if "records:service_healthy" not in depends_on:
        raise Failed(
            f"`desk` depends on: {depends_on or 'nothing'}.",
            hint="`service_started` does not wait for the health check.",
        )


@exercise(
    "The file `.env` has lines such as `NAME=value`. Which name does `compose.yaml` use?",
    "Write the line to `my-stack/.env`, then run `docker compose up -d` again.",
    patience=3,
)
def greeting(context: CheckContext) -> None:
    """The page of `web` begins with `welcome`, and the setting is in `my-stack/.env`."""
    file = Path.cwd() / "my-stack" / ".env"
    if not file.is_file():
        raise Failed("There is no file `my-stack/.env`.", hint="The name begins with a dot.")
    if not re.search(r"^\s*(export\s+)?GREETING\s*[=:].*welcome", file.read_text(errors="replace"), re.MULTILINE):
        raise Failed("`my-stack/.env` doesn't set `GREETING` to `welcome`.", hint="A line such as `NAME=value`.")
    container = _running(context, "visits", "web")[0]
    [[binding, *_], *_] = [bound for bound in container.attrs["NetworkSettings"]["Ports"].values() if bound] or [[{}]]
    try:
        text = context.fetch(int(binding.get("HostPort", 9300))).text
    except NoAnswer as error:
        raise Failed(f"`web` was asked for its page: {error}.", hint="`docker compose logs web`") from None
    if not text.startswith("welcome"):
        raise Failed(f"The page is {text.strip()[:60]!r}.", hint="Did `web` get the setting? Run `up` again.")


@exercise(
    "Which option of `up` says how many containers a service has?", "`docker compose up -d --scale SERVICE=NUMBER`"
)
def two(context: CheckContext) -> None:
    """The service `web` has exactly two containers; `store` is still there."""
    _one(context, "visits", "store")
    containers = _running(context, "visits", "web")
    if len(containers) != 2:
        names = ", ".join(sorted(str(container.name) for container in containers))
        raise Failed(f"Running are: {names}.", hint="The number is the one that you say, not one more.")


exercises = [page, apart, waits, greeting, two]


def _one(context: CheckContext, project: str, service: str) -> Container:
    return _running(context, project, service)[0]


def _running(context: CheckContext, project: str, service: str) -> list[Container]:
    """Return the running containers of a service; at least one."""
    labels = [f"com.docker.compose.project={project}", f"com.docker.compose.service={service}"]
    containers = context.docker.containers.list(all=True, ignore_removed=True, filters={"label": labels})
    running = [container for container in containers if container.status == "running"]
    if not running:
        states = f"its container is {containers[0].status}" if containers else "it has no container"
        raise Failed(
            f"The service `{service}` of the project `{project}` does not run: {states}.",
            hint="`docker compose ls` lists the projects; `docker compose up -d` starts one.",
        )
    return running

"""Get one service to run: a named web server at the loopback address, with limits, whose page shows the token."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from docker.errors import APIError
from docker.models.containers import Container

from autograder.checks.api import Failed, check
from autograder.checks.assignment import Assignment
from autograder.checks.context import Answer, CheckContext, NoAnswer
from autograder.probes.compose import crash, started_at
from autograder.probes.logs import last_line, last_printed, lines
from autograder.probes.port_bindings import bindings, listed
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

NAME = "service"
PORT = 8080
_ADVICE = {
    3: "It redirects to another address. The front page itself should be at `/`.",
    4: "It found no page. Which folder does it serve, and is there an `index.html` in it?",
    5: "It failed while it answered. `docker logs service` prints the error.",
}
_PUBLISH = (
    "Without `-p` or `ports`, nothing outside of the container can reach the server. Options stand before the image."
)
_STAYS = "A limit holds while the container runs. `docker logs service` prints why it ended."
_LEAST, _MOST = 6 << 20, 512 << 20

#: A front page in short: the status, and whether the token of this run is on it.
Page = tuple[int, bool]


@check(points=2, patience=2)
def running(context: CheckContext) -> None:
    """A container named `service` is running, and still running two seconds later."""
    service = _service(context)
    if service.status != "running":
        raise Failed(_how_it_ended(service), hint=_why_not_running(service))
    before = service.attrs["State"]["StartedAt"]
    seconds = 8 if _was_restarted_lately(context, service) else 2
    if not context.holds(lambda: started_at(service) == before, seconds=seconds):
        raise Failed(
            f"It was running, but not for {seconds} seconds. {_how_it_ended(service)}",
            hint="Docker restarts a program that keeps failing. `docker logs service` prints its errors.",
        )


@check(points=2, needs=[running])
def published(context: CheckContext) -> None:
    """It is published at port 8080 of 127.0.0.1, and at no other port or address."""
    published_on = bindings(_service(context))
    if not published_on:
        raise Failed("It is published at no port at all.", hint=_PUBLISH)
    addresses = listed(published_on)
    if any(address not in ("127.0.0.1", "::1") for address, _ in published_on):
        raise Failed(
            f"It is published at {addresses}: other computers can reach it.",
            hint="In front of the host's port you can name an address of the host: the loopback address.",
        )
    if {port for _, port in published_on} != {PORT}:
        raise Failed(
            f"It is published at {addresses}.",
            hint=f"Host port and container port are two numbers. The only host port should be {PORT}.",
        )


@check(points=2, needs=[running], patience=6)
def answers(context: CheckContext) -> None:
    """It answers a request for its front page with status 200."""
    answer = _front_page(context)
    if answer.status != 200:
        raise Failed(
            f"It answered with status {answer.status}.",
            hint=_ADVICE.get(answer.status // 100, "`docker logs service` prints what the server logs."),
        )


@check(points=1, needs=[running])
def token(context: CheckContext) -> None:
    """Its front page shows the word that `token()` returns."""
    page = _front_page(context).text
    if "Directory listing for /" in page:
        raise Failed(
            "The page is a list of the files in a folder: the server found no `index.html` there.",
            hint="Which folder does it serve, and in which folder is your page? `docker exec service ls FOLDER`.",
        )
    if context.token not in page:
        raise Failed(
            f"The page starts with {page[:60]!r}; the word of this run, {context.token}, is not in it.",
            hint="The word is a new one in each run. Call `token()` in the code that writes the page.",
        )


@check(points=1, needs=[running])
def memory(context: CheckContext) -> None:
    """Its memory limit is between 6 and 512 MB."""
    service = _service(context)
    limit = service.attrs["HostConfig"].get("Memory", 0)
    if limit == 0:
        raise Failed("It has no limit.", hint="`docker run --help` lists the options for memory.")
    if not _LEAST <= limit <= _MOST:
        raise Failed(
            f"Its limit is {limit / (1 << 20):.1f} MB.",
            hint="A small web server needs between 6 and 512 megabytes. Which unit has your number?",
        )
    if _enforced_memory(service) > limit:
        raise Failed(
            f"Its limit is {limit / (1 << 20):.1f} MB by `docker inspect`, and the kernel does not enforce it.",
            hint="`docker stats --no-stream service` prints the limit that the kernel enforces.",
        )


@check(points=1, needs=[running])
def logs(context: CheckContext) -> None:
    """Its log shows the requests it gets."""
    service = _service(context)
    path = f"/a-look-at-your-log-{secrets.token_hex(4)}"
    _fetch(context, service, path)
    try:
        wait_for(lambda: any(path in line for line in lines(service)), "the log", seconds=10)
    except TimedOut:
        last = last_line(service)
        raise Failed(
            f"GET {path} is not in its log. " + (f"Its last line: {last!r}." if last else "It is empty."),
            hint="`docker logs` prints standard output and standard error of the main process. Where does yours write?",
        ) from None


@check(points=1, needs=[running])
def restarts(context: CheckContext) -> None:
    """Docker starts it again when its program is killed, and its front page is as before."""
    service = _service(context)
    policy = service.attrs["HostConfig"].get("RestartPolicy", {}).get("Name") or "no"
    if policy == "no":  # it would not be started again, so it is not killed
        raise Failed(
            "Its restart policy is `no`.",
            hint="`docker run --help` lists an option that restarts a container when it exits.",
        )
    before, page = started_at(service), _best_page(context, service)
    if before is None or not _comes_back(context, service, before, page):
        now, how = _described(_page(context)), _how_it_ended(service)
        with suppress(APIError):  # the next check finds it running
            service.start()
        raise Failed(
            f"Its restart policy is `{policy}`. Its program was killed, and the page did not come back as before. "
            f"Before: {_described(page)}. Now: {now}. {how}",
            hint="The same container starts again, with its files. Do all commands succeed a second time, as `mkdir`?",
        )


def _service(context: CheckContext) -> Container:
    service = context.container(NAME)
    if service is None:
        others = ", ".join(context.names())
        existing = f"The containers are: {others[:200]}." if others else "There is no container at all."
        raise Failed(
            f"No container is called `{NAME}`. {existing}",
            hint="The option `--name` names a container. Did the cell that starts it run without an error?",
        )
    return service


def _enforced_memory(service: Container) -> int:
    """Return the limit in bytes that the kernel enforces on the running container: without one, all memory there is."""

    def limit() -> int:
        usage = service.stats(stream=False, one_shot=True)
        assert isinstance(usage, dict)  # since it is not a stream
        return int(usage.get("memory_stats", {}).get("limit", 0))

    try:
        return wait_for(limit, "the memory that the container uses", seconds=10)
    except TimedOut:
        raise Failed(f"`docker stats` has no figures of it. {_how_it_ended(service)}", hint=_STAYS) from None


def _was_restarted_lately(context: CheckContext, service: Container) -> bool:
    """Return whether it started again in the last ten seconds: it may fail every few seconds, which takes longer."""
    if not service.attrs.get("RestartCount"):
        return False
    now, started = context.docker.info()["SystemTime"], service.attrs["State"]["StartedAt"]
    return datetime.fromisoformat(now) - datetime.fromisoformat(started) < timedelta(seconds=10)


def _why_not_running(service: Container) -> str:
    """Return a hint for a container that does not run: it never started, its work was done, or it failed."""
    state = service.attrs["State"]
    if state["Status"] == "created":
        return "It was created, and never started. Read what the cell that should start it printed."
    if state["ExitCode"] == 0:
        return "A container runs as long as its main process, and yours has ended. Which command of it serves the page?"
    return "It runs as long as its main process. Read `docker logs service`."


def _how_it_ended(service: Container) -> str:
    code = service.attrs["State"].get("ExitCode")
    return f"The container is {service.status}, with exit code {code}. {last_printed(service)}"


def _comes_back(context: CheckContext, service: Container, before: str, page: Page | None) -> bool:
    """Return whether Docker starts it again when it is killed, its page is as before, and both stay."""
    crash(context, service)
    with suppress(TimedOut):
        wait_for(lambda: started_at(service) not in (None, before), "a new start", seconds=30, every=0.2)
        wait_for(lambda: _page(context) == page, "its page", seconds=30, every=0.2)
        now = started_at(service)
        stays = now is not None and context.holds(lambda: started_at(service) == now, seconds=2)
        return stays and _page(context) == page
    return False


def _page(context: CheckContext) -> Page | None:
    """Return the front page's status and whether it shows the token; None when nothing answers."""
    try:
        answer = _front_page(context)
    except Failed:
        return None
    return answer.status, context.token in answer.text


def _described(page: Page | None) -> str:
    """Return a page in short, for a reason."""
    return f"status {page[0]}, {'with' if page[1] else 'without'} the word" if page else "no answer"


def _best_page(context: CheckContext, service: Container) -> Page | None:
    """Return its page now, or its page before it was first killed: what came back then may be less."""
    page, before = _page(context), context.noted.get(str(service.id))
    best: Page | None = max((page, before), key=_worth)
    context.noted[str(service.id)] = best
    return best


def _worth(page: Page | None) -> tuple[bool, bool]:
    """Return what makes one page better than another: that it is there, and that it shows the token."""
    return (False, False) if page is None else (page[0] == 200, page[1])


def _front_page(context: CheckContext) -> Answer:
    return _fetch(context, _service(context), "/")


def _fetch(context: CheckContext, service: Container, path: str) -> Answer:
    """Request a path at any port that it publishes, so that a wrong port fails one check and not four."""
    ports = sorted({port for _, port in bindings(service)}, key=lambda port: (port != PORT, port))
    if not ports:
        raise Failed("No port of it is published.", hint=_PUBLISH)
    try:
        return context.fetch(ports[0], path)
    except NoAnswer as error:
        raise Failed(
            f"Asked on port {ports[0]}: {error}.",
            hint="Does the server listen on the container port that you published, and on `0.0.0.0`?",
        ) from error


assignment = Assignment([running, published, answers, token, memory, logs, restarts])

"""Get one service to run in Docker: a named web service on loopback, with limits, showing this run's token."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from docker.errors import APIError
from docker.models.containers import Container

from autograder.checks.api import Failed, check
from autograder.checks.assignment import Assignment
from autograder.checks.context import Answer, CheckContext, NoAnswer
from autograder.probes.compose import bindings, crash, started_at
from autograder.probes.logs import last_line, last_said, lines
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

NAME = "service"
PORT = 8080
_ADVICE = {
    3: "It sends its visitors elsewhere. The front page itself should be there.",
    4: "It listens, but doesn't find the page. Which folder does it serve, and what is in it?",
    5: "It took the request and then broke over it. What does its log say?",
}
_LEAST, _MOST = 6 << 20, 512 << 20

#: A front page in short: the status, and whether the token of this run is on it.
Page = tuple[int, bool]


@check(points=2, patience=2)
def running(context: CheckContext) -> None:
    """A container named `service` is running, and still is two seconds later."""
    service = _service(context)
    if service.status != "running":
        raise Failed(_how_it_ended(service), hint="A container lives as long as its first process. Read its log.")
    before = service.attrs["State"]["StartedAt"]
    seconds = 8 if _was_restarted_lately(context, service) else 2
    if not context.holds(lambda: started_at(service) == before, seconds=seconds):
        raise Failed(
            f"It was running, but not for {seconds} seconds. {_how_it_ended(service)}",
            hint="A restart policy hides a program that keeps failing. Read its log.",
        )


@check(points=2, needs=[running])
def published(context: CheckContext) -> None:
    """It is published on port 8080 of 127.0.0.1, and nowhere else."""
    published_on = bindings(_service(context))
    seen = ", ".join(sorted(f"{address}:{port}" for address, port in published_on)) or "no port at all"
    if any(address not in ("127.0.0.1", "::1") for address, _ in published_on):
        raise Failed(
            f"It is published on {seen}: other computers can reach it.",
            hint="Where you name the port of this computer, you can also name the address it listens on.",
        )
    if {port for _, port in published_on} != {PORT}:
        raise Failed(
            f"It is published on {seen}.",
            hint=f"Inside and outside are two ports. The outside one should be {PORT}, and the only one.",
        )


@check(points=2, needs=[running], patience=6)
def answers(context: CheckContext) -> None:
    """It answers a request for its front page with status 200."""
    answer = _front_page(context)
    if answer.status != 200:
        raise Failed(
            f"It answered with status {answer.status}.",
            hint=_ADVICE.get(answer.status // 100, "What does its log say?"),
        )


@check(points=1, needs=[running])
def token(context: CheckContext) -> None:
    """Its front page shows this run's token."""
    page = _front_page(context).text
    if context.token not in page:
        raise Failed(
            f"The page starts with {page[:60]!r}; the token of this run, {context.token}, is not in it.",
            hint="The token changes with every run: ask for it where the page is written, don't copy it.",
        )


@check(points=1, needs=[running])
def memory(context: CheckContext) -> None:
    """It may use between 6 and 512 MB of memory."""
    limit = _service(context).attrs["HostConfig"].get("Memory", 0)
    if limit == 0:
        raise Failed("It has no limit.", hint="Look for the memory options of docker run.")
    if not _LEAST <= limit <= _MOST:
        raise Failed(
            f"Its limit is {limit / (1 << 20):.1f} MB.",
            hint="A page and a small server need a few megabytes, not gigabytes.",
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
            f"GET {path} is not in it. " + (f"Its last line: {last!r}." if last else "It is empty."),
            hint="The log is what the first process prints. Can the server print more?",
        ) from None


@check(points=1, needs=[running])
def restarts(context: CheckContext) -> None:
    """Docker starts it again when its program is killed, and it answers as before."""
    service = _service(context)
    policy = service.attrs["HostConfig"].get("RestartPolicy", {}).get("Name") or "no"
    if policy == "no":  # nothing would bring it back, so it is left in peace
        raise Failed(
            "Its restart policy is `no`.",
            hint="A restart policy is chosen when the container is created.",
        )
    before, page = started_at(service), _best_page(context, service)
    if before is None or not _comes_back(context, service, before, page):
        how = _how_it_ended(service)
        with suppress(APIError):  # as it was found, for the next check
            service.start()
        raise Failed(
            f"Its restart policy is `{policy}`; its program was killed and did not come back for good. {how}",
            hint="What works in a new container must work a second time, in one that was used.",
        )


def _service(context: CheckContext) -> Container:
    service = context.container(NAME)
    if service is None:
        others = ", ".join(context.names())
        seen = f"There is: {others[:200]}." if others else "There is no container at all."
        raise Failed(
            f"No container is called `{NAME}`. {seen}",
            hint="Containers get a name when they are created. Did the cell that starts it run without an error?",
        )
    return service


def _was_restarted_lately(context: CheckContext, service: Container) -> bool:
    """Whether it may be going in circles of some seconds each, and so deserves a longer look."""
    if not service.attrs.get("RestartCount"):
        return False
    now, started = context.docker.info()["SystemTime"], service.attrs["State"]["StartedAt"]
    return datetime.fromisoformat(now) - datetime.fromisoformat(started) < timedelta(seconds=10)


def _how_it_ended(service: Container) -> str:
    code = service.attrs["State"].get("ExitCode")
    return f"It is {service.status}, with exit code {code}. {last_said(service)}"


def _comes_back(context: CheckContext, service: Container, before: str, page: Page | None) -> bool:
    """Return whether Docker starts it again when it is killed, its page is as before, and it stays."""
    crash(context, service)
    with suppress(TimedOut):
        wait_for(lambda: started_at(service) not in (None, before), "a new start", seconds=30, every=0.2)
        wait_for(lambda: _page(context) == page, "its page", seconds=30, every=0.2)
        now = started_at(service)
        return now is not None and context.holds(lambda: started_at(service) == now, seconds=2)
    return False


def _page(context: CheckContext) -> Page | None:
    """Return the front page's status and whether it shows the token; None when nothing answers."""
    try:
        answer = _front_page(context)
    except Failed:
        return None
    return answer.status, context.token in answer.text


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
    """Ask through whichever port it publishes, so that a wrong port costs one check and not four."""
    ports = sorted({port for _, port in bindings(service)}, key=lambda port: (port != PORT, port))
    if not ports:
        raise Failed(
            "No port leads into it.",
            hint="A container's ports are its own until you publish them.",
        )
    try:
        return context.fetch(ports[0], path)
    except NoAnswer as error:
        raise Failed(
            f"Asked on port {ports[0]}: {error}.",
            hint="Does the server listen on the port that you published, on every address inside the container?",
        ) from error


assignment = Assignment([running, published, answers, token, memory, logs, restarts])

"""A container of a student's image, for a test: without a network, within limits, asked from a container beside it.

What goes wrong is raised as :class:`~autograder.checks.api.Failed`, with what was seen, so that a check can just ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container
from docker.models.images import Image

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.execution.container_errors import ContainerEnded, needs_running
from autograder.execution.container_waiting import exit_code
from autograder.probes.logs import last_printed
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

_LIMITS: dict[str, Any] = {
    "network_mode": "none",
    "mem_limit": "256m",
    "pids_limit": 128,
    "labels": {LABEL: "autograder"},
}
_SECOND = 1_000_000_000
#: An image's own health check, asked as often as a trial has time for.
SOON = {"interval": _SECOND, "timeout": 3 * _SECOND, "start_period": _SECOND // 1000, "retries": 1}
_LINES = 200
_COMMAND = "What do CMD and ENTRYPOINT name, and is it in the image?"
_USER = "Which user does `USER` name, and does a step create that user?"
_VOLUME = "Which folder does `VOLUME` name? A volume has an absolute path other than `/`."
#: Hints for a container that can't be made or started, by what Docker answers; :data:`_COMMAND` for any other answer.
_HINTS = {
    "unable to find user": _USER,
    "unable to find group": "Which group does `USER` name, and does a step create that group?",
    "no matching entries in": _USER,
    "/volumes/": _VOLUME,
}
_ASK = """
for n in $(seq 40); do
    wget -q -T 3 -O /tmp/page http://127.0.0.1:{port}{path} 2> /dev/null && head -c 100000 /tmp/page && exit 0
    sleep 0.2
done
exit 1
"""


@contextmanager
def created(context: CheckContext, image: Image, **settings: Any) -> Iterator[Container]:
    """A container of a student's image that is not started; ``settings`` are docker-py's. It goes with its volumes."""
    try:
        container = context.docker.containers.create(image, **{**_LIMITS, **settings})
    except APIError as error:
        raise Failed(f"No container can be made of it: {_words(error)}", hint=_hint(error)) from error
    try:
        yield container
    finally:
        container.remove(force=True, v=True)


@contextmanager
def running(context: CheckContext, image: Image, **settings: Any) -> Iterator[Container]:
    """A container of a student's image, started, with no network but its own loopback; as :func:`created`."""
    with created(context, image, **settings) as container:
        try:
            container.start()
        except APIError as error:
            raise Failed(f"It does not start: {_words(error)}", hint=_hint(error)) from error
        yield container


def printed_by(context: CheckContext, image: Image, script: str, *, seconds: float, **settings: Any) -> str:
    """What a shell script prints in a container of a student's image, up to its end or for some seconds."""
    with running(context, image, entrypoint=[], command=["sh", "-c", script], **settings) as container:
        exit_code(container, seconds)
        return container.logs(tail=_LINES).decode(errors="replace")


def output_of(context: CheckContext, image: Image, *words: str, seconds: float = 10) -> str:
    """What a container of it prints when it is started with these words, up to its end."""
    with running(context, image, command=list(words)) as container:
        if exit_code(container, seconds) is None:
            reason = f"Started with {' '.join(words)!r}, it still ran after {seconds:.0f} s."
            raise Failed(reason, hint="Its work is done when it has printed.")
        return container.logs(tail=_LINES).decode(errors="replace")


def ask(context: CheckContext, container: Container, port: int, path: str = "/") -> str:
    """What it answers to a GET with status 200, within some seconds of its start."""
    try:
        code, output = beside(context, container, _ASK.format(port=port, path=path), seconds=30)
    except ContainerEnded:
        code, output = 1, ""
    if code == 0:
        return output
    raise Failed(
        f"Asked for {path} on port {port}, it gave no page. {_how_it_is(container)}",
        hint="`docker run --network none` shows what it prints. Is all that it needs in the image, and readable?",
    )


def beside(context: CheckContext, container: Container, script: str, seconds: float = 20) -> tuple[int | None, str]:
    """Run a script in a container of ours that shares its loopback and sees its processes, as root."""
    namespace = f"container:{container.id}"
    return context.run(script, network_mode=namespace, pid_mode=namespace, seconds=seconds)


def hang(context: CheckContext, container: Container) -> None:
    """Stop all its processes where they are, so that it runs and does nothing."""
    beside(context, container, "kill -STOP -1")
    with needs_running():
        container.kill("SIGSTOP")  # process 1 receives this only from outside


def cut_off(context: CheckContext, container: Container) -> None:
    """Take its loopback interface down: all its processes run, and no request arrives."""
    context.run("ip link set lo down", network_mode=f"container:{container.id}", cap_add=["NET_ADMIN"])


def turns(container: Container, status: str) -> str | None:
    """None as soon as Docker says that its health is ``status``; else what its health check said last."""

    def health() -> dict[str, Any]:
        container.reload()
        state: dict[str, Any] = container.attrs["State"].get("Health") or {}
        return state

    try:
        wait_for(lambda: health().get("Status") == status, status, seconds=40, every=0.3)
    except TimedOut:
        probes = health().get("Log") or [{}]
        return str(probes[-1].get("Output", "")).strip()[-200:] or "nothing"
    return None


def _hint(error: APIError) -> str:
    """Return the hint for what Docker answered when a container was to be made of an image, or started."""
    return next((hint for words, hint in _HINTS.items() if words in str(error.explanation)), _COMMAND)


def _words(error: APIError) -> str:
    return str(error.explanation)[:300]


def _how_it_is(container: Container) -> str:
    container.reload()
    state = container.attrs["State"]
    how = "It runs." if state["Running"] else f"It ended with exit code {state['ExitCode']}."
    return f"{how} {last_printed(container)}"

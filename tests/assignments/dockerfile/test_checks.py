"""The checks of `dockerfile` with unusual folders, in a machine; test submissions show the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest
from docker import DockerClient

from autograder.checks.context import CheckContext
from autograder.checks.runner import run, run_one
from autograder.execution import archives
from autograder.execution.workspace import left
from autograder.sandbox.machine_sandbox import MachineSandbox
from tests.autograder.conftest import load_assignment
from tests.fixtures.dockerfile import BEST, IGNORE
from tests.tiers import by_day

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(300)]

GIVEN = load_assignment("dockerfile").files_for({})
TITLE = """RUN echo 'TITLE = "ours"' > board/words.py"""
FIXED = """RUN sed -i 's/"edition": "[0-9a-f]*"/"edition": "12345678"/' almanac.json"""

#: Near misses: what is changed in the Dockerfile, which check fails, words of its reason.
MISSES: dict[str, tuple[dict[str, str], str, str]] = {
    "the top folder": ({"workdir": "WORKDIR /"}, "described", "among the system's own"),
    "another port": ({"port": "EXPOSE 80"}, "described", "80/tcp"),
    "a label, but of whom": ({"label": "LABEL version=1"}, "described", "None of its labels"),
    "no such program": ({"command": 'CMD ["boards"]'}, "answers", "does not start"),
    "a folder it may not write in": ({"folder": "RUN mkdir /data"}, "answers", "gave no page. It runs"),
    "an almanac from somewhere": (
        {"almanac": """RUN echo '{"edition": "12345678", "harbours": {}}' > almanac.json"""},
        "answers",
        "for which a table was added",
    ),
    "another name only": ({"office": "ENV OFICE=ours"}, "environment", "without a name"),
    "root by number": ({"user": "USER 0:1000"}, "user", "belongs to root"),
    "a root process behind it": (
        {"user": "", "command": "CMD sleep 600 & exec setpriv --reuid 65534 --clear-groups python3 -m board"},
        "user",
        "belongs to root",
    ),
    "a volume elsewhere": ({"volume": "VOLUME /srv/data"}, "keeps", "--volumes-from"),
    "no folder to count in": ({"folder": "", "volume": ""}, "keeps", "counts no visitors"),
    "a shell above it": ({"command": "CMD python3 -m board | cat"}, "ends", "killed after three seconds"),
    "a probe that isn't there": ({"health": "HEALTHCHECK CMD curl localhost:8000"}, "healthy", "curl: not found"),
    "a probe of the stop only": (
        {"health": "HEALTHCHECK CMD ! grep -q '^State:.T' /proc/1/status"},
        "healthy",
        "No request can reach it",
    ),
    "an edition of its own": ({"board": f"{FIXED}\nCOPY board board"}, "cached", "the almanac is the old one"),
    "a title of its own": ({"board": f"COPY board board\n{TITLE}"}, "cached", "the old one"),
    "only the press's shadow": ({"board": "COPY board press ./\nCOPY board board"}, "clean", "in a layer"),
}

#: Those of the day: what the image says of itself, who runs in it, what is in its layers. Each builds for a minute.
DAY = ("another port", "root by number")


@pytest.fixture
def client(sandbox: MachineSandbox) -> Iterator[DockerClient]:
    """A client of the machine, in which nothing is left by a check but what Docker keeps of steps."""
    with closing(sandbox.client()) as opened:
        before = {image.id for image in opened.images.list()}
        yield opened
        assert opened.containers.list(all=True) == []
        assert opened.volumes.list() == []
        assert {image.id for image in opened.images.list()} == before


@pytest.fixture
def context(sandbox: MachineSandbox, client: DockerClient) -> CheckContext:
    """Nothing but a daemon."""
    return CheckContext(client, sandbox.reach, "a-token")


def with_files(context: CheckContext, files: Mapping[str, str]) -> CheckContext:
    """The check context with a folder: what is given, and these files."""
    texts = {path: text.encode() for path, text in files.items()}
    return CheckContext(
        context.docker, context.reach, context.token, left(context.docker, archives.packed({**GIVEN, **texts}))
    )


def dockerfile(**changes: str) -> str:
    """The right Dockerfile, but for some lines."""
    return "\n".join({**BEST, **changes}.values())


@pytest.mark.nightly  # by day, the solution is graded
def test_the_right_folder_passes(context: CheckContext) -> None:
    """The right answer that each near miss changes."""
    context = with_files(context, {"Dockerfile": dockerfile(), ".dockerignore": IGNORE})
    with closing(context.work):
        results = run(load_assignment("dockerfile").checks, context)
    assert {result.id: result.reason for result in results if result.state != "passed"} == {}


@pytest.mark.parametrize("case", by_day(MISSES, DAY))
def test_a_near_miss_fails_what_it_misses(context: CheckContext, case: str) -> None:
    """The reason says what was seen, and the hint how to go on."""
    changes, check, words = MISSES[case]
    context = with_files(context, {"Dockerfile": dockerfile(**changes), ".dockerignore": IGNORE})
    with closing(context.work):
        result = run_one(load_assignment("dockerfile").check(f"dockerfile.{check}"), context)
    assert (result.state, words in result.reason) == ("failed", True), result.reason
    assert result.hint


@pytest.mark.parametrize(
    ("ignore", "words"),
    [("", "a key gets into"), ("*\n", "is not sent"), ("**/*.key\n!gate.key\n", "a key gets into")],
)
def test_what_is_sent_is_looked_at(context: CheckContext, ignore: str, words: str) -> None:
    """Whatever the Dockerfile would copy of it; there need be none."""
    context = with_files(context, {".dockerignore": ignore})
    with closing(context.work):
        result = run_one(load_assignment("dockerfile").check("dockerfile.ignored"), context)
    assert words in result.reason


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("files", "advice"),
    [
        ({"Dockerfile.txt": "FROM drydock/python:3.13\n"}, "no file `Dockerfile`"),
        ({"Dockerfile": "FROM drydock/python:3.13\nCOPY almanac.json /\n"}, "not in this folder"),
        ({"Dockerfile": "FROM python:3.13\n"}, "names an image of Docker Hub"),
    ],
)
def test_a_failed_build_has_the_hint_for_what_it_printed(
    context: CheckContext, files: dict[str, str], advice: str
) -> None:
    """A file of another name, a file outside of the context and an image of Docker Hub have hints of their own."""
    context = with_files(context, files)
    with closing(context.work):
        result = run_one(load_assignment("dockerfile").check("dockerfile.builds"), context)
    assert advice in result.hint, result.reason


def test_no_folder_is_worth_nothing(context: CheckContext) -> None:
    """Absence is never a pass."""
    assert {result.points for result in run(load_assignment("dockerfile").checks, context)} == {0}

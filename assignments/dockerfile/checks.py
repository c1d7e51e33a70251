"""Write a Dockerfile for the tide board: an image is built from the student's folder and tested."""

from __future__ import annotations

import re
from typing import Any

from docker.models.images import Image

from autograder.checks.api import Failed, check
from autograder.checks.assignment import Assignment
from autograder.checks.context import CheckContext
from autograder.probes.compose import processes
from autograder.probes.container_probe import SOON, ask, cut_off, hang, running, turns
from autograder.probes.image_layers import present

BASE, PORT = "drydock/python:3.13", 8000
_PRESS = b"Prints an almanac of high waters"
_BUDGET = 4 << 20
_LEFT_OUT = "`COPY` names a file that is not in this folder, or that `.dockerignore` keeps out."
_UNCHANGED = "The line `raise NotImplementedError()` is still in the cell that writes the Dockerfile."
_NO_HUB = (
    "`FROM` names an image of Docker Hub, and there is no network. The names of the course's images begin with "
    "`drydock/`."
)
_STEP_FAILED = (
    "A command of a `RUN` step failed. The cell that builds shows what it printed. Is each file that the command needs "
    "copied before, and to the folder in which it runs?"
)
#: Hints for a build that failed, by what it printed.
_BUILD_ADVICE = {
    "failed to read dockerfile": "This folder has no file `Dockerfile`. Run the cell that begins with "
    "`%%writefile Dockerfile`.",
    **dict.fromkeys(("unknown instruction: RAISE", "unknown instruction: raise"), _UNCHANGED),
    "dockerfile parse error": "Compare that line with the lesson's. An instruction may be misspelt, or a line broken.",
    "buildx component": "Your `docker` command lacks BuildKit's plug-in. Run `drydock machine build` in a terminal, "
    "then `drydock lab`.",
    "failed to compute cache key": _LEFT_OUT,
    "failed to calculate checksum": _LEFT_OUT,
    "failed to do request": _NO_HUB,
    "failed to resolve source metadata": _NO_HUB,
    "executor failed running": _STEP_FAILED,
    "did not complete successfully": _STEP_FAILED,
}
_EVERYTHING = "FROM scratch\nCOPY . /\nCMD none\n"
_BY_HAND = "Try the command with `docker exec`. The image has Python, and neither `curl` nor `wget`."
_TABLE = b"M2 1.5 100\nS2 0.5 130\n"


@check(points=1)
def ignored(context: CheckContext) -> None:
    """`.dockerignore` keeps every key out of the build context, and the board in it."""
    changes = {**_changes(context), "Dockerfile": _EVERYTHING.encode()}
    secret = context.word("key").encode()
    board = context.word("title").encode()
    sent = present(_built(context, changes).save(), [secret, board])
    if board not in sent:
        raise Failed(
            "`board/words.py` is not sent, so no Dockerfile could copy it.",
            hint="A pattern in `.dockerignore` keeps out too much.",
        )
    if secret in sent:
        raise Failed(
            "With `COPY . /` a key gets into the image.",
            hint="A pattern without a slash matches only at the top of the build context. Which one matches below?",
        )


@check(points=1)
def builds(context: CheckContext) -> None:
    """`docker build` builds the folder, without a network."""
    _image(context)


@check(points=2, needs=[builds])
def answers(context: CheckContext) -> None:
    """A container of it serves the board on port 8000, with the harbour of every table, without a network."""
    page = _page(context, _image(context))
    harbour = context.word("harbour").title()
    if harbour not in page:
        raise Failed(
            f"The harbour {harbour}, for which a table was added, is not on its page.",
            hint="A `RUN` step makes the almanac from the tables. Is the whole folder `tables/` copied before it?",
        )


@check(points=1, needs=[builds])
def described(context: CheckContext) -> None:
    """Its configuration names port 8000, a working directory, and an author or maintainer."""
    config = _image(context).attrs["Config"]
    if "8000/tcp" not in (config.get("ExposedPorts") or {}):
        ports = ", ".join(config.get("ExposedPorts") or {}) or "none"
        raise Failed(f"It names these ports: {ports}.", hint="One instruction documents a port, and publishes nothing.")
    if config.get("WorkingDir") in (None, "", "/"):
        raise Failed(
            "Its working directory is `/`, among the system's own folders.", hint="Which instruction chooses another?"
        )
    if not any(re.search("author|maintainer", key) and value for key, value in (config.get("Labels") or {}).items()):
        raise Failed(
            "None of its labels names an author or a maintainer.",
            hint="`MAINTAINER` is obsolete. The usual label is `org.opencontainers.image.authors`.",
        )


@check(points=1, needs=[answers])
def environment(context: CheckContext) -> None:
    """It has a default name for the office, and `docker run -e OFFICE=…` sets another."""
    word = context.word("office")
    if word not in _page(context, _image(context), environment={"OFFICE": word}):
        raise Failed(
            f"Started with OFFICE={word}, its page doesn't show that name.",
            hint="`docker run -e` replaces a variable of the image. Does the command set it again?",
        )
    if "without a name" in _page(context, _image(context)):
        raise Failed(
            "Started without OFFICE, its page says: an office without a name.",
            hint="Which instruction sets an environment variable for every container of the image?",
        )


@check(points=1, needs=[answers])
def user(context: CheckContext) -> None:
    """No process of its container runs as root."""
    with running(context, _image(context)) as board:
        ask(context, board, PORT)
        users = {process.uid for process in processes(context, [board])}
    if not users or 0 in users:
        raise Failed(
            "A process in its container belongs to root, user 0.",
            hint="Which instruction chooses the user? The base image has one called `nobody`.",
        )


@check(points=1, needs=[answers])
def keeps(context: CheckContext) -> None:
    """It counts its visitors in a volume, which a second container can use."""
    unseen = {"test": ["NONE"]}  # a health check of the page would count as a visitor
    with running(context, _image(context), healthcheck=unseen) as first:
        before = _visitor(ask(context, first, PORT))
        with running(context, _image(context), healthcheck=unseen, volumes_from=[first.id]) as second:
            after = _visitor(ask(context, second, PORT))
    if before is None:
        raise Failed(
            "Its page counts no visitors.",
            hint="The board counts them if there is a folder `/data`. Does a step of the Dockerfile make it?",
        )
    if (before, after) != (1, 2):
        raise Failed(
            f"The first visitor had number {before}; the second, in a container `--volumes-from` the first, {after}.",
            hint="The board counts in `/data`. May its user write there, and which instruction declares a volume?",
        )


@check(points=1, needs=[answers])
def ends(context: CheckContext) -> None:
    """It ends within three seconds of `docker stop`."""
    with running(context, _image(context)) as board:
        ask(context, board, PORT)
        board.stop(timeout=3)
        board.reload()
        code = board.attrs["State"]["ExitCode"]
    if code == 137:
        raise Failed(
            "It did not react to SIGTERM, and was killed after three seconds.",
            hint="Docker sends the signal to the main process. Is that the board, or a shell? Look for: exec form.",
        )


@check(points=1, needs=[answers])
def healthy(context: CheckContext) -> None:
    """Docker reports `healthy` while it answers, and `unhealthy` when it hangs or no request reaches it."""
    if not _image(context).attrs["Config"].get("Healthcheck"):
        raise Failed(
            "It has no health check.", hint="Which instruction repeats a command? The board answers the path `/health`."
        )
    for fail, failure in ((cut_off, "No request can reach it"), (hang, "It hangs")):
        with running(context, _image(context), healthcheck=SOON) as board:
            ask(context, board, PORT)
            if output := turns(board, "healthy"):
                raise Failed(
                    f"It answers, and Docker does not report it as healthy. The health check printed {output!r}.",
                    hint=_BY_HAND,
                )
            fail(context, board)
            if turns(board, "unhealthy"):
                raise Failed(
                    f"{failure}, and Docker reports it as healthy.",
                    hint="A board that fails so still has its process. Does the health check request a page?",
                )


@check(points=2, needs=[answers])
def cached(context: CheckContext) -> None:
    """A new title makes no new almanac; a new table does."""
    edition = _edition(_page(context, _image(context)))
    title = {"board/words.py": f'TITLE = "{context.word("other title")}"\n'.encode()}
    page = _page(context, _built(context, {**_changes(context), **title}))
    if context.word("other title") not in page:
        raise Failed(
            "The title in `board/words.py` was changed, and the page shows the old one.",
            hint="Is the folder `board/` copied, and does a step write the title?",
        )
    if edition not in page:
        raise Failed(
            "Only the title was changed, and a new almanac was made.",
            hint="A step is repeated when anything before it has changed. Look for: build cache.",
        )
    harbour = context.word("other harbour")
    page = _page(context, _built(context, {**_changes(context), f"tables/{harbour}.txt": _TABLE}))
    if harbour.title() not in page or edition in page:
        raise Failed(
            "A table was added, and the almanac is the old one.",
            hint="The press makes it from the tables in a `RUN` step, which is repeated when a table has changed.",
        )


@check(points=1, needs=[builds])
def clean(context: CheckContext) -> None:
    """No layer of the image has a file of the press."""
    mark = context.word("press").encode()
    if present(_image(context).save(), [_PRESS, mark]):
        raise Failed(
            "The press is in a layer.",
            hint="A file that a later step removes is still in the earlier layer. Look for: multi-stage build.",
        )


@check(points=1, needs=[builds])
def small(context: CheckContext) -> None:
    """It is at most 4 MB larger than `drydock/python:3.13`."""
    more = _size(_image(context)) - _size(context.docker.images.get(context.image(BASE)))
    if more > _BUDGET:
        raise Failed(
            f"It is {more / (1 << 20):.1f} MB larger.",
            hint="`docker history` lists what each step adds. The press leaves files in `/tmp/press`.",
        )


def _changes(context: CheckContext) -> dict[str, bytes]:
    """Return the files that the folder has beside the student's work when a check builds it; all are random."""
    key, place = context.word("key").encode(), context.word("place")
    return {
        "gate.key": key,
        "board/glass.key": key,
        f"board/{place}/{place}.key": key,
        "board/words.py": f'TITLE = "{context.word("title")}"\n'.encode(),
        f"press/{context.word('press')}.py": context.word("press").encode(),
        f"tables/{context.word('harbour')}.txt": _TABLE,
    }


def _image(context: CheckContext) -> Image:
    return _built(context, _changes(context))


def _built(context: CheckContext, changes: dict[str, bytes]) -> Image:
    built = context.work.build(changes)
    if built.image is None:
        raise Failed(f"It does not build: {built.complaint}", hint=_advice_on_build(str(built.complaint)))
    return context.docker.images.get(built.image)


def _advice_on_build(complaint: str) -> str:
    """Return the hint for what a failed build printed."""
    for words, advice in _BUILD_ADVICE.items():
        if words in complaint:
            return advice
    return "Read the output of `docker build --network none .`. Only the course's images are there: `drydock/…`."


def _page(context: CheckContext, image: Image, **settings: Any) -> str:
    with running(context, image, **settings) as board:
        return ask(context, board, PORT)


def _visitor(page: str) -> int | None:
    number = re.search(r"visitor (\d{1,6})\b", page)
    return int(number[1]) if number else None


def _edition(page: str) -> str:
    edition = re.search(r"edition ([0-9a-f]{8})\b", page)
    if edition is None:
        raise Failed("Its page names no edition of the almanac.", hint="Leave the files of `board/` as they are.")
    return edition[0]


def _size(image: Image) -> int:
    return sum(int(step["Size"]) for step in image.history())


assignment = Assignment(
    [ignored, builds, answers, described, environment, user, keeps, ends, healthy, cached, clean, small]
)

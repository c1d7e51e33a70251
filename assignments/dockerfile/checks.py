"""Learn more about Dockerfiles: an image of the tide board, built from the student's folder and tested."""

from __future__ import annotations

import re
from typing import Any

from docker.models.images import Image

from autograder.checks.api import Failed, check
from autograder.checks.assignment import Assignment
from autograder.checks.context import CheckContext
from autograder.probes.container_probe import SOON, ask, beside, hang, running, turns
from autograder.probes.image_layers import found

BASE, PORT = "drydock/python:3.13", 8000
_PRESS = b"Prints an almanac of high waters"
_BUDGET = 4 << 20
_EVERYTHING = "FROM scratch\nCOPY . /\nCMD none\n"
_BY_HAND = "Try it by hand, with docker exec. The image has Python, and neither curl nor wget."
_TABLE = b"M2 1.5 100\nS2 0.5 130\n"


@check(points=1)
def ignored(context: CheckContext) -> None:
    """`.dockerignore` keeps every key out of what is sent to Docker, and the board in."""
    changes = {**_changes(context), "Dockerfile": _EVERYTHING.encode()}
    secret = context.word("key").encode()
    board = context.word("title").encode()
    seen = found(_built(context, changes).save(), [secret, board])
    if board not in seen:
        raise Failed("`board/words.py` is not sent, so no Dockerfile could copy it.", hint="It keeps out too much.")
    if secret in seen:
        raise Failed(
            "With `COPY . /` a key gets into the image.",
            hint="A pattern without a slash is only about the top of the folder. Which one is about all that is below?",
        )


@check(points=1)
def builds(context: CheckContext) -> None:
    """The folder builds, with BuildKit and without a network."""
    _image(context)


@check(points=2, needs=[builds])
def answers(context: CheckContext) -> None:
    """A container of it answers on port 8000, with the high waters of every table, and needs no network for it."""
    page = _page(context, _image(context))
    harbour = context.word("harbour").title()
    if harbour not in page:
        raise Failed(
            f"The harbour {harbour}, for which a table was added, is not on its page.",
            hint="The almanac is printed from all tables, and printed while the image is built.",
        )


@check(points=1, needs=[builds])
def described(context: CheckContext) -> None:
    """The image says which port it serves, in which folder it works, and whom to ask about it."""
    config = _image(context).attrs["Config"]
    if "8000/tcp" not in (config.get("ExposedPorts") or {}):
        ports = ", ".join(config.get("ExposedPorts") or {}) or "none"
        raise Failed(
            f"Ports it names: {ports}.", hint="There is an instruction that documents a port and publishes nothing."
        )
    if config.get("WorkingDir") in (None, "", "/"):
        raise Failed("It works in `/`, among the system's own folders.", hint="Choose a folder for what is yours.")
    if not any(re.search("author|maintainer", key) and value for key, value in (config.get("Labels") or {}).items()):
        raise Failed(
            "None of its labels names an author or a maintainer.",
            hint="MAINTAINER is out of use. What took its place? `org.opencontainers.image.authors` is the usual name.",
        )


@check(points=1, needs=[answers])
def environment(context: CheckContext) -> None:
    """It has a name for the office, and `docker run` can give another."""
    word = context.word("office")
    if word not in _page(context, _image(context), environment={"OFFICE": word}):
        raise Failed(
            f"Started with OFFICE={word}, its page doesn't show that name.",
            hint="A default gives way to what `docker run --env` says. Does something set the name again later?",
        )
    if "without a name" in _page(context, _image(context)):
        raise Failed(
            "Started without OFFICE, its page speaks of an office without a name.",
            hint="Which instruction sets a variable for every container of the image?",
        )


@check(points=1, needs=[answers])
def user(context: CheckContext) -> None:
    """Its program does not run as root."""
    with running(context, _image(context)) as board:
        ask(context, board, PORT)
        _, uids = beside(context, board, "grep ^Uid /proc/1/status")
    numbers = uids.split()[1:]
    if not numbers or "0" in numbers:
        raise Failed("Process 1 belongs to root, user 0.", hint="A user needs no name and no home, only a number.")


@check(points=1, needs=[answers])
def keeps(context: CheckContext) -> None:
    """It counts its visitors in a volume, which the next container can take over."""
    unseen = {"test": ["NONE"]}  # a health check would be a visitor, too
    with running(context, _image(context), healthcheck=unseen) as first:
        before = _visitor(ask(context, first, PORT))
        with running(context, _image(context), healthcheck=unseen, volumes_from=[first.id]) as second:
            after = _visitor(ask(context, second, PORT))
    if (before, after) != (1, 2):
        raise Failed(
            f"The first visitor had number {before}, the second, of another container `--volumes-from` it, {after}.",
            hint="Which folder does the board count in, who may write there, and what declares it a volume?",
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
            "It did not react to the signal and was killed after three seconds.",
            hint="Docker sends the signal to process 1 only. Is that the board, or something that started it?",
        )


@check(points=1, needs=[answers])
def healthy(context: CheckContext) -> None:
    """Docker calls it healthy when it answers, and unhealthy when it hangs."""
    if not _image(context).attrs["Config"].get("Healthcheck"):
        raise Failed("It has no health check.", hint="The board answers on the path /health. Who could ask, and how?")
    with running(context, _image(context), healthcheck=SOON) as board:
        ask(context, board, PORT)
        if said := turns(board, "healthy"):
            raise Failed(f"It answers, and Docker does not call it healthy. The check said: {said!r}", hint=_BY_HAND)
        hang(context, board)
        if said := turns(board, "unhealthy"):
            raise Failed("It hangs, and Docker calls it healthy.", hint="Only who asks for a page and waits will know.")


@check(points=2, needs=[answers])
def cached(context: CheckContext) -> None:
    """A new title needs no new almanac; a new table does."""
    edition = _edition(_page(context, _image(context)))
    title = {"board/words.py": f'TITLE = "{context.word("other title")}"\n'.encode()}
    page = _page(context, _built(context, {**_changes(context), **title}))
    if context.word("other title") not in page:
        raise Failed("The title in `board/words.py` was changed, and the page shows the old one.", hint="Is it copied?")
    if edition not in page:
        raise Failed(
            "When only the title was changed, the almanac was printed again.",
            hint="A step is taken again when anything before it has changed. What must stand before the printing?",
        )
    harbour = context.word("other harbour")
    page = _page(context, _built(context, {**_changes(context), f"tables/{harbour}.txt": _TABLE}))
    if harbour.title() not in page or edition in page:
        raise Failed("A table was added, and the almanac is the old one.", hint="It is printed by a step of the build.")


@check(points=1, needs=[builds])
def clean(context: CheckContext) -> None:
    """The press is in no layer of the image."""
    mark = context.word("press").encode()
    if found(_image(context).save(), [_PRESS, mark]):
        raise Failed(
            "The press is in a layer.",
            hint="What a later step removes is still in the layer below. Could it stay in a stage of its own?",
        )


@check(points=1, needs=[builds])
def small(context: CheckContext) -> None:
    """It is at most 4 MB larger than `drydock/python:3.13`."""
    more = _size(_image(context)) - _size(context.docker.images.get(context.image(BASE)))
    if more > _BUDGET:
        raise Failed(
            f"It is {more / (1 << 20):.1f} MB larger.",
            hint="`docker history` shows what each step adds. The press leaves something behind.",
        )


def _changes(context: CheckContext) -> dict[str, bytes]:
    """What the folder holds beside the student's work when it is built to be looked at: all of it random."""
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
        raise Failed(
            f"It does not build: {built.complaint}",
            hint="Docker's own words are in the output of `docker build`. The images to start from are here already.",
        )
    return context.docker.images.get(built.image)


def _page(context: CheckContext, image: Image, **settings: Any) -> str:
    with running(context, image, **settings) as board:
        return ask(context, board, PORT)


def _visitor(page: str) -> int | None:
    number = re.search(r"visitor (\d{1,6})\b", page)
    return int(number[1]) if number else None


def _edition(page: str) -> str:
    edition = re.search(r"edition ([0-9a-f]{8})\b", page)
    if edition is None:
        raise Failed("Its page names no edition of the almanac.", hint="The files of the board are fine as they are.")
    return edition[0]


def _size(image: Image) -> int:
    return sum(int(step["Size"]) for step in image.history())


assignment = Assignment(
    [ignored, builds, answers, described, environment, user, keeps, ends, healthy, cached, clean, small]
)

"""Build a development image with the student's tools and settings, and share it through a registry.

The checks build the image again from the student's folder. They pull the pushed image out of the student's registry,
layer by layer, and try it on another computer: in grading a second machine, in which nothing of the student's has run.
There they build the Dockerfile once more. In a student's notebook the same daemon takes the second one's place, since a
second machine needs too much memory for a small computer.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from docker.models.images import Image
from docker.types import Mount

from autograder.checks.api import Failed, check
from autograder.checks.assignment import Assignment
from autograder.checks.context import CheckContext
from autograder.execution.kernel_container import Limits
from autograder.probes import compose
from autograder.probes.image_diff import contents, differences, settings
from autograder.probes.registry import Registry, is_ours
from autograder.probes.terminal_session import Shell, opened
from drydock.core.paths import LABEL

from .tool_probe import POOL, listed, outputs_of

BASE, PORT, NAME = "drydock/workbench:13", 8083, "desk"
LEAST = 4
#: Characters of a path or a prompt that a person uses.
_LONGEST = 500
#: The prompts and aliases that shells have without any settings.
_USUAL_PROMPTS = {"", "$ ", "# ", "> ", "\\s-\\v\\$ ", "%m%# ", "${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ "}
_USUAL_ALIASES = {"run-help=man", "which-command=whence"}
_TITLE = re.compile(r"\\\[\\e\]0;.*?\\a\\\]")
_ALIAS = re.compile(r"^(?:alias )?([^\s=<>]+)=(.+)$", re.MULTILINE)
_WORKS = "Run the tool in a container of your image. Search for `dpkg -L`, which lists a package's files."


@check(points=1)
def builds(context: CheckContext) -> None:
    """`docker build` makes an image of the folder, with BuildKit and without a network."""
    _built(context)


@check(points=2, needs=[builds])
def tools(context: CheckContext) -> None:
    """The label `tools` lists at least four tools of the pool, and every tool on it works."""
    image = _built(context)
    on_list = listed(image)
    if len({POOL[tool] for tool in on_list if tool in POOL}) < LEAST:
        names = ", ".join(on_list) or "nothing"
        raise Failed(
            f"The label `tools` lists {names[:200]}: fewer than {LEAST} tools of the pool.",
            hint="It lists commands with spaces between them. A command may have another name than its package.",
        )
    for tool, output in outputs_of(context, image, on_list).items():
        if output:
            raise Failed(f"`{tool}` was given a small job. Its output: {output!r}", hint=_WORKS)


@check(points=1, needs=[builds])
def user(context: CheckContext) -> None:
    """The default user is not root."""
    with opened(context, _built(context)) as shell:
        shell.type("true")
        roots = [process for process in compose.processes(context, [shell.container]) if process.uid == 0]
    if roots:
        raise Failed(
            "A process in it runs as root, user 0.", hint="Which instruction sets the user? Search for `USER`."
        )


@check(points=1, needs=[builds])
def folder(context: CheckContext) -> None:
    """The shell opens in a work folder that the base image doesn't have, and its user can create files there."""
    with opened(context, _built(context)) as shell:
        place = _folder_in(shell)
        output = shell.type("echo a note > note-1 && cat note-1")
    if _is_of_the_base(context, place):
        raise Failed(
            f"It opens in `{place[:80]}`, which the base image has, too.",
            hint="Which instruction sets the folder? Search for `WORKDIR`.",
        )
    if "a note" not in output:
        raise Failed(
            f"In `{place[:80]}`, the user can't create a file: {output[-160:]!r}",
            hint="Which user owns the folder? Search for `chown`.",
        )


@check(points=1, needs=[builds])
def own(context: CheckContext) -> None:
    """The shell has a prompt or an alias that a plain Debian doesn't have."""
    with opened(context, _built(context)) as shell:
        prompt = shell.type("printf '<%s>' \"$PS1\"").strip()[1:-1]
        aliases = shell.type("alias")
    chosen = [alias for alias in _ALIAS.finditer(aliases) if not _is_usual(*alias.groups())]
    # A longer prompt is no usual one, and the pattern would take long for it.
    if _TITLE.sub("", prompt[:_LONGEST]) in _USUAL_PROMPTS and not chosen:
        raise Failed(
            f"Its prompt is the usual one, {prompt[:80]!r}, and it has no alias but the usual ones.",
            hint="Which file does an interactive shell read when it starts? Search for `bash.bashrc`.",
        )


@check(points=2, needs=[builds])
def owner(context: CheckContext) -> None:
    """Started as any user, with a folder of that user mounted as work folder, it creates files that the user owns."""
    image, uid = _built(context), 20000 + int(context.word("caller")[1:5], 16)
    with opened(context, image) as shell:
        place = _folder_in(shell)
    if _is_of_the_base(context, place):  # `folder` has judged that; a mount there would hide the system's files
        place = f"/{context.word('work')}"
    with _folder_of(context, uid) as (mount, look):
        with opened(context, image, user=f"{uid}:{uid}", mounts=[Mount(place, mount, no_copy=True)]) as shell:
            output = shell.type(f"cd {shlex.quote(place)} && echo a > mine && mkdir deep && echo b > deep/mine")
        owners = look("stat -c %u:%g mine deep deep/mine 2>&1")
    if owners.split() != [f"{uid}:{uid}"] * 3:
        raise Failed(
            f"Started with `--user {uid}:{uid}`, it created files in `{place[:80]}` whose owner is {owners[:120]!r}. "
            f"{output}",
            hint="Does it work with the user it is started with, or change to another one? Search for `setpriv`.",
        )


@check(points=1)
def pushed(context: CheckContext) -> None:
    """The registry at port 8083 has the repository `desk`, with a tag other than `latest`."""
    _named(context)


@check(points=2, needs=[builds, pushed])
def travels(context: CheckContext) -> None:
    """Pulled on another computer, the image opens a shell, and the tools work there as they work here."""
    other, on_list = context.elsewhere(), listed(_built(context))
    with _pulled(context, other) as image:
        with opened(other, image) as shell:
            shell.type("true")
        failed = {tool: output for tool, output in outputs_of(other, image, on_list).items() if output}
    here = outputs_of(context, _built(context), sorted(failed))
    for tool, output in failed.items():
        if not here[tool]:
            raise Failed(
                f"`{tool}` works in the image that the folder builds. Its output in the pulled image: {output!r}",
                hint="Has the Dockerfile changed since you pushed? Search for `docker push`.",
            )


@check(points=2, needs=[travels])
def same(context: CheckContext) -> None:
    """Built from the Dockerfile on that other computer, the image is the same as the pushed one."""
    other = context.elsewhere()
    built = other.work.build()
    if built.image is None:
        raise Failed(
            f"It doesn't build on the other computer: {built.complaint}",
            hint="That computer has the course's images, and none that you built. Search for `FROM`.",
        )
    with _pulled(context, other) as image:
        new = other.docker.images.get(built.image)
        if new.attrs["RootFS"] == image.attrs["RootFS"]:  # layer by layer; so there is no file to look at
            changes = differences(settings(image), settings(new))
        else:
            changes = differences(contents(other, image), contents(other, new))
    if changes:
        more = f" and {len(changes) - 5} more" if len(changes) > 5 else ""
        raise Failed(
            f"Not the same: {', '.join(changes[:5])[:400]}{more}.",
            hint="Was another Dockerfile pushed, or does each build write something else? Search for `docker diff`.",
        )


def _built(context: CheckContext) -> Image:
    built = context.work.build()
    if built.image is None:
        raise Failed(
            f"It does not build: {built.complaint}",
            hint="Run `docker build --network none .` in a terminal: its output has the step that failed.",
        )
    return context.docker.images.get(built.image)


def _folder_in(shell: Shell) -> str:
    """Return the folder in which a shell is."""
    place = shell.type("pwd").strip()
    if not place.startswith("/") or not place.isprintable() or len(place) > _LONGEST:
        raise Failed(
            f"`pwd` printed {place[:80]!r}, which is no folder.",
            hint="Type `pwd` in a shell of your image. Does an alias or a function take its place?",
        )
    return place


def _is_usual(name: str, value: str) -> bool:
    return f"{name}={value}" in _USUAL_ALIASES or value.strip("'\"") == f"{name} --color=auto"


def _is_of_the_base(context: CheckContext, place: str) -> bool:
    """Return whether the base image has this folder, too."""
    return context.run(f"test -d {shlex.quote(place)}", image=BASE, network_mode="none")[0] == 0


@contextmanager
def _folder_of(context: CheckContext, uid: int) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield a volume that a user owns, and a function that runs a script in it from outside."""
    volume = context.docker.volumes.create(labels={LABEL: "autograder"})
    mounts = [Mount("/there", volume.name)]

    def look(script: str) -> str:
        return context.run(f"cd /there && {script}", mounts=mounts, network_mode="none")[1].strip()

    try:
        look(f"chown {uid}:{uid} .")
        yield volume.name, look
    finally:
        volume.remove(force=True)


def _named(context: CheckContext) -> str:
    """Return the tag of the newest image, `latest` left out."""
    registry = Registry(context, PORT)
    tags = registry.tags(NAME)
    names = [tag for tag in tags if tag != "latest"]
    if not tags:
        others = ", ".join(registry.repositories())[:200] or "nothing"
        raise Failed(
            f"The registry has no repository `{NAME}`. It has: {others}.",
            hint="The name to push is `ADDRESS:PORT/REPOSITORY:TAG`. Search for `docker tag`.",
        )
    if not names:
        raise Failed(
            "Its only tag is `latest`, which Docker adds to a name without a tag.",
            hint="Choose a tag that still means this image when there is a newer one. Search for `docker tag`.",
        )
    return registry.newest(NAME, names)


@contextmanager
def _pulled(context: CheckContext, other: CheckContext) -> Iterator[Image]:
    """Yield the pushed image in the other daemon. It stays there for the next check; here it is removed afterwards."""
    image = Registry(context, PORT).carry(NAME, _named(context), other, BASE)
    try:
        yield image
    finally:
        if other is context:  # only our name of it: the others are the student's
            for name in image.tags:
                if is_ours(name):
                    context.docker.images.remove(name)


assignment = Assignment(
    [builds, tools, user, folder, own, owner, pushed, travels, same],
    # Installing all tools of the pool takes a minute on a busy computer, and pushing the image another one.
    limits=Limits(cell_seconds=180, total_seconds=420),
    # The image is pulled on the second one.
    machines=2,
)

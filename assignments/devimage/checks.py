"""Make a personal development image: the student's tools, shell and habits, to be taken along to any computer.

What they built is built again from their folder. What they pushed is taken out of their registry, layer by layer, and
tried on another computer: in grading a second machine, in which nothing of theirs has ever run. There the Dockerfile
is built once more, too, with nothing to lean on. In a student's notebook, where a second machine would ask too much
of a small computer, the same daemon takes its place.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
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
from autograder.probes.terminal_session import opened
from drydock.core.paths import LABEL

BASE, PORT, NAME = "drydock/workbench:13", 8083, "desk"
LEAST = 4
_VI = "echo a > f && {tool} -u NONE -es -c s/a/{word}/ -c wq f; cat f"
#: How each tool of the pool earns its place: a job that ends with a word.
JOBS = {
    "curl": "echo {word} > f && {tool} --silent file://$PWD/f",
    "git": "{tool} init -q . && git config user.name a && git config user.email a@b && echo {word} > f && "
    "{tool} add f && {tool} commit -qm f && {tool} show HEAD:f",
    "jq": "echo '{{\"a\": [\"{word}\"]}}' | {tool} -r '.a[0]'",
    "less": "echo {word} > f && {tool} f | cat",
    "make": "printf 'all:\\n\\t@echo {word} > f\\n' > Makefile && {tool} > log && cat f",
    "nano": "{tool} --version | grep -q 'GNU nano' && echo {word}",
    "tmux": "{tool} -L {word} -f /dev/null new-session -d \\; display-message -p {word} \\; kill-server",
    "vi": _VI,
    "vim.tiny": _VI,
    "zsh": "{tool} -fc 'a=({word}); print $a[1]'",
}
_ANY = "{{ {tool} --version || {tool} -V || {tool} --help; }} > /dev/null && echo {word}"
_TRY = "mkdir {n}; cd {n}; ({job}) > ../{n}.said 2>&1 < /dev/null; cd ..; echo {n} $(tail -n 1 {n}.said | head -c 150)"
_TOOL = re.compile(r"[\w.+-]{1,40}")
#: What shells show and know before anybody has made them theirs.
_USUAL_PROMPTS = {"", "$ ", "# ", "> ", "\\s-\\v\\$ ", "%m%# ", "${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ "}
_USUAL_ALIASES = {"run-help=man", "which-command=whence"}
_TITLE = re.compile(r"\\\[\\e\]0;.*?\\a\\\]")
_ALIAS = re.compile(r"^(?:alias )?([^\s=<>]+)=(.+)$", re.MULTILINE)
_WORKS = "Sit down at it, and use it."


@check(points=1)
def builds(context: CheckContext) -> None:
    """The folder builds, with BuildKit and without a network."""
    _built(context)


@check(points=2, needs=[builds])
def tools(context: CheckContext) -> None:
    """All tools on its list are there and run; at least four of them are from the pool."""
    image = _built(context)
    listed = _listed(image)
    if len(set(listed) & JOBS.keys()) < LEAST:
        seen = ", ".join(listed) or "nothing"
        raise Failed(
            f"The label `tools` lists {seen[:200]}: fewer than {LEAST} tools of the pool.",
            hint="It lists commands, with spaces between them: what you type, which need not be the package's name.",
        )
    for tool, said in _tried(context, image, listed).items():
        if said:
            raise Failed(f"`{tool}` was given a small job, and said: {said!r}", hint=_WORKS)


@check(points=1, needs=[builds])
def user(context: CheckContext) -> None:
    """The default user is not root."""
    with opened(context, _built(context)) as shell:
        shell.type("true")
        roots = [one for one in compose.processes(context, [shell.container]) if one.uid == 0]
    if roots:
        raise Failed("What runs in it belongs to root, user 0.", hint="Which instruction says who runs a container?")


@check(points=1, needs=[builds])
def folder(context: CheckContext) -> None:
    """It opens in a work folder of its own, where its user can make files."""
    with opened(context, _built(context)) as shell:
        where = shell.type("pwd").strip()
        made = shell.type("echo a note > note-1 && cat note-1")
    there, _ = context.run(f"test -d {shlex.quote(where)}", image=BASE, network_mode="none")
    if there == 0:
        raise Failed(f"It opens in `{where[:80]}`, among the system's own folders.", hint="Choose one that is yours.")
    if "a note" not in made:
        raise Failed(f"In `{where[:80]}`, a file could not be made: {made[-160:]!r}", hint="Whose folder is it?")


@check(points=1, needs=[builds])
def own(context: CheckContext) -> None:
    """The shell that opens is somebody's own: it has a prompt or an alias that others don't have."""
    with opened(context, _built(context)) as shell:
        prompt = shell.type("printf '<%s>' \"$PS1\"").strip()[1:-1]
        aliases = shell.type("alias")
    strange = [found for found in _ALIAS.finditer(aliases) if not _is_usual(*found.groups())]
    if _TITLE.sub("", prompt) in _USUAL_PROMPTS and not strange:
        raise Failed(
            f"Its prompt is the usual one, {prompt!r}, and it knows no alias but the usual ones.",
            hint="Which file does your shell read when it opens for somebody to type in?",
        )


@check(points=2, needs=[folder])
def owner(context: CheckContext) -> None:
    """Files made in the mounted work folder belong to the user who started it, whatever the user's number."""
    image, uid = _built(context), 20000 + int(context.word("caller")[1:5], 16)
    with opened(context, image) as shell:
        where = shell.type("pwd").strip()
    with _folder_of(context, uid) as (mount, look):
        with opened(context, image, user=f"{uid}:{uid}", mounts=[Mount(where, mount, no_copy=True)]) as shell:
            said = shell.type(f"cd {shlex.quote(where)} && echo a > mine && mkdir deep && echo b > deep/mine")
        seen = look("stat -c %u:%g mine deep deep/mine 2>&1")
    if seen.split() != [f"{uid}:{uid}"] * 3:
        raise Failed(
            f"Started with `--user {uid}:{uid}`, it made files in `{where[:80]}` that belong to {seen[:120]!r}. {said}",
            hint="Does it insist on being somebody else? It should take whatever user it is started with.",
        )


@check(points=1)
def pushed(context: CheckContext) -> None:
    """The registry on port 8083 has it, under a tag that is a name and not `latest`."""
    _named(context)


@check(points=2, needs=[builds, pushed])
def travels(context: CheckContext) -> None:
    """Pulled on another computer, it opens a shell, and the tools that run here run there."""
    there, listed = context.elsewhere(), _listed(_built(context))
    with _pulled(context, there) as image:
        with opened(there, image) as shell:
            shell.type("true")
        failed = {tool: said for tool, said in _tried(there, image, listed).items() if said}
    here = _tried(context, _built(context), sorted(failed))
    for tool, said in failed.items():
        if not here[tool]:
            raise Failed(
                f"`{tool}` runs in what the folder builds; in what was pulled it said: {said!r}",
                hint="What was pushed is the image as it was then. Has it changed since?",
            )


@check(points=2, needs=[travels])
def same(context: CheckContext) -> None:
    """Built from its Dockerfile on that other computer, it becomes what was pushed."""
    there = context.elsewhere()
    built = there.work.build()
    if built.image is None:
        raise Failed(
            f"It doesn't build there: {built.complaint}",
            hint="There, Docker has the images that it has in every machine, and none that you made.",
        )
    with _pulled(context, there) as image:
        new = there.docker.images.get(built.image)
        if new.attrs["RootFS"] == image.attrs["RootFS"]:  # layer by layer; so there is no file to look at
            other = differences(settings(image), settings(new))
        else:
            other = differences(contents(there, image), contents(there, new))
    if other:
        more = f" and {len(other) - 5} more" if len(other) > 5 else ""
        raise Failed(
            f"Not the same: {', '.join(other[:5])[:400]}{more}.",
            hint="What was pushed came of something else than this Dockerfile, or comes out differently each time.",
        )


def _built(context: CheckContext) -> Image:
    built = context.work.build()
    if built.image is None:
        raise Failed(
            f"It does not build: {built.complaint}",
            hint="Docker's own words are in the output of `docker build`. The image to start from is here already.",
        )
    return context.docker.images.get(built.image)


def _listed(image: Image) -> list[str]:
    label = (image.attrs["Config"].get("Labels") or {}).get("tools") or ""
    return sorted(set(_TOOL.findall(label)))[:30]


def _tried(context: CheckContext, image: Image, listed: Sequence[str]) -> dict[str, str]:
    """What came of giving each tool a job: nothing when it did it, else what it said."""
    words = {tool: context.word(tool) for tool in listed}
    jobs = [JOBS.get(tool, _ANY).format(tool=tool, word=words[tool]) for tool in listed]
    script = "\n".join(["cd /" + context.word("place"), *(_TRY.format(n=n, job=job) for n, job in enumerate(jobs))])
    place = {f"/{context.word('place')}": "mode=1777"}
    how = {"network_mode": "none", "tmpfs": place, "pids_limit": 128, "mem_limit": "256m"}
    _, said = context.run(script, image=str(image.id), entrypoint=[], seconds=60, **how)
    lines = dict(line.strip().partition(" ")[::2] for line in said.splitlines())
    results = {tool: lines.get(str(n), "") or "nothing" for n, tool in enumerate(listed)}
    return {tool: "" if result == words[tool] else result for tool, result in results.items()}


def _is_usual(name: str, value: str) -> bool:
    return f"{name}={value}" in _USUAL_ALIASES or value.strip("'\"") == f"{name} --color=auto"


@contextmanager
def _folder_of(context: CheckContext, uid: int) -> Iterator[tuple[str, Callable[[str], str]]]:
    """A volume that belongs to somebody, and a way to run a script in it from outside."""
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
    """The newest of its tags that are names."""
    registry = Registry(context, PORT)
    tags = registry.tags(NAME)
    names = [tag for tag in tags if tag != "latest"]
    if not tags:
        others = ", ".join(registry.repositories())[:200] or "nothing"
        raise Failed(
            f"The registry has no repository `{NAME}`. It has: {others}.",
            hint="The name that you push has three parts: the registry's address, the repository, the tag.",
        )
    if not names:
        raise Failed(
            "Its only tag is `latest`, which is what Docker says when nobody says anything.",
            hint="A tag should still mean the same when there is a newer one.",
        )
    return registry.newest(NAME, names)


@contextmanager
def _pulled(context: CheckContext, there: CheckContext) -> Iterator[Image]:
    """What was pushed, in the other daemon; there it stays for the next check, here it's gone afterwards."""
    image = Registry(context, PORT).carry(NAME, _named(context), there, BASE)
    try:
        yield image
    finally:
        if there is context:  # only our name of it: the others are the student's
            for name in image.tags:
                if is_ours(name):
                    context.docker.images.remove(name)


assignment = Assignment(
    [builds, tools, user, folder, own, owner, pushed, travels, same],
    # An image with all tools of the pool takes a minute to install on a busy computer, and another one to push.
    limits=Limits(cell_seconds=180, total_seconds=420),
    # The image is pulled on a second one.
    machines=2,
)

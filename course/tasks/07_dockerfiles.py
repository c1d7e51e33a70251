"""Exercises of the lesson *Write a Dockerfile*."""

from __future__ import annotations

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.learn.daemon_objects import existing_image, printed_by
from drydock.learn.exercises import exercise


@exercise(
    "The server has ended when the next `RUN` begins. What has to be on one line?",
    "`RUN httpd -h / && wget …` runs both in the same container.",
    watched=False,
)
def tested(context: CheckContext) -> None:
    """In a container of `lesson/tested:1`, the file `/answer` has the content of `/page`."""
    page, answer = (_output(context, "lesson/tested:1", "cat", path) for path in ("/page", "/answer"))
    if not page or answer != page:
        raise Failed(f"`/page` contains {page[:40]!r}, `/answer` {answer[:40]!r}.", hint="Who wrote `/answer`?")
    steps = " ".join(entry["CreatedBy"] for entry in existing_image(context, "lesson/tested:1").history())
    if "wget" not in steps:
        raise Failed("No step of the image runs `wget`.", hint="The build should ask the server for the page.")


@exercise(
    "Which instruction makes words on the command line the program's arguments?",
    "`ENTRYPOINT` names the program, and `CMD` its default argument, each as a list.",
    watched=False,
)
def counter(context: CheckContext) -> None:
    """`lesson/counter:1` counts to 3, or to the number that it gets as argument."""
    for words, last in ([], 3), (["5"], 5):
        output = _output(context, "lesson/counter:1", *words)
        if output.split() != [str(number) for number in range(1, last + 1)]:
            raise Failed(f"With the arguments {words} it printed {output[:60]!r}.", hint="Is `ENTRYPOINT` a list?")


@exercise(
    "`WORKDIR` makes the folder, and `USER` sets the user for the lines that follow.",
    "Only root may give a folder away: `RUN chown nobody .` has to come before `USER nobody`.",
    watched=False,
)
def user(context: CheckContext) -> None:
    """A container of `lesson/safe:1` runs as `nobody` in `/srv/diary`, and can write there."""
    code, output = context.run("id -un; pwd; touch entry", image=str(existing_image(context, "lesson/safe:1").id))
    lines = output.splitlines()
    if lines[:2] != ["nobody", "/srv/diary"]:
        raise Failed(f"`id -un; pwd` printed {' '.join(lines[:2])!r}.", hint="Look at `USER` and `WORKDIR`.")
    if code != 0:
        raise Failed(f"`touch entry` printed {lines[2:]}.", hint="Whom does the folder belong to? `ls -ld .`")


@exercise(
    "What changes daily comes last. `update`, `install` and the removal of the lists are one `RUN`.",
    "A file that a later line removes is still in the layer below; so `rm -rf` is on the same line as `apt-get`.",
    watched=False,
)
def board(context: CheckContext) -> None:
    """`lesson/board:1` has `less` and `/page.html`, no package lists, and its steps are in a good order."""
    image = existing_image(context, "lesson/board:1")
    code, output = context.run("less --version && cat /page.html", image=str(image.id))
    if code != 0:
        raise Failed(f"`less --version && cat /page.html` printed {output[-80:]!r}.", hint="Is `less` installed?")
    if context.run("test -z \"$(find /var/lib/apt/lists -name '*Packages*')\"", image=str(image.id))[0] != 0:
        raise Failed("`/var/lib/apt/lists` still has package lists.", hint="Which line removes them?")
    steps = [entry["CreatedBy"] for entry in image.history()]
    installs = [place for place, step in enumerate(steps) if "apt-get" in step and "install" in step]
    copies = [place for place, step in enumerate(steps) if step.startswith(("COPY", "ADD")) and "drydock" not in step]
    if not installs or not copies or min(installs) < min(copies):
        raise Failed("A new page would install `less` again.", hint="Which step comes first? `docker history`.")
    if not all("rm " in step for step in steps if "apt-get" in step and "update" in step):
        raise Failed("The step with `apt-get update` doesn't remove the lists.", hint="They stay in its layer.")


@exercise(
    "A line `old` leaves out the whole folder, unless a later line with `!` takes something back.",
    "`.dockerignore` may name itself. Then build the image again.",
    watched=False,
)
def ignore(context: CheckContext) -> None:
    """`lesson/cargo:2` has `/cargo/apples.txt`, no key, nothing of `old`, and no `.dockerignore`."""
    files = _output(context, "lesson/cargo:2", "find", "/cargo").split()
    if "/cargo/apples.txt" not in files:
        raise Failed("There is no `/cargo/apples.txt`.", hint="Build the folder `cargo` with its own Dockerfile.")
    unwanted = [file for file in files if file.endswith((".key", ".dockerignore")) or file.startswith("/cargo/old")]
    if unwanted:
        raise Failed(f"The image has {', '.join(unwanted)}.", hint="Which line of `.dockerignore` is about it?")


@exercise(
    "The stage has a name: it stands after `AS`.",
    "`docker build --target STAGE -t NAME FOLDER`",
    watched=False,
)
def stage(context: CheckContext) -> None:
    """`lesson/poster:tools` is the first stage: it has `/work/poster.txt` and Python."""
    code, output = context.run(
        "cat /work/poster.txt && python3 --version", image=str(existing_image(context, "lesson/poster:tools").id)
    )
    if code != 0:
        raise Failed(
            f"`cat /work/poster.txt && python3 --version` printed {output[-80:]!r}.", hint="Which stage is it?"
        )


exercises = [tested, counter, user, board, ignore, stage]


def _output(context: CheckContext, tag: str, *command: str) -> str:
    return printed_by(context, existing_image(context, tag), *command)

"""Exercises of the lesson *Run, inspect and stop containers*."""

from __future__ import annotations

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.learn.daemon_objects import execute, existing_container, running_container
from drydock.learn.exercises import exercise


@exercise(
    "Three options: one for the background, two for a prompt.",
    "The two options for a prompt are `-t` and `-i`; the one for the background is `-d`.",
)
def background(context: CheckContext) -> None:
    """Container `workshop` runs `bash` in the background, with a terminal that waits for input."""
    container = running_container(context, "workshop")
    if not container.attrs["Path"].endswith("bash"):
        raise Failed(f"It runs `{container.attrs['Path']}`.", hint="The command comes after the image.")
    config = container.attrs["Config"]
    for option, kept in [("-t", config["Tty"]), ("-i", config["OpenStdin"])]:
        if not kept:
            raise Failed(
                f"`workshop` was created without `{option}`.", hint="What does a person need who attaches to it?"
            )


@exercise(
    "One way is a shell with `docker exec`, the other is a file of yours and `docker cp`.",
    "A `>` outside of quotes belongs to your own shell. In the container it needs `sh -c`.",
    watched=False,
)
def greeting(context: CheckContext) -> None:
    """The running container `workshop` has a file `/root/greeting` with the word `hello`."""
    container = running_container(context, "workshop")
    code, text = execute(container, "cat", "/root/greeting")
    if code != 0:
        raise Failed(f"`cat /root/greeting` in the container: {text}", hint="Did the file land on the host?")
    if text.strip() != "hello":
        contents = f"The file contains {text[:60]!r}." if text else "The file is empty."
        raise Failed(contents, hint="It has one line with one word.")


@exercise(
    "Which of the two commands lets the program save?",
    "The log has to end with *saved*. If it doesn't: `docker rm saver`, and from the beginning.",
)
def saved(context: CheckContext) -> None:
    """Container `saver` has exited with code 0, and its log says that it saved its work."""
    container = existing_container(context, "saver")
    if container.status != "exited":
        raise Failed(f"`saver` is {container.status}.", hint="It has to be ended.")
    if code := container.attrs["State"]["ExitCode"]:
        raise Failed(f"`saver` has exit code {code}.", hint="Which signal can a program handle?")
    if container.logs().decode(errors="replace").split()[-2:] != ["ready", "saved"]:
        raise Failed(
            "The log of `saver` doesn't say *ready*, then *saved*.",
            hint="Does it run `save.sh`? Wait for *ready* before you end it.",
        )


@exercise(
    "Exit codes 125, 126 and 127 come from Docker: which of them is it?",
    "Choose a command that the image doesn't have.",
)
def lost(context: CheckContext) -> None:
    """Container `lost` exists, and its exit code says that its program was not found."""
    code = existing_container(context, "lost").attrs["State"]["ExitCode"]
    if code != 127:
        raise Failed(f"The exit code of `lost` is {code}.", hint="The table above lists what each code means.")


@exercise(
    "`docker logs homepage` says what is missing.",
    "Either make the folder before the server starts, or serve a folder that exists.",
    watched=False,
    patience=3,
)
def homepage(context: CheckContext) -> None:
    """Container `homepage` runs a web server that answers on port 80 in the container."""
    container = running_container(context, "homepage")
    code, text = execute(container, "wget", "-q", "-O", "-", "http://127.0.0.1:80/")
    if code != 0 and "HTTP/1" not in text:  # an answer without a page, such as 404, is an answer
        raise Failed(f"`wget` in the container: {text[:200]}", hint="On which port does the server listen?")


@exercise(
    "The option is `--restart`, and the table has four policies.",
    "Two policies start it again after a restart of the computer; one of them forgets that you stopped it.",
)
def keeper(context: CheckContext) -> None:
    """Container `keeper` runs, comes back after crashes and restarts, and stays away once you have stopped it."""
    container = running_container(context, "keeper")
    policy = container.attrs["HostConfig"]["RestartPolicy"]["Name"] or "no"
    if policy != "unless-stopped":
        raise Failed(f"The restart policy of `keeper` is `{policy}`.", hint="Compare it with the table, line by line.")


exercises = [background, greeting, saved, lost, homepage, keeper]

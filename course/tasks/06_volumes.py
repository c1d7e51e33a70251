"""Exercises of the lesson *Keep data in volumes*."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from docker.errors import NotFound

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext, NoAnswer
from drydock.learn.daemon_objects import running_container
from drydock.learn.exercises import exercise


@exercise(
    "`docker volume create` creates a volume, `-v lines:/data` mounts it.",
    "Run a container three times with `--rm` and a command such as `sh -c 'echo one >> /data/lines'`.",
    watched=False,
)
def lines(context: CheckContext) -> None:
    """The volume `lines` has a file `lines` with three lines, and no container uses the volume."""
    content = _read(context, "lines", "lines")
    if (count := len(content.splitlines())) != 3:
        raise Failed(
            f"The file `lines` has {count} {'line' if count == 1 else 'lines'}.",
            hint="`>` replaces a file, `>>` adds to it. To begin again: `docker volume rm lines`.",
        )
    users = context.docker.containers.list(all=True, ignore_removed=True, filters={"volume": "lines"})
    if users:
        raise Failed(f"Container `{users[0].name}` still uses the volume.", hint="Which option of `run` removes it?")


@exercise(
    "A third part behind the path, separated by a colon, says how the volume is mounted.",
    "`docker run -d --init --name auditor -v VOLUME:PATH:ro IMAGE sleep 600`",
)
def reader(context: CheckContext) -> None:
    """Container `auditor` sees the volume `precious` at `/data`, and can't write to it."""
    container = running_container(context, "auditor")
    mounts = [mount for mount in container.attrs["Mounts"] if mount["Destination"] == "/data"]
    if not mounts or mounts[0].get("Name") != "precious":
        mounted = [f"{mount.get('Name') or mount['Source']} at {mount['Destination']}" for mount in mounts]
        raise Failed(
            f"At `/data` is mounted: {', '.join(mounted) or 'nothing'}.",
            hint="In front of the colon stands the volume's name.",
        )
    if mounts[0]["RW"]:
        raise Failed("`auditor` can write to the volume.", hint="How is a volume mounted read-only?")


@exercise(
    "It needs a published port, a bind mount of the folder with its full path, and a web server of that path.",
    "The command is that of container `pages`, with another name and another port.",
    patience=5,
    watched=False,
)
def site(context: CheckContext) -> None:
    """Container `site` serves the folder `my-site` at port 8780; a new file can be fetched at once."""
    container = running_container(context, "site")
    mounts = [f"{mount['Type']} at {mount['Destination']}" for mount in container.attrs["Mounts"]]
    folder = Path.cwd() / "my-site"
    folder.mkdir(exist_ok=True)
    file = folder / f"check-{secrets.token_hex(4)}.txt"
    text = secrets.token_hex(8)
    try:
        file.write_text(text)
        answer = context.fetch(8780, f"/{file.name}")
    except NoAnswer as error:
        raise Failed(f"Port 8780 was asked for a file: {error}.", hint="Is the port published?") from None
    finally:
        file.unlink(missing_ok=True)
    if answer.text != text:
        raise Failed(
            f"A new file in `my-site` is not served: status {answer.status}. Mounts: {', '.join(mounts) or 'none'}.",
            hint="Is the folder itself mounted, and does the server serve that path?",
        )


@exercise(
    "On the command line it is `--tmpfs PATH:size=SIZE`.",
    "1 MB is written `1m`.",
)
def scratch(context: CheckContext) -> None:
    """Container `scratchpad` has a tmpfs mount of 1 MB at `/scratch`."""
    container = running_container(context, "scratchpad")
    output = container.exec_run(["grep", " /scratch ", "/proc/mounts"]).output
    mounted = output.decode() if isinstance(output, bytes) else ""
    if " tmpfs " not in mounted:
        raise Failed(
            "There is no tmpfs mount at `/scratch`." + (f" Mounted is: {mounted.split()[2]}." if mounted else ""),
            hint="Which option mounts memory?",
        )
    size = re.search(r"\bsize=(\d+)k", mounted)
    if size is None or int(size[1]) != 1024:
        raise Failed(
            f"Its limit is {size[1]} KB." if size else "It has no limit of its own.",
            hint="The limit is an option behind the path.",
        )


@exercise(
    "One container can mount both volumes, at two paths.",
    "`docker run --rm -v precious:/from:ro -v duplicate:/to IMAGE cp -a …`",
    watched=False,
)
def duplicate(context: CheckContext) -> None:
    """The volume `duplicate` has the files of the volume `precious`."""
    copied, original = _read(context, "duplicate", "note"), _read(context, "precious", "note")
    if copied != original:
        raise Failed(f"Its file `note` reads {copied[:40]!r}.", hint=f"In `precious` it reads {original[:40]!r}.")


exercises = [lines, reader, site, scratch, duplicate]


def _read(context: CheckContext, volume: str, file: str) -> str:
    """Return the content of a file at the top of a volume."""
    try:
        context.docker.volumes.get(volume)
    except NotFound:
        raise Failed(f"There is no volume `{volume}`.", hint="`docker volume ls` lists the volumes.") from None
    script = f"echo It has: $(ls /volume); cat /volume/{file} 2> /dev/null"
    code, output = context.run(script, volumes=[f"{volume}:/volume:ro"])
    listed, _, content = output.partition("\n")
    if code != 0:
        listed = "It is empty" if listed.strip() == "It has:" else listed
        raise Failed(
            f"Volume `{volume}` has no file `{file}` at its top. {listed}.",
            hint="At which path did you mount the volume, and where was the file written?",
        )
    return content

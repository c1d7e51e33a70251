"""Every message a person can meet: what happened, why, and what to do next.

A message lives here, finished, and nowhere else. Each class takes the facts of one kind of
trouble and turns them into three short parts; whoever catches it prints ``str(error)`` and adds
nothing. The words are for a beginner: no traceback, no jargon without a way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class DrydockError(Exception):
    """Something went wrong that a person can act on.

    ``what`` happened (one line), ``why`` (what was seen), ``next`` (what to do about it).
    """

    def __init__(self, what: str, *, why: str = "", next: str = "") -> None:
        self.what = what
        self.why = why
        self.next = next
        lines = [what]
        if why:
            lines.append(f"  Why:  {_indent(why)}")
        if next:
            lines.append(f"  Next: {_indent(next)}")
        super().__init__("\n".join(lines))

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message and no traceback, which would bury it."""
        return str(self).splitlines()


def _indent(text: str) -> str:
    return text.replace("\n", "\n        ")


class CommandFailed(DrydockError):
    """A program we called ended with an error."""

    def __init__(self, argv: Sequence[str], code: int, output: str) -> None:
        tail = "\n".join(output.strip().splitlines()[-12:])
        super().__init__(
            f"`{' '.join(map(str, argv))[:200]}` failed with exit code {code}.",
            why=tail or "it printed nothing",
        )
        self.code = code


class ToolsMissing(DrydockError):
    """Programs from Debian packages that this computer lacks; ``packages`` are their names."""

    def __init__(self, packages: Sequence[str], purpose: str) -> None:
        names = " ".join(sorted(packages))
        super().__init__(
            f"Missing on this computer, needed to {purpose}: {names}.",
            why="Drydock uses these Debian packages and does not install anything behind your back.",
            next="On Debian or Ubuntu, as an administrator (if you are none, pass this line on to whoever is): "
            f"apt-get install -y {names}",
        )
        self.packages = sorted(packages)


class WaitedTooLong(DrydockError):
    """A condition did not come true before its deadline."""

    def __init__(self, awaited: str, seconds: float, seen: str = "") -> None:
        super().__init__(f"Waited {seconds:.0f} s for {awaited}, in vain.", why=seen)


class BadName(DrydockError):
    """A machine's name that can't be one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} can't be the name of a machine.",
            why="a name has 1 to 40 lower-case letters, digits and hyphens, and starts with a letter",
            next="choose another, for example: drydock machine start second",
        )


class NoSpace(DrydockError):
    """A disk is too full for what is about to be written; sizes in bytes."""

    def __init__(self, folder: Path, needed: int, free: int) -> None:
        super().__init__(
            f"Not enough room in {folder}: {needed >> 20} MB are needed, {free >> 20} MB are free.",
            next="free some space, or point XDG_CACHE_HOME (what is built) or XDG_DATA_HOME "
            "(the machines' disks) at a larger disk",
        )


class NoMemory(DrydockError):
    """A machine for which too little memory is left; sizes in MB, ``most`` what one could get, 0 for none at all."""

    def __init__(self, needed: int, left: int, who: str, most: int) -> None:
        smaller = f"; or make do with less: drydock machine start --memory {most}" if most else ""
        super().__init__(
            f"Not enough memory for a machine: {needed} MB are needed, {left} MB are left.",
            why=who,
            next="end what takes memory (in JupyterLab: Kernel > Shut Down All Kernels), or go where there is more: "
            f"with 2 GB there is room for the whole course{smaller}",
        )


class BrokenCache(DrydockError):
    """A file of the cache that isn't as it was built; sizes in bytes, ``actual`` None when it is gone."""

    def __init__(self, file: Path, expected: int, actual: int | None) -> None:
        super().__init__(
            f"{file.name}, part of what machines are made of, is damaged.",
            why=f"it had {expected} bytes when it was built and "
            + ("is gone now" if actual is None else f"has {actual} now")
            + f" ({file})",
            next="build it again: drydock machine build --again",
        )


class PartsGone(DrydockError):
    """What a machine's disk was begun on was removed from the cache."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            "The base disk that this machine's own disk was begun on is gone.",
            why=f"there is no {folder} any more, and a disk can't change its base",
            next="give it a new disk (what was on the old one is lost): drydock machine upgrade --fresh-disk NAME",
        )


class PortTaken(DrydockError):
    """A port on this computer that something else holds."""

    def __init__(self, port: int, protocol: str) -> None:
        super().__init__(
            f"Port {port}/{protocol} on this computer's 127.0.0.1 is taken.",
            why="another program listens there, or the port needs an administrator (below 1024)",
            next=f"stop what holds it (`ss -lntup | grep :{port}` shows it), or publish another port",
        )
        self.port = port


class NotExecutable(DrydockError):
    """A folder whose file system is mounted noexec, where a machine's memory was to lie."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"A machine can't keep its memory in {folder}.",
            why="that file system is mounted noexec, and a kernel that is a process executes from its memory file",
            next="unset TMPDIR, or set it to a folder on a disk without noexec: TMPDIR=~/tmp drydock machine start",
        )


class NoIsolation(DrydockError):
    """Hostile work was to run behind a wall, and none can stand here."""

    def __init__(self, why: str, next: str) -> None:
        super().__init__("No wall can be put around a machine here.", why=why, next=next)


class BootFailed(DrydockError):
    """A machine whose daemon never answered."""

    def __init__(self, reason: str, last_words: str) -> None:
        super().__init__(
            f"The machine did not come up: {reason}.",
            why=f"the last it printed:\n{last_words}" if last_words else "it printed nothing",
            next="try again; if it stays, `drydock doctor` looks at the ground it stands on",
        )


class WrongPlatform(DrydockError):
    """A computer on which a machine can't run."""

    def __init__(self, system: str, architecture: str) -> None:
        super().__init__(
            f"A machine can't run on {system} on {architecture}.",
            why="it is a Linux kernel compiled as a program for 64-bit x86 (x86_64) Linux",
            next="install Docker here (Docker Desktop on macOS and Windows); Drydock uses it by itself",
        )


class NoMachine(DrydockError):
    """A machine that was never started under that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no machine named {name}.", next="`drydock machine ls` shows those there are")


class NotRunning(DrydockError):
    """A machine that must run for what was asked, and doesn't."""

    def __init__(self, name: str, why: str = "") -> None:
        super().__init__(f"The machine {name} is not running.", why=why, next=f"drydock machine start {name}")


class BadSetting(DrydockError):
    """A value a machine can't be started with."""

    def __init__(self, what: str, next: str) -> None:
        super().__init__(what, next=next)


class BadRecipe(DrydockError):
    """An image's recipe that can't be followed, or a name that no image has."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"There is no way to build an image {name!r}.",
            why=why,
            next="drydock/images/recipes/images.toml lists the images; each has a folder with a Dockerfile beside it",
        )


class BadPackage(DrydockError):
    """A downloaded Debian package that isn't one."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} is not a Debian package, though it came as one.",
            why="the download was cut short, or something on the way answered in the archive's place",
            next="try again",
        )


class ImageFailed(DrydockError):
    """A Docker daemon could not build an image; ``said`` is the end of its output."""

    def __init__(self, tag: str, said: str) -> None:
        tail = "\n".join(said.strip().splitlines()[-12:])
        super().__init__(f"The Docker daemon could not build {tag}.", why=tail or "it gave no reason")


class NoEngine(DrydockError):
    """No place that was asked has a Docker; ``answers`` are their names and reasons, in the order they were asked."""

    def __init__(self, answers: Sequence[tuple[str, str]]) -> None:
        width = max(len(name) for name, _ in answers)
        super().__init__(
            "There is no Docker here that Drydock could use.",
            why="\n".join(f"{name:<{width}}  {reason}" for name, reason in answers),
            next="mend the one you meant to use, then run `drydock doctor`, which asks all of them again",
        )
        self.answers = list(answers)


class HostSilent(DrydockError):
    """``DOCKER_HOST`` names a daemon that does not answer."""

    def __init__(self, host: str, seen: str) -> None:
        super().__init__(
            f"DOCKER_HOST is set to {host}, but no Docker answers there.",
            why=seen,
            next="start that daemon, or let Drydock look elsewhere: `unset DOCKER_HOST` before you start Jupyter",
        )


class EngineLost(DrydockError):
    """The daemon that a notebook was given, and that no longer answers; ``machine`` is its name if it ran in one."""

    def __init__(self, seen: str, machine: str | None) -> None:
        again = "it boots the machine again, with what is left on its disk" if machine else "it asks for a Docker anew"
        super().__init__(
            "The Docker of this notebook does not answer any more.",
            why=seen,
            next=("" if machine else "start that Docker again; then ")
            + f"run the notebook's first cell again, `drydock.start()`: {again}. Then go on from there, cell by cell",
        )


class BadChoice(DrydockError):
    """An engine was asked for by a word that means none."""

    def __init__(self, choice: str, choices: Sequence[str]) -> None:
        super().__init__(
            f"{choice!r} is not a kind of engine.",
            why="DRYDOCK_ENGINE, or the argument of drydock.start(), asked for it",
            next=f"say one of: {', '.join(choices)}; or nothing, to take the first that answers",
        )


class ImageMissing(DrydockError):
    """A daemon without one of the course's images."""

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"This Docker has no image {tag}.",
            why="the course uses images of its own, so that nothing need be downloaded from a registry",
            next="make them, once: drydock images build",
        )


class NoNotebooks(DrydockError):
    """``drydock lab`` was pointed at something that is no folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is no folder {folder} to open JupyterLab on.",
            next="go to the folder with the course and say `drydock lab`, or name it: drydock lab FOLDER",
        )


class TerminalEnded(DrydockError):
    """A terminal was closed from the container's side while something was awaited from it."""

    def __init__(self, awaited: str, seen: str) -> None:
        super().__init__(
            f"The terminal was closed before {awaited!r} came.",
            why=f"the last it showed:\n{seen[-500:]}" if seen else "it showed nothing",
            next="its program has ended, or the detach keys were pressed; look with `docker ps -a`",
        )


class ContainerFailed(DrydockError):
    """A daemon that answers, but can't run the simplest container."""

    def __init__(self, image: str, seen: str) -> None:
        super().__init__(
            f"This Docker answers, but a container of {image} did not run as it should.",
            why=seen[:500],
            next="try it by hand: docker run --rm " + image + " echo hello; `docker info` may show warnings",
        )


class OptionLost(DrydockError):
    """A kernel configuration that did not come out as asked for."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(
            f"The kernel did not take these options: {', '.join(lines)}.",
            why="an option is dropped without a word when it is misspelt, gone, or needs another that isn't set",
            next="mend drydock/machine/kernel.config",
        )


class BadBundle(DrydockError):
    """A bundle of a machine's parts that can't be taken; nothing of it was installed."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(
            f"{source} can't be used as a bundle.",
            why=f"{why}; nothing of it was installed",
            next="get it again from whoever made it, or build the parts here: drydock machine build",
        )


class NoWork(DrydockError):
    """An assignment to be handed in whose notebook isn't where it was looked for."""

    def __init__(self, assignment: str, places: Sequence[Path]) -> None:
        super().__init__(
            f"There is no work on an assignment {assignment[:60]!r} here.",
            why="no notebook of that name lies in\n" + "\n".join(map(str, places)),
            next="go to the folder with your notebook and say it again; the assignment is the notebook's name",
        )


class Incomplete(DrydockError):
    """Work that grading could not take as it is; no zip was made."""

    def __init__(self, notebook: Path, problems: Sequence[str]) -> None:
        super().__init__(
            f"Your work on {notebook.stem} can't be handed in like this; no zip was made.",
            why="\n".join(problems),
            next="mend that, save the notebook, and say it again; who begins again from the notebook as it was given "
            "out can copy the answers over",
        )


class NoStudent(DrydockError):
    """Work that was to be handed in without a name on it."""

    def __init__(self) -> None:
        super().__init__(
            "Whose work is it?",
            why="this computer doesn't know your name, and nobody can be asked at a terminal",
            next="say it, as your course knows you: drydock submit ASSIGNMENT --student NAME",
        )


class BadStudent(DrydockError):
    """A student's name that can't be part of a file's name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name[:80]!r} can't be the name that work is handed in under.",
            why="it has 1 to 64 letters, digits and . @ _ -, without accents, and starts with a letter or a digit",
            next="take the name or number that your course knows you by",
        )


class NotPublished(DrydockError):
    """A container's port that nothing outside leads to; ``published`` are those that something does."""

    def __init__(self, container: str, port: str, published: Sequence[str]) -> None:
        super().__init__(
            f"Nothing that a browser could open leads to port {port} of the container {container}.",
            why="it is not published, or isn't one for the web (TCP)"
            + (f"; published are: {', '.join(published)}" if published else ""),
            next="publish it when the container is made: ports={'80/tcp': 8080}, or -p 8080:80; a container that has "
            "ended publishes nothing",
        )

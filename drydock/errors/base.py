"""The base class of all errors that a person can act on, and the errors that any part of Drydock can raise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

#: The parts of an error's message; every other attribute is a fact of its class, such as a port.
_MESSAGE = ("what", "why", "next")


class DrydockError(Exception):
    """An error that a person can act on, with a finished message.

    ``what`` happened (one line), ``why`` (the cause or the output seen), ``next`` (what to do about it).
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

    def to_json(self) -> dict[str, Any]:
        """Return the error as JSON values: the name of its class, its message, and the class's own attributes."""
        facts = {name: value for name, value in vars(self).items() if name not in _MESSAGE}
        return {"class": type(self).__name__, "what": self.what, "why": self.why, "next": self.next, "facts": facts}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> DrydockError:
        """Return the error that :meth:`to_json` described, of the same class; of this class if that one is unknown."""
        kind = next((kind for kind in _classes(cls) if kind.__name__ == value["class"]), cls)
        error = kind.__new__(kind)
        DrydockError.__init__(error, value["what"], why=value["why"], next=value["next"])
        vars(error).update(value["facts"])
        return error

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the message alone, because a traceback would bury it."""
        return str(self).splitlines()


def _classes(base: type[DrydockError]) -> Iterator[type[DrydockError]]:
    yield base
    for kind in base.__subclasses__():
        yield from _classes(kind)


def _indent(text: str) -> str:
    return text.replace("\n", "\n        ")


class CommandFailed(DrydockError):
    """A program that Drydock called exited with an error; ``code`` is its exit code."""

    def __init__(self, argv: Sequence[str], code: int, output: str) -> None:
        super().__init__(
            f"`{' '.join(map(str, argv))[:200]}` failed with exit code {code}.",
            why=last_lines(output) or "It printed nothing.",
        )
        self.code = code


class CommandTimedOut(DrydockError):
    """A program that Drydock called and ended, because it ran longer than it may."""

    def __init__(self, argv: Sequence[str], seconds: float) -> None:
        super().__init__(
            f"`{' '.join(map(str, argv))[:200]}` did not end within {seconds:g} s.",
            why="The computer or the network may be slow, or the program waits for something. It was ended.",
            next="Try again. If it keeps failing, run `drydock doctor`.",
        )


class ToolsMissing(DrydockError):
    """Programs that this computer lacks; ``packages`` are the Debian packages that bring them.

    ``instead`` is a line with another way out.
    """

    def __init__(self, packages: Sequence[str], purpose: str, instead: str = "") -> None:
        names = " ".join(sorted(packages))
        super().__init__(
            f"Debian packages are missing on this computer: {names}.",
            why=f"They are needed to {purpose}. Drydock installs no packages on your computer by itself.",
            next="Install them on Debian or Ubuntu as an administrator, or pass this line on to the administrator: "
            f"apt-get install -y {names}" + (f"\n{instead}" if instead else ""),
        )
        self.packages = sorted(packages)


class FileUnusable(DrydockError):
    """A file or folder that the system does not let us use, such as one in a home folder that can't be written."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(
            f"{file[:300]} can't be used.",
            why=why,
            next="Choose folders that you can write: XDG_DATA_HOME is for machines, XDG_CACHE_HOME for built files. "
            "For a file of your own, check its permissions.",
        )


class NoHome(DrydockError):
    """A user without a home folder, such as a container's user of a number that the system does not know."""

    def __init__(self) -> None:
        super().__init__(
            "There is no home folder for Drydock's files.",
            why="The variable HOME has no full path, and the system has no entry for this user.",
            next="Set HOME to a folder that you can write, such as: export HOME=$(mktemp -d)",
        )


class FolderRemoved(DrydockError):
    """A command in a folder that was removed after the shell had changed to it."""

    def __init__(self) -> None:
        super().__init__(
            "The current folder was removed.", next="Change to a folder that exists, such as `cd ~`, and try again."
        )


class SystemCallFailed(DrydockError):
    """The system refused something that has no file, such as a connection."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "The operating system reported an error.",
            why=why,
            next="Try again. If it keeps failing, run `drydock doctor`.",
        )


class ResourceMissing(DrydockError):
    """A part of the course that the installed package lacks."""

    def __init__(self, name: str, place: Path) -> None:
        super().__init__(
            f"This installation of Drydock is incomplete: {name} is missing.",
            why=f"There is no {place}.",
            next="Install it again: pip install --force-reinstall drydock-course",
        )


class TransferIncomplete(DrydockError):
    """A transfer through which not the bytes arrived that were sent; sizes in bytes."""

    def __init__(self, way: str, arrived: int, sent: int) -> None:
        super().__init__(
            f"The bytes that arrived through {way} differ from the sent ones.",
            why=f"{sent} bytes were sent, and {arrived} arrived.",
            next="Try again. If it keeps failing, run `drydock doctor`.",
        )


class TimedOut(DrydockError):
    """A condition that was not true by its deadline."""

    def __init__(self, awaited: str, seconds: float, details: str = "") -> None:
        super().__init__(f"Timed out after {seconds:.0f} s waiting for {awaited}.", why=details)


def last_lines(output: str) -> str:
    """Return the last 12 lines of a program's output, which have its reason for failing."""
    return "\n".join(output.strip().splitlines()[-12:])

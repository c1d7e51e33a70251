"""What BuildKit tells while it builds (``--progress plain``), read as steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

State = Literal["runs", "done", "cached", "failed"]

_LINE = re.compile(r"#(\d+) (.*)")
_STEP = re.compile(r"\[(?:(?P<stage>[^\]]*?) +)?(?P<number>\d+)/(?P<total>\d+)\] (?P<line>.*)")
_DONE = re.compile(r"DONE ([0-9.]+)s")
_SAID = re.compile(r"[0-9]+\.[0-9]+ ?(.*)")


@dataclass(frozen=True)
class Step:
    """One line of a Dockerfile: how it went, and in how many seconds. ``stage`` is empty in a build with one."""

    line: str
    state: State
    seconds: float
    stage: str = ""
    number: int = 0
    total: int = 0
    output: tuple[str, ...] = ()

    @property
    def cached(self) -> bool:
        """Whether it was taken from the cache instead of done."""
        return self.state == "cached"


@dataclass
class _Vertex:
    """What BuildKit does at one of its numbers."""

    title: str
    state: State = "runs"
    seconds: float = 0.0
    output: list[str] = field(default_factory=list)


class BuildLog:
    """Reads line by line; :attr:`steps` is what there is so far."""

    def __init__(self) -> None:
        self._vertices: dict[int, _Vertex] = {}

    def read(self, line: str) -> None:
        """Take in the next line."""
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            return
        number, rest = int(found[1]), found[2]
        vertex = self._vertices.setdefault(number, _Vertex(rest))
        if done := _DONE.fullmatch(rest):
            vertex.seconds = float(done[1])
            vertex.state = "cached" if vertex.state == "cached" else "done"
        elif rest == "CACHED":
            vertex.state = "cached"
        elif rest.startswith(("ERROR", "CANCELED")):
            vertex.state = "failed"
        elif said := _SAID.fullmatch(rest):
            vertex.output.append(said[1])

    @property
    def lines(self) -> list[Step]:
        """The lines of the Dockerfile in the order they began, FROM included."""
        return [_step(vertex, found) for vertex in self._vertices.values() if (found := _STEP.fullmatch(vertex.title))]

    @property
    def steps(self) -> list[Step]:
        """The lines that do something; FROM only says where they begin."""
        return [step for step in self.lines if not step.line.startswith("FROM ")]

    @property
    def total(self) -> int:
        """How many lines there will be, as far as it's known."""
        return sum({step.stage: step.total for step in self.lines}.values())

    @property
    def rest(self) -> float:
        """The seconds that went into everything else: sending the folder, writing the image."""
        return sum(vertex.seconds for vertex in self._vertices.values() if not _STEP.fullmatch(vertex.title))


def _step(vertex: _Vertex, found: re.Match[str]) -> Step:
    return Step(
        line=found["line"],
        state=vertex.state,
        seconds=vertex.seconds,
        stage=found["stage"] or "",
        number=int(found["number"]),
        total=int(found["total"]),
        output=tuple(vertex.output),
    )

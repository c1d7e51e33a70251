"""A parser of BuildKit's plain progress output (``docker build --progress plain``)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

State = Literal["running", "done", "cached", "failed"]

_LINE = re.compile(r"#(\d+) (.*)")
_STEP = re.compile(r"\[(?:(?P<stage>[^\]]*?) +)?(?P<number>\d+)/(?P<total>\d+)\] (?P<instruction>.*)")
_DONE = re.compile(r"DONE ([0-9.]+)s")
_OUTPUT = re.compile(r"[0-9]+\.[0-9]+ ?(.*)")


@dataclass(frozen=True)
class Step:
    """One instruction of a Dockerfile, its state and the seconds it took.

    ``stage`` is empty in a build with a single stage; ``number`` counts from 1 to ``total`` within the stage.
    """

    instruction: str
    state: State
    seconds: float
    stage: str = ""
    number: int = 0
    total: int = 0
    output: tuple[str, ...] = ()

    @property
    def cached(self) -> bool:
        """Whether its result came from the build cache."""
        return self.state == "cached"


@dataclass
class _Vertex:
    """One numbered operation of BuildKit's."""

    title: str
    state: State = "running"
    seconds: float = 0.0
    output: list[str] = field(default_factory=list)


class BuildLog:
    """The operations of a build, from the lines read so far."""

    def __init__(self) -> None:
        self._vertices: dict[int, _Vertex] = {}

    def read(self, line: str) -> None:
        """Parse the next line of the output."""
        match = _LINE.fullmatch(line.rstrip())
        if match is None:
            return
        number, message = int(match[1]), match[2]
        vertex = self._vertices.setdefault(number, _Vertex(message))
        if done := _DONE.fullmatch(message):
            vertex.seconds = float(done[1])
            vertex.state = "cached" if vertex.state == "cached" else "done"
        elif message == "CACHED":
            vertex.state = "cached"
        elif message.startswith(("ERROR", "CANCELED")):
            vertex.state = "failed"
        elif output := _OUTPUT.fullmatch(message):
            vertex.output.append(output[1])

    @property
    def instructions(self) -> list[Step]:
        """All instructions of the Dockerfile that have begun, in the order in which they began, FROM included."""
        matches = ((vertex, _STEP.fullmatch(vertex.title)) for vertex in self._vertices.values())
        return [_step(vertex, match) for vertex, match in matches if match is not None]

    @property
    def steps(self) -> list[Step]:
        """The instructions that do work: all but FROM, which only names the base image."""
        return [step for step in self.instructions if not step.instruction.startswith("FROM ")]

    @property
    def total(self) -> int:
        """The number of instructions in all stages that have begun."""
        return sum({step.stage: step.total for step in self.instructions}.values())

    @property
    def other_seconds(self) -> float:
        """The seconds spent on everything but instructions: sending the build context, writing the image."""
        return sum(vertex.seconds for vertex in self._vertices.values() if not _STEP.fullmatch(vertex.title))


def _step(vertex: _Vertex, match: re.Match[str]) -> Step:
    return Step(
        instruction=match["instruction"],
        state=vertex.state,
        seconds=vertex.seconds,
        stage=match["stage"] or "",
        number=int(match["number"]),
        total=int(match["total"]),
        output=tuple(vertex.output),
    )

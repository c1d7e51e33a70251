"""A build with a picture of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from drydock import views
from drydock.core.paths import LABEL
from drydock.errors import CommandFailed
from drydock.machine import Machine
from drydock.views.build_log import Step
from drydock.views.build_steps import Option, arguments, draw, run
from tests.drydock.views.parts import HOSTILE_NAME, misplaced, texts
from tests.machines import BUSYBOX, MINE

TAG = "views/steps:1"


def test_options_of_the_command_line_and_of_docker_py() -> None:
    """Options may have the command line's names or docker-py's, and several values."""
    options: dict[str, Option] = {
        "nocache": True,
        "pull": False,
        "target": "test",
        "buildargs": {"A": "1"},
        "secret": ["id=a", "id=b"],
    }
    assert list(arguments(options)) == [
        "--no-cache=true",
        "--pull=false",
        "--target=test",
        "--build-arg=A=1",
        "--secret=id=a",
        "--secret=id=b",
    ]
    assert list(arguments({"dockerfile": Path("other"), "labels": {"a": "b"}})) == ["--file=other", "--label=a=b"]


def test_row_for_each_instruction() -> None:
    """An instruction's row shows its seconds or that it came from the cache, and no text overlaps another."""
    instructions = [
        Step("FROM docker.io/drydock/busybox:1.37", "done", 0.0, "build", 1, 2),
        Step("RUN make", "cached", 0.0, "build", 2, 2),
        Step(HOSTILE_NAME * 9, "done", 12.2, HOSTILE_NAME, 2, 3),
        Step("RUN false", "failed", 0.0, "", 3, 3),
    ]
    svg = draw("lesson/web:1", instructions, 0.4, 13.9)
    assert texts(svg)[0] == "lesson/web:1: 3 steps in 13.9 s, 1 from the cache"
    assert texts(svg).count("from the cache") == 1
    assert "12.2 s" in texts(svg)
    assert "<script" not in svg
    assert misplaced(svg) == []


def test_reader_that_stops_ends_the_command() -> None:
    """An interrupted build does not go on in the background."""
    lines: Any = run(["sh", "-c", "echo begun; exec sleep 600"])
    assert next(lines) == "begun\n"
    lines.close()


@pytest.fixture
def build(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., list[Step]]]:
    """A function that builds a Dockerfile of these instructions in the shared machine and returns its steps."""
    for name, value in machine.endpoint.environment().items():
        monkeypatch.setenv(name, value)

    def build_lines(*lines: str, **options: str) -> list[Step]:
        (tmp_path / "Dockerfile").write_text("\n".join([f"FROM {BUSYBOX}", *lines]))
        return views.steps(tmp_path, TAG, labels={LABEL: MINE[LABEL]}, **options).steps

    yield build_lines
    with closing(machine.client()) as client:
        for image in client.images.list(filters={"label": f"{LABEL}={MINE[LABEL]}"}):
            client.images.remove(str(image.id), force=True)


@pytest.mark.live
def test_second_build_uses_the_cache(build: Callable[..., list[Step]], tmp_path: Path) -> None:
    """In a second build each step is cached; a changed instruction and those after it are not."""
    lines = [f"RUN echo {tmp_path.name} > /one", "RUN echo two > /two", "RUN echo three"]
    first = build(*lines)
    assert [step.instruction for step in first] == lines
    assert not any(step.cached for step in first)
    assert all(step.cached for step in build(*lines))
    assert [step.cached for step in build(lines[0], "RUN echo changed > /two", lines[2])] == [True, False, False]


@pytest.mark.live
def test_failed_build_reports_its_reason(build: Callable[..., list[Step]]) -> None:
    """The error has the last lines of the build's output, which name the instruction."""
    with pytest.raises(CommandFailed, match="RUN ls /nowhere") as failed:
        build("RUN ls /nowhere")
    assert "No such file or directory" in str(failed.value)

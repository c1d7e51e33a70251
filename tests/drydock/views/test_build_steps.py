"""A build that shows its steps."""

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
from tests.drydock.views.parts import WICKED, sticking_out, texts
from tests.machines import BUSYBOX, MINE

TAG = "views/steps:1"


def test_options_of_the_command_line_and_of_docker_py() -> None:
    """Both ways of naming an option are understood, and any number of values."""
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


def test_a_row_for_each_line() -> None:
    """A step shows its seconds, or that it came from the cache, and everything stays in its place."""
    lines = [
        Step("FROM docker.io/drydock/busybox:1.37", "done", 0.0, "build", 1, 2),
        Step("RUN make", "cached", 0.0, "build", 2, 2),
        Step(WICKED * 9, "done", 12.2, WICKED, 2, 3),
        Step("RUN false", "failed", 0.0, "", 3, 3),
    ]
    svg = draw("lesson/web:1", lines, 0.4, 13.9)
    assert texts(svg)[0] == "lesson/web:1: 3 steps in 13.9 s, 1 from the cache"
    assert texts(svg).count("from the cache") == 1
    assert "12.2 s" in texts(svg)
    assert "<script" not in svg
    assert sticking_out(svg) == []


def test_who_stops_reading_stops_the_program() -> None:
    """An interrupted build doesn't go on behind one's back."""
    lines: Any = run(["sh", "-c", "echo begun; exec sleep 600"])
    assert next(lines) == "begun\n"
    lines.close()


@pytest.fixture
def build(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., list[Step]]]:
    """Builds a Dockerfile of these lines in the shared machine and gives the steps."""
    for name, value in machine.endpoint.environment().items():
        monkeypatch.setenv(name, value)

    def run(*lines: str, **options: str) -> list[Step]:
        (tmp_path / "Dockerfile").write_text("\n".join([f"FROM {BUSYBOX}", *lines]))
        return views.steps(tmp_path, TAG, labels={LABEL: MINE[LABEL]}, **options).steps

    yield run
    with closing(machine.client()) as client:
        for image in client.images.list(filters={"label": f"{LABEL}={MINE[LABEL]}"}):
            client.images.remove(str(image.id), force=True)


@pytest.mark.live
def test_what_is_built_twice_comes_from_the_cache(build: Callable[..., list[Step]], tmp_path: Path) -> None:
    """The second time each step is cached; a changed line is not, nor is what comes after it."""
    lines = [f"RUN echo {tmp_path.name} > /one", "RUN echo two > /two", "RUN echo three"]
    first = build(*lines)
    assert [step.line for step in first] == lines
    assert not any(step.cached for step in first)
    assert all(step.cached for step in build(*lines))
    assert [step.cached for step in build(lines[0], "RUN echo changed > /two", lines[2])] == [True, False, False]


@pytest.mark.live
def test_a_build_that_fails_says_why(build: Callable[..., list[Step]]) -> None:
    """The error ends with the build's last words, which name the line."""
    with pytest.raises(CommandFailed, match="RUN ls /nowhere") as failed:
        build("RUN ls /nowhere")
    assert "No such file or directory" in str(failed.value)

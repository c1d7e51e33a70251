"""The parser of BuildKit's plain progress output."""

from __future__ import annotations

from drydock.views.build_log import BuildLog, Step

OUTPUT = """\
#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 105B done
#1 DONE 0.1s

#4 [1/3] FROM docker.io/drydock/busybox:1.37
#4 DONE 0.0s

#5 [2/3] RUN echo one > /one
#5 CACHED

#6 [3/3] RUN sleep 1; echo two
#6 1.569 two
#6 1.570 [2/3] is no step
#6 DONE 1.6s

#7 exporting to image
#7 exporting layers 0.0s done
#7 DONE 0.2s
"""


def parse(output: str) -> BuildLog:
    """Return the log of this output."""
    log = BuildLog()
    for line in output.splitlines(keepends=True):
        log.read(line)
    return log


def test_steps_of_a_dockerfile() -> None:
    """Each instruction but FROM is a step with its time and output, or with its result from the cache."""
    steps = parse(OUTPUT).steps
    assert steps == [
        Step("RUN echo one > /one", "cached", 0.0, "", 2, 3),
        Step("RUN sleep 1; echo two", "done", 1.6, "", 3, 3, ("two", "[2/3] is no step")),
    ]
    assert [step.cached for step in steps] == [True, False]


def test_other_operations_are_summed() -> None:
    """The time for reading the Dockerfile and writing the image is one sum; FROM is an instruction, but no step."""
    log = parse(OUTPUT)
    assert round(log.other_seconds, 1) == 0.3
    assert [step.instruction[:4] for step in log.instructions] == ["FROM", "RUN ", "RUN "]
    assert log.total == 3


def test_unfinished_and_failed_steps() -> None:
    """A running step has no time yet, and a failed one has the state "failed"."""
    running = parse(OUTPUT.partition("#6 DONE")[0]).steps[-1]
    assert (running.state, running.seconds) == ("running", 0.0)
    failed = parse("#6 [3/3] RUN false\n#6 ERROR: process did not complete successfully: exit code: 1\n")
    assert failed.steps[0].state == "failed"


def test_several_stages() -> None:
    """Stages count their steps separately, and a step whose lines are interrupted by another's appears once."""
    output = "#8 [build 1/2] FROM a\n#9 [stage-1 1/3] FROM b\n#10 [build 2/2] RUN make\n#9 DONE 0.0s\n#10 ...\n"
    log = parse(output + "#11 [stage-1 2/3] COPY --from=build /a /a\n#10 [build 2/2] RUN make\n#10 DONE 3.0s\n")
    assert [(step.stage, step.number, step.state) for step in log.steps] == [
        ("build", 2, "done"),
        ("stage-1", 2, "running"),
    ]
    assert log.total == 5

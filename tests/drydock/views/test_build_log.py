"""What BuildKit tells, read as the steps of a Dockerfile."""

from __future__ import annotations

from drydock.views.build_log import BuildLog, Step

TOLD = """\
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


def log(told: str) -> BuildLog:
    """A log that has read this."""
    log = BuildLog()
    for line in told.splitlines(keepends=True):
        log.read(line)
    return log


def test_the_steps_of_a_dockerfile() -> None:
    """Each line but FROM is a step, with its time and what it printed, or taken from the cache."""
    assert log(TOLD).steps == [
        Step("RUN echo one > /one", "cached", 0.0, "", 2, 3),
        Step("RUN sleep 1; echo two", "done", 1.6, "", 3, 3, ("two", "[2/3] is no step")),
    ]
    assert [step.cached for step in log(TOLD).steps] == [True, False]


def test_the_rest_is_counted_together() -> None:
    """Reading the Dockerfile and writing the image take time as well; FROM is a line, though no step."""
    read = log(TOLD)
    assert round(read.rest, 1) == 0.3
    assert [step.line[:4] for step in read.lines] == ["FROM", "RUN ", "RUN "]
    assert read.total == 3


def test_half_a_build() -> None:
    """While a step runs it has no time yet, and one that failed is known as such."""
    running = log(TOLD.partition("#6 DONE")[0]).steps[-1]
    assert (running.state, running.seconds) == ("runs", 0.0)
    failed = log("#6 [3/3] RUN false\n#6 ERROR: process did not complete successfully: exit code: 1\n")
    assert failed.steps[0].state == "failed"


def test_several_stages() -> None:
    """Each stage counts its own lines; mixed up in the log, each step is still one."""
    told = "#8 [build 1/2] FROM a\n#9 [stage-1 1/3] FROM b\n#10 [build 2/2] RUN make\n#9 DONE 0.0s\n#10 ...\n"
    read = log(told + "#11 [stage-1 2/3] COPY --from=build /a /a\n#10 [build 2/2] RUN make\n#10 DONE 3.0s\n")
    assert [(step.stage, step.number, step.state) for step in read.steps] == [
        ("build", 2, "done"),
        ("stage-1", 2, "runs"),
    ]
    assert read.total == 5

"""An interrupted run of the tests leaves nothing: no process, no folder, nothing in the daemon of this computer."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from drydock import images
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from tests import leaks
from tests.machines import BUSYBOX
from tests.processes import heeds_interrupt

ROOT = Path(__file__).parents[1]

#: A test that starts what doesn't end with its parent, writes what its run has, and waits to be interrupted.
_TEST = """
import os, subprocess, sys, time
from pathlib import Path
from tests import leaks
from tests.autograder.clusters import Dask

def test_waits(tmp_path):
    ignores = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    words = [sys.executable, "-c", ignores]
    with (
        Dask(tmp_path),
        subprocess.Popen(words, start_new_session=True, stdout=subprocess.PIPE) as stubborn,
    ):
        stubborn.stdout.readline()
        own = [os.environ[name] for name in (leaks.SESSION, "XDG_DATA_HOME", "XDG_RUNTIME_DIR")]
        Path(os.environ["REPORT"]).write_text("\\n".join(own) + "\\n.")
        time.sleep(600)
"""


@pytest.mark.parametrize(
    "number",
    [signal.SIGKILL, *(pytest.param(number, marks=pytest.mark.nightly) for number in (signal.SIGTERM, signal.SIGINT))],
    ids=lambda number: number.name,
)
@pytest.mark.slow
def test_an_interrupted_run_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """Whatever signal ends a run with a Dask scheduler and a process that ignores SIGTERM, both and its folders go."""
    test, report = tmp_path / "test_waits.py", tmp_path / "report"
    test.write_text(_TEST)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest"]
    words += ["-c", str(ROOT / "pyproject.toml"), str(test)]
    # Without a daemon: the end of this run would remove what others make there at the same time.
    environment = {**os.environ, "REPORT": str(report), "DOCKER_HOST": "unix:///nowhere"}
    with subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, preexec_fn=heeds_interrupt
    ) as run:
        wait_for(lambda: run.poll() is not None or written(report), "the test to begin", seconds=120)
        assert run.poll() is None, "the run has ended by itself"
        token, *folders, _ = report.read_text().splitlines()
        variable = f"{leaks.SESSION}={token}"
        assert len(leaks.pids(variable)) >= 2
        run.send_signal(number)
    wait_for(lambda: not leaks.pids(variable), "its processes to end", seconds=60, every=0.2)
    wait_for(lambda: not any(Path(folder).exists() for folder in folders), "its folders to go", seconds=60)


def written(file: Path) -> bool:
    """Whether the test has written all of its file."""
    return file.exists() and file.read_text().endswith(".")


@pytest.mark.host
def test_what_tests_made_in_the_daemon_is_removed(host: Endpoint) -> None:
    """A container, a network and a volume with the label of the tests are removed, those with another label stay."""
    ours, other = secrets.token_hex(4), secrets.token_hex(4)
    with closing(host.client()) as client:
        images.build(client, ["busybox"])
        try:
            for value in (ours, other):
                name, labels = f"tests-{value}", {LABEL: value}
                client.volumes.create(name, labels=labels)
                client.networks.create(name, labels=labels)
                client.containers.create(BUSYBOX, name=name, network=name, volumes=[f"{name}:/data"], labels=labels)
            leaks.remove_labelled(host, [ours])
            left = {line for line in leaks.labelled(host) if line.endswith((f"tests-{ours}", f"tests-{other}"))}
        finally:
            leaks.remove_labelled(host, [ours, other])
    assert left == {f"{kind} tests-{other}" for kind in ("container", "network", "volume")}


@pytest.mark.host
def test_what_another_run_made_in_the_daemon_stays(host: Endpoint) -> None:
    """While this run goes on, the end of an interrupted one removes nothing from the daemon that both use."""
    variable = f"{leaks.SESSION}={secrets.token_hex(8)}"
    with closing(host.client()) as client:
        volume = client.volumes.create(labels={LABEL: "tests"})
        try:
            interrupted = json.dumps({"variable": variable, "folders": []}) + "\n"
            words = [sys.executable, "-m", "tests.reaper"]
            subprocess.run(words, cwd=ROOT, input=interrupted, text=True, check=True, timeout=60)
            assert f"volume {volume.name}" in leaks.labelled(host)
        finally:
            volume.remove(force=True)

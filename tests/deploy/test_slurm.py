"""The job for Slurm, run as Slurm would run it, without the queue."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.dask_executor import DaskExecutor
from autograder.scheduling.executor import grade
from autograder.submission import Submission
from drydock.core.waiting import wait_for
from tests.autograder import sandboxes
from tests.autograder.clusters import Dask, certificates
from tests.autograder.conftest import ROOT

JOB = ROOT / "deploy" / "slurm" / "workers.sh"


@pytest.mark.slow
def test_a_job_is_a_worker_that_leaves_nothing(tmp_path: Path) -> None:
    """A job grades over TLS, uses the node's own disk as scratch space, and ends with the scheduler."""
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    node = tmp_path / "node"
    node.mkdir()
    tls = certificates(tmp_path / "tls")
    with Dask(tmp_path, tls) as dask:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "SLURM_TMPDIR": str(node)}
        with subprocess.Popen(
            [JOB, dask.address, str(tls)], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
        ) as job:
            with DaskExecutor(dask.address, GradingConfig(f"{sandboxes.HERE}.BootFails"), tls) as executor:
                [verdict] = grade([Submission("ada", "service", b"no notebook")], executor)
                assert any(node.iterdir())
            assert verdict.state == "unreadable"
            assert dask.scheduler is not None
            dask.kill(dask.scheduler)
            job.wait(timeout=60)
    wait_for(lambda: not any(node.iterdir()), "the scratch folder to be removed", seconds=60)

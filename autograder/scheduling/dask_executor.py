"""Many computers that grade: the workers of a Dask cluster, each with machines of its own.

Submissions and assignments travel as text, and verdicts come back as text. A worker that is killed loses nothing: the
scheduler gives its work to another. Only this process writes verdicts down.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.errors import ExtraMissing, NoCluster, NotIsolated, OtherVersion, WorkerLost
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling import dask_worker
from autograder.scheduling.code_version import code_key
from autograder.submission import Submission
from autograder.verdict import Verdict

#: How long the scheduler, and after it a first worker, may take to answer, in seconds.
_PATIENCE = 20


class DaskExecutor:
    """The workers at a scheduler's address, ``tls://host:port`` or ``tcp://…``.

    ``certificates`` is a folder with ``ca.pem``, ``cert.pem`` and ``key.pem``; without it, Dask's own configuration
    says how to speak to it.
    """

    in_background = True

    def __init__(self, address: str, config: GradingConfig | None = None, certificates: Path | None = None) -> None:
        self.config = config or GradingConfig()
        self._address = address
        self._certificates = certificates
        self._tasks: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        distributed = _dask()
        security = self._security(distributed)
        try:
            # A client waits for ever for somebody who takes the call and says nothing.
            asyncio.run(asyncio.wait_for(_greeted(distributed, self._address, security), _PATIENCE))
            self._client: Any = distributed.Client(
                self._address, timeout=_PATIENCE, security=security, set_as_default=False
            )
        except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
            raise NoCluster(self._address, _in_words(error)) from None
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except BaseException as error:
            self._client.close()
            if not isinstance(error, TimeoutError):
                raise
            raise NoCluster(self._address, "the scheduler answers, but it has no workers") from None
        self._executor = self._client.get_executor(pure=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Exception):  # a cluster that is gone needs no tidying up
            self._executor.shutdown(wait=False)
            self._client.run(dask_worker.cool, on_error="ignore")
        self._client.close()

    def size(self) -> int:
        """As many as the workers have threads just now; :class:`~autograder.errors.NoCluster` when it is gone."""
        try:
            return sum(self._client.nthreads().values())
        except (OSError, RuntimeError) as error:
            raise NoCluster(self._address, f"it went away: {_in_words(error)}") from None

    def start(self, submission: Submission, *, ahead: bool) -> Future[Verdict]:
        """Have the scheduler find a worker for it."""
        task, code = self._task(submission.assignment)
        work = json.dumps(submission.to_json())
        theirs = self._executor.submit(dask_worker.grade_there, work, task, code, ahead)
        ours: Future[Verdict] = Future()
        theirs.add_done_callback(lambda done: _pass_on(done, ours, submission.student))
        return ours

    def _task(self, name: str) -> tuple[str, str]:
        """Return an assignment as text, and the hash of the code that grades it.

        All workers are asked once whether theirs is the same, and whether they can isolate submissions.
        """
        if name not in self._tasks:
            assignment = self.config.assignment(name)
            task, code = dask_worker.task(self.config, assignment), code_key(assignment, self.config)
            if set(self._client.run(dask_worker.code, task).values()) - {code}:
                raise OtherVersion()
            for obstacle in self._client.run(dask_worker.obstacle, task).values():
                if obstacle is not None:
                    raise NotIsolated(*obstacle)
            self._tasks[name] = task, code
        return self._tasks[name]

    def _security(self, distributed: Any) -> Any:
        if self._certificates is None:
            return None
        paths = {name: str(self._certificates / f"{name}.pem") for name in ("ca", "cert", "key")}
        return distributed.Security(
            tls_ca_file=paths["ca"],
            tls_client_cert=paths["cert"],
            tls_client_key=paths["key"],
            require_encryption=True,
        )


async def _greeted(distributed: Any, address: str, security: Any) -> None:
    """Ask who is there; what answers is a scheduler, if anything does."""
    arguments = (security or distributed.Security()).get_connection_args("client")
    async with distributed.rpc(address, connection_args=arguments, timeout=_PATIENCE) as scheduler:
        await scheduler.identity()


def _pass_on(done: Future[str], ours: Future[Verdict], student: str) -> None:
    """A verdict as it is; whatever went wrong on the way is a lost worker."""
    try:
        ours.set_result(Verdict.from_json(json.loads(done.result())))
    except BaseException as error:
        ours.set_exception(WorkerLost(student, _in_words(error)))


def _in_words(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return f"nobody there answered as a scheduler does, within {_PATIENCE} s"
    return f"{type(error).__name__}: {error}".strip(": ")


def _dask() -> Any:
    try:
        import distributed
    except ModuleNotFoundError:
        raise ExtraMissing("--scheduler", "cluster") from None
    return distributed

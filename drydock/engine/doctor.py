"""``drydock doctor``: ask every provider, run a container in the selected engine, and report the results."""

from __future__ import annotations

import secrets
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from drydock.core import platform
from drydock.core.paths import LABEL
from drydock.engine import discovery
from drydock.engine.engine import Engine
from drydock.engine.providers.candidate import Candidate
from drydock.errors import ContainerFailed, DockerHostUnreachable, DrydockError, ImageMissing, NoEngine

#: The image of the test container: the smallest of the course's images.
IMAGE = "drydock/busybox:1.37"


@dataclass(frozen=True)
class Report:
    """All candidates, the name of the selected one, its engine, the seconds that a container took, and the error."""

    candidates: tuple[Candidate, ...]
    selected: str | None
    engine: Engine | None
    seconds: float | None
    error: DrydockError | None

    @property
    def ok(self) -> bool:
        """Whether a container ran."""
        return self.seconds is not None

    def status(self, candidate: Candidate) -> str:
        """Return "selected", "available" or "unavailable"."""
        if candidate.name == self.selected:
            return "selected"
        return "available" if candidate.usable and self.selected else "unavailable"

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values; ``engine`` is null if there is none."""
        return {
            "ok": self.ok,
            "engine": {**self.engine.facts(), "machine": self.engine.machine} if self.engine else None,
            "candidates": [self._candidate(candidate) for candidate in self.candidates],
            "computer": platform.describe(),
            "machines": platform.supports_machines(),
            "seconds": self.seconds,
            "error": str(self.error) if self.error else None,
        }

    def _candidate(self, candidate: Candidate) -> dict[str, Any]:
        return {
            "name": candidate.name,
            "endpoint": candidate.endpoint.host if candidate.endpoint else None,
            "selected": candidate.name == self.selected,
            "usable": candidate.usable,
            "reason": candidate.reason,
        }


def examine(kind: str | None = None) -> Report:
    """Ask every provider and run a container in the first usable engine; a machine booted for it is stopped again."""
    candidates, error = _detect_all(kind)
    usable = None if error else next((candidate for candidate in candidates if candidate.usable), None)
    if usable is None:
        error = error or NoEngine([(candidate.name, candidate.reason) for candidate in candidates])
        return Report(candidates, None, None, None, error)
    engine = seconds = None
    try:
        engine = discovery.connect(usable, candidates, owned=True)
        seconds = run_container(engine)
    except DrydockError as caught:
        error = caught
    finally:
        if engine and engine.booted_machine:
            engine.booted_machine.stop()
    return Report(candidates, usable.name, engine, seconds, error)


def run_container(engine: Engine) -> float:
    """Run a container, check its output, and return the seconds it took."""
    import docker
    import requests

    token = secrets.token_hex(8)
    started = time.monotonic()
    with closing(engine.client()) as client:
        try:
            client.images.get(IMAGE)  # running a missing image would pull it from a registry
            output = client.containers.run(IMAGE, ["echo", token], remove=True, labels={LABEL: "doctor"})
        except docker.errors.ImageNotFound:
            raise ImageMissing(IMAGE) from None
        except (docker.errors.DockerException, requests.RequestException) as error:
            raise ContainerFailed(IMAGE, str(error)) from None
    if output.decode().strip() != token:
        raise ContainerFailed(IMAGE, f"It printed {output[:80]!r} instead of {token!r}.")
    return round(time.monotonic() - started, 2)


def _detect_all(kind: str | None) -> tuple[tuple[Candidate, ...], DrydockError | None]:
    """Return all candidates; if a person's DOCKER_HOST does not answer, the error, and no other provider is asked."""
    try:
        return tuple(discovery.detect(kind)), None
    except DockerHostUnreachable as error:
        first, *others = discovery.PROVIDERS
        candidates = [Candidate(first.NAME, "host", f"it is set, but {error.why}")]
        reason = "not asked, because DOCKER_HOST is set"
        candidates += [Candidate(provider.NAME, "host", reason) for provider in others]
        return tuple(candidates), error

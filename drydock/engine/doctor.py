"""``drydock doctor``: asks every place, runs a container in the one that would be taken, and tells what it saw."""

from __future__ import annotations

import secrets
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import docker
import requests
from docker.errors import ImageNotFound

from drydock.core import platform
from drydock.core.paths import LABEL
from drydock.engine import discovery
from drydock.engine.engine import Engine
from drydock.engine.providers.candidate import Candidate
from drydock.errors import ContainerFailed, DockerHostUnreachable, DrydockError, ImageMissing, NoEngine

#: What is run: small, and in every engine that knows the course's images.
IMAGE = "drydock/busybox:1.37"


@dataclass(frozen=True)
class Report:
    """What the doctor saw: every answer, the engine that was taken, the seconds a container took, or the trouble."""

    candidates: tuple[Candidate, ...]
    taken: str | None
    engine: Engine | None
    seconds: float | None
    trouble: DrydockError | None

    @property
    def ok(self) -> bool:
        """Whether a container really ran."""
        return self.seconds is not None

    def as_json(self) -> dict[str, Any]:
        """The same as plain values; ``engine`` is null when there is none."""
        return {
            "ok": self.ok,
            "engine": {**self.engine.facts(), "machine": self.engine.machine} if self.engine else None,
            "candidates": [self._candidate(candidate) for candidate in self.candidates],
            "computer": platform.describe(),
            "machines": platform.is_possible(),
            "seconds": self.seconds,
            "trouble": str(self.trouble) if self.trouble else None,
        }

    def _candidate(self, candidate: Candidate) -> dict[str, Any]:
        return {
            "name": candidate.name,
            "endpoint": candidate.endpoint.host if candidate.endpoint else None,
            "taken": candidate.name == self.taken,
            "usable": candidate.usable,
            "reason": candidate.reason,
        }


def examine(choice: str | None = None) -> Report:
    """Ask every place and run a container in the first that can have one; a machine booted for it is stopped again."""
    candidates, trouble = _ask_all(choice)
    taken = next((candidate for candidate in candidates if candidate.usable), None)
    engine = seconds = None
    if taken is None or trouble is not None:
        taken = None
        trouble = trouble or NoEngine([(candidate.name, candidate.reason) for candidate in candidates])
    else:
        try:
            engine = discovery.take(taken, candidates, owned=True)
            seconds = run_one(engine)
        except DrydockError as error:
            trouble = error
        finally:
            if engine and engine.booted:
                engine.booted.stop()
    return Report(candidates, taken.name if taken else None, engine, seconds, trouble)


def run_one(engine: Engine) -> float:
    """Run a container to its end, check what it said, and return the seconds it took."""
    token = secrets.token_hex(8)
    began = time.monotonic()
    with closing(engine.client()) as client:
        try:
            client.images.get(IMAGE)  # or else running it would ask a registry for it
            said = client.containers.run(IMAGE, ["echo", token], remove=True, labels={LABEL: "doctor"})
        except ImageNotFound:
            raise ImageMissing(IMAGE) from None
        except (docker.errors.DockerException, requests.RequestException) as error:
            raise ContainerFailed(IMAGE, str(error)) from None
    if said.decode().strip() != token:
        raise ContainerFailed(IMAGE, f"it said {said[:80]!r} instead of {token!r}")
    return round(time.monotonic() - began, 2)


def _ask_all(choice: str | None) -> tuple[tuple[Candidate, ...], DrydockError | None]:
    """Every answer. A silent DOCKER_HOST is an order that can't be followed, so nobody else is asked then."""
    try:
        return tuple(discovery.ask(choice)), None
    except DockerHostUnreachable as error:
        answers = [Candidate("DOCKER_HOST", "host", f"it is set, but {error.why}")]
        for place in discovery.PLACES[1:]:
            answers.append(Candidate(place.NAME, "host", "not asked: DOCKER_HOST is set, and that is an order"))
        return tuple(answers), error

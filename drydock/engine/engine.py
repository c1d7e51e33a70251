"""The selected Docker engine: its endpoint, and facts about it that a person wants to see."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drydock import images
from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.engine.providers.candidate import Candidate

if TYPE_CHECKING:
    import docker

    from drydock.machine import Machine

#: Images that only grading uses, in machines, which have them.
_NOT_FOR_LESSONS = ("kernel",)


@dataclass(frozen=True)
class Engine:
    """A Docker daemon that answers: its endpoint, version and platform, and all candidates it was selected from."""

    endpoint: Endpoint
    version: str
    api: str
    system: str
    location: str
    selected: Candidate
    candidates: tuple[Candidate, ...]
    #: The images of the lessons that the daemon lacks.
    missing_images: tuple[images.Image, ...] = ()
    #: The machine that this process booted for the engine, if it did; the caller stops it or lets it run.
    booted_machine: Machine | None = None

    @classmethod
    def inspect(
        cls,
        endpoint: Endpoint,
        selected: Candidate,
        candidates: tuple[Candidate, ...],
        booted_machine: Machine | None = None,
    ) -> Engine:
        """Return the engine at an endpoint, with facts from the daemon."""
        with closing(endpoint.client()) as client:
            version, info = client.version(), client.info()
            missing_images = _missing_images(client)
        return cls(
            endpoint=endpoint,
            version=str(version["Version"]),
            api=str(version["ApiVersion"]),
            system=f"{info['OperatingSystem']}, {version['Os']}/{version['Arch']}",
            location=_location(endpoint, info),
            selected=selected,
            candidates=candidates,
            missing_images=missing_images,
            booted_machine=booted_machine,
        )

    @property
    def machine(self) -> str | None:
        """The name of the Drydock machine in which it runs; None if it runs in none."""
        return environment.machine_name(self.endpoint)

    def environment(self) -> dict[str, str]:
        """Return the variables that make child processes use it."""
        return environment.variables(self.endpoint)

    def client(self) -> docker.DockerClient:
        """Return a docker-py client of it; the caller closes it."""
        return self.endpoint.client()

    def facts(self) -> dict[str, str]:
        """Return what a person wants to know about it, in reading order."""
        facts = {
            "engine": f"Docker {self.version} (API {self.api})",
            "system": self.system,
            "runs": self.location,
            "address": self.endpoint.host,
        }
        if self.missing_images:
            tags = ", ".join(image.tag for image in self.missing_images)
            facts["missing"] = f"{tags}; to build them, run `drydock images build` in a terminal"
        return facts

    def __repr__(self) -> str:
        return "\n".join(f"{name:>8}  {fact}" for name, fact in self.facts().items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:right;opacity:.7'>{name}</td>"
            f"<td style='text-align:left'>{escape(fact)}</td></tr>"
            for name, fact in self.facts().items()
        )
        return f"<table>{rows}</table>"


def _missing_images(client: docker.DockerClient) -> tuple[images.Image, ...]:
    missing = [present.image for present in images.ls(client) if present.size is None]
    return tuple(image for image in missing if image.name not in _NOT_FOR_LESSONS)


def _location(endpoint: Endpoint, info: dict[str, Any]) -> str:
    """Return where the daemon's containers run, in words."""
    if machine := environment.machine_name(endpoint):
        return f"in the Drydock machine {machine!r}, which has its own Linux kernel and runs here as a process"
    if info.get("OperatingSystem") == "Docker Desktop":
        return "in Docker Desktop's virtual machine on this computer"
    parts = urlsplit(endpoint.host)
    if parts.scheme in ("unix", "npipe", "http+unix") or parts.hostname in ("localhost", "127.0.0.1", "::1"):
        return "on this computer"
    return f"on {parts.hostname}"

"""Exercises of the lesson *Share images through a registry*."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.learn.daemon_objects import execute, running_container
from drydock.learn.exercises import exercise

_STORE = "/var/lib/registry/docker/registry/v2"


@exercise(
    "An image is pushed under the name that it has: first give it the registry's name.",
    "`docker tag SOURCE 127.0.0.1:8900/REPOSITORY:TAG`, then `docker push` the second name.",
)
def pushed(context: CheckContext) -> None:
    """The registry has the tag `5` in the repository `anna/boat`, and its ship carries apples."""
    _carries(context, "our-registry", "anna/boat:5", "apples")


@exercise(
    "Without the variables `REGISTRY_AUTH…`, a registry asks nobody for a password. It listens on port 5000.",
    "Publish it at `127.0.0.1:8901`; an image for it has a name such as `127.0.0.1:8901/NAME:TAG`.",
    patience=3,
)
def open_registry(context: CheckContext) -> None:
    """The registry at port 8901 asks for no password and has `ship:2`."""
    container = running_container(context, "open-registry")
    bindings = (container.attrs["NetworkSettings"]["Ports"] or {}).get("5000/tcp") or []
    published = sorted({f"{binding['HostIp']}:{binding['HostPort']}" for binding in bindings})
    if published != ["127.0.0.1:8901"]:
        raise Failed(
            f"Its port 5000 is published at {', '.join(published)}."
            if published
            else "Its port 5000 is not published.",
            hint="For this computer only, at port 8901.",
        )
    settings = [variable for variable in container.attrs["Config"]["Env"] or [] if variable.startswith("REGISTRY_AUTH")]
    if settings:
        raise Failed(f"It asks for a password: {settings[0]}.", hint="Which variables does it need for that?")
    _carries(context, "open-registry", "ship:2", "pears")


@exercise(
    "A digest stands behind `@` in place of the tag: `NAME@sha256:…`.",
    "`!docker run -d --init --name pinned REPOSITORY@{digest} sleep 600`",
)
def pinned(context: CheckContext) -> None:
    """Container `pinned` runs the ship with apples, named by its digest."""
    container = running_container(context, "pinned")
    _, cargo = _run(container, "cat /cargo")
    if cargo.strip() != "apples":
        raise Failed(f"Its `/cargo` reads {cargo.strip()[:40]!r}.", hint="The tag `1` means another image by now.")
    image = container.attrs["Config"]["Image"]
    if "@sha256:" not in image:
        raise Failed(
            f"It was started from `{image}`.", hint="Write the digest behind the name: `…/anna/ship@sha256:…`."
        )


@exercise(
    "`--build-arg CARGO=…` sets the cargo. The option `-t` of `build` can name the registry at once.",
    "Build from the folder `files/08_registries`, then push.",
)
def third(context: CheckContext) -> None:
    """The registry has `anna/ship:3`, and it carries wine."""
    _carries(context, "our-registry", "anna/ship:3", "wine")


@exercise(
    "`save` writes an image, `export` a container's files.",
    "The option `-o` names the file.",
)
def archive(context: CheckContext) -> None:
    """The file `ship.tar` has the image `lesson/ship:2`, with its name."""
    file = Path.cwd() / "ship.tar"
    if not file.is_file():
        raise Failed("There is no file `ship.tar` beside this notebook.", hint="In which folder did you run it?")
    try:
        with tarfile.open(file) as content:
            entries = json.load(content.extractfile("manifest.json"))  # type: ignore[arg-type]
    except (tarfile.TarError, KeyError, ValueError):
        raise Failed("`ship.tar` is no saved image: it has no manifest.", hint="Was it `save` or `export`?") from None
    names = [name for entry in entries for name in entry.get("RepoTags") or []]
    if "lesson/ship:2" not in names:
        raise Failed(
            f"Its images are called: {', '.join(names) or 'nothing'}.",
            hint="`save` keeps the names that you give it, and no name for an id.",
        )


exercises = [pushed, open_registry, pinned, third, archive]


def _carries(context: CheckContext, registry: str, name: str, cargo: str) -> None:
    """Raise ``Failed`` unless the registry has the image, and its last layer has that cargo."""
    container = running_container(context, registry)
    repository, _, tag = name.rpartition(":")
    link = f"{_STORE}/repositories/{repository}/_manifests/tags/{tag}/current/link"
    code, digest = _run(container, f"cat {link}")
    if code != 0:
        _, listed = _run(container, f"cd {_STORE}/repositories && find . -name _manifests")
        repositories = ", ".join(path.removeprefix("./").removesuffix("/_manifests") for path in listed.split())
        raise Failed(
            f"`{registry}` has no `{name}`. Its repositories: {repositories or 'none'}.",
            hint="Was the push successful? What does its last line say?",
        )
    layer = _manifest(container, digest)["layers"][-1]["digest"]
    _, text = _run(container, f"gzip -dc {_path(layer)} | tar -xO")
    if cargo not in text:
        raise Failed(f"The ship `{name}` carries {text.strip()[:40]!r}.", hint="Which image did you push?")


def _manifest(registry: Container, digest: str) -> Any:
    """Return the manifest with this digest; of an index, the first manifest that it lists."""
    manifest = json.loads(_run(registry, f"cat {_path(digest)}")[1])
    return _manifest(registry, manifest["manifests"][0]["digest"]) if "manifests" in manifest else manifest


def _path(digest: str) -> str:
    name = digest.removeprefix("sha256:")
    return f"{_STORE}/blobs/sha256/{name[:2]}/{name}/data"


def _run(container: Container, script: str) -> tuple[int, str]:
    """Return the exit code of a shell script in the container, and what it printed."""
    return execute(container, "sh", "-c", script)

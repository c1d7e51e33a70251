"""What a line of the docker command asks of this computer: published ports and mounted folders.

The wrapper of the docker command asks it before a container of a machine starts; it imports no library.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from drydock.machine import container_preflight
from drydock.machine.container_preflight import Port

#: Options of ``docker run`` and ``docker create`` without a value; letters may follow one another, as in ``-dit``.
_FLAGS = set("detach disable-content-trust help init interactive no-healthcheck oom-kill-disable privileged".split())
_FLAGS |= set("publish-all quiet read-only rm sig-proxy tty use-api-socket".split())
_LETTERS = set("ditPq")
#: A published port of this computer's 127.0.0.1, which ``docker run`` can be refused for.
_PUBLISHED = re.compile(r"(?:(?:127\.0\.0\.1|0\.0\.0\.0):)?([0-9]{1,5})(?:-([0-9]{1,5}))?:\d+(-\d+)?(?:/(tcp|udp))?")
#: Options of ``docker compose`` itself that have a value.
_COMPOSE_VALUES = set("-f --file -p --project-name --profile --env-file --project-directory --progress --ansi".split())


def requested(command: str, words: Sequence[str]) -> tuple[list[Port], list[str]]:
    """Return the ports and the full paths that a command asks for; ``words`` follow the command's own."""
    if command in ("run", "create", "container run", "container create"):
        return of_options(words)
    if command in ("start", "restart", "container start", "container restart"):
        return _of_containers([word for word in words if not word.startswith("-")])
    return _of_compose(words) if command == "compose" else ([], [])


def of_options(words: Sequence[str]) -> tuple[list[Port], list[str]]:
    """Return the ports and paths in the options of ``docker run``, which end at the image's name."""
    ports: list[Port] = []
    sources: list[str] = []
    for name, value in _options(iter(words)):
        if name in ("p", "publish"):
            ports += _ports(value)
        elif name in ("v", "volume"):
            sources += _path(value.partition(":")[0]) if ":" in value else []
        elif name == "mount":
            fields = dict(field.partition("=")[::2] for field in value.split(","))
            sources += _path(fields.get("source") or fields.get("src") or "") if fields.get("type") == "bind" else []
    return ports, sources


def _options(words: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Yield each option with its value."""
    for word in words:
        if word.startswith("--") and word != "--":
            name, equals, value = word[2:].partition("=")
            yield name, value if equals or name in _FLAGS else next(words, "")
        elif word.startswith("-") and word not in ("-", "--"):
            letters = word[1:].lstrip("".join(_LETTERS))
            if letters:
                yield letters[0], letters[1:].removeprefix("=") or next(words, "")
        else:
            return


def _ports(value: str) -> list[Port]:
    """Return the host's ports of ``-p``; none where Docker chooses one of several itself."""
    match = _PUBLISHED.fullmatch(value)
    if match is None or bool(match[2]) != bool(match[3]):
        return []
    first, last = int(match[1]), int(match[2] or match[1])
    if last > container_preflight.LAST_PORT:  # docker itself reports it
        return []
    return [(match[4] or "tcp", port) for port in range(first, last + 1) if port]


def _path(source: str) -> list[str]:
    """Return the full path of a source; none for a volume's name."""
    return [os.path.normpath(Path.cwd() / source)] if source.startswith(("/", ".")) else []


def _of_containers(names: Sequence[str]) -> tuple[list[Port], list[str]]:
    configs = [_json("container", "inspect", "--format", "{{json .HostConfig}}", name) for name in names]
    return [port for config in configs if config for port in container_preflight.bound_ports(config)], []


def _of_compose(words: Sequence[str]) -> tuple[list[Port], list[str]]:
    """Return what the services of ``docker compose up`` ask for, as compose itself reads its files."""
    verb = _verb_index(words)
    if words[verb : verb + 1] not in (["up"], ["start"], ["restart"], ["create"]):
        return [], []
    services = (_json("compose", *words[:verb], "config", "--format", "json") or {}).get("services") or {}
    chosen = [services[word] for word in words[verb + 1 :] if word in services] or list(services.values())
    ports = [(port["protocol"], str(port.get("published") or "")) for port in _lists(chosen, "ports")]
    mounts = [mount["source"] for mount in _lists(chosen, "volumes") if mount.get("type") == "bind"]
    return [(protocol, int(port)) for protocol, port in ports if container_preflight.is_port(port)], mounts


def _lists(services: Iterable[dict[str, Any]], name: str) -> Iterator[Any]:
    for service in services:
        yield from service.get(name) or ()


def _verb_index(words: Sequence[str]) -> int:
    index = 0
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in _COMPOSE_VALUES else 1
    return index


def _json(*words: str) -> Any:
    """Return what docker prints as JSON; None if it fails, which the command itself then reports."""
    done = subprocess.run(["docker", *words], capture_output=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return None

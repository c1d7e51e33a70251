"""What the panel of a lesson shows: the daemon's containers, images, networks and volumes as rows, and as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import docker

from autograder.checks.selfcheck import coded
from drydock.core.paths import LABEL

#: The kinds of objects, in the order in which the panel shows them.
KINDS = ("Containers", "Images", "Networks", "Volumes")
#: The owner of the course's images, whose label their containers inherit where no lesson's label replaces it.
_IMAGES = "images"
#: Of a medium brightness, as the pictures' colours, to be readable on light and dark pages.
_COLOURS = {
    "running": "#2da44e",
    "paused": "#d9822b",
    "restarting": "#d9822b",
    "created": "#8b949e",
    "exited": "#8b949e",
    "dead": "#e5484d",
}
#: The script beside the panel, which shows nothing, would take a half of the width. JupyterLab breaks the lines of an
#: output anywhere; beside a panel they are broken between words, as those of the docker command's help need it.
_STYLE = """<style>
.jupyterlab-sidecar:has(.dd-panel) > .jp-OutputArea-child:not(:has(.dd-panel)) {display: none}
.jp-OutputArea .jp-OutputArea-output.jp-RenderedText pre {word-break: normal; overflow-wrap: anywhere}
.dd-panel {font-size: 13px; line-height: 1.45}
.dd-panel h4 {margin: 10px 0 2px; font-size: 13px}
.dd-panel ul {list-style: none; margin: 0; padding: 0}
.dd-panel li {padding: 2px 6px; border-radius: 4px; overflow-wrap: anywhere}
.dd-panel small {opacity: .8}
.dd-panel code {padding: 0 2px; border-radius: 2px; background: #8b949e33; color: inherit; font-size: inherit}
.dd-panel .changed {animation: dd-flash 4s ease-out}
@keyframes dd-flash {from {background: #d9822b66; box-shadow: inset 4px 0 #d9822b} to {background: none}}
@media (prefers-reduced-motion: reduce) {.dd-panel .changed {animation: none; outline: 1px solid #d9822b}}
</style>"""


@dataclass(frozen=True)
class Row:
    """One object of the daemon: its kind, its id, its name, and its state in a few words."""

    kind: str
    id: str
    name: str
    state: str
    labels: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False, repr=False)
    #: The ports of the host at which a container is published.
    ports: frozenset[int] = field(default=frozenset(), hash=False, compare=False, repr=False)

    @property
    def lesson(self) -> str | None:
        """The lesson whose label it carries, if it carries one."""
        owner = (self.labels or {}).get(LABEL)
        return None if owner == _IMAGES else owner


def rows(client: docker.DockerClient) -> list[Row]:
    """Return everything the daemon has, with four requests; an object that vanishes meanwhile does no harm."""
    api = client.api
    containers = [_container(entry) for entry in api.containers(all=True)]
    images = [_image(entry) for entry in api.images() if _tags(entry)]
    networks = [_network(entry) for entry in api.networks()]
    # The daemon lists volumes in another order each time.
    volumes = sorted((_volume(entry) for entry in api.volumes()["Volumes"] or ()), key=lambda row: row.name)
    return [*containers, *images, *networks, *volumes]


def of_lesson(everything: Iterable[Row], lesson: str, before: frozenset[tuple[str, str]]) -> list[Row]:
    """Return what belongs to a lesson: what carries its label, and what is new since ``before`` and nobody else's."""
    return [row for row in everything if row.lesson == lesson or (not row.lesson and key(row) not in before)]


def key(row: Row) -> tuple[str, str]:
    """Return what identifies an object, whatever its state."""
    return row.kind, f"{row.id} {row.name}" if row.kind == "Images" else row.id


def changed(now: Iterable[Row], before: Iterable[Row]) -> frozenset[tuple[str, str]]:
    """Return the keys of the rows that are new or have another state than before."""
    known = {key(row): row for row in before}
    return frozenset(key(row) for row in now if known.get(key(row)) != row)


def html(
    shown: Iterable[Row],
    flashing: frozenset[tuple[str, str]],
    exercises: Iterable[tuple[str, str, bool]],
    notice: str = "",
) -> str:
    """Return the panel's HTML; every word from the daemon is escaped."""
    listed = list(shown)
    parts = [_STYLE, '<div class="dd-panel" role="region" aria-label="Docker objects of this lesson">']
    parts += [f"<p><b>{escape(line)}</b></p>" for line in notice.splitlines()]
    parts += [_exercises(list(exercises))]
    parts += [_section(kind, [row for row in listed if row.kind == kind], flashing) for kind in KINDS]
    return "".join([*parts, "</div>"])


def _exercises(exercises: list[tuple[str, str, bool]]) -> str:
    if not exercises:
        return ""
    done = sum(passed for _, _, passed in exercises)
    items = "".join(_exercise(id.partition(".")[2], goal, passed) for id, goal, passed in exercises)
    return f"<h4>Exercises, {done} of {len(exercises)} done</h4><ul>{items}</ul>"


def _exercise(name: str, goal: str, passed: bool) -> str:
    return f"<li>{'✔' if passed else '○'} {escape(name)} <small>{coded(goal)}</small></li>"


def _section(kind: str, listed: list[Row], flashing: frozenset[tuple[str, str]]) -> str:
    items = "".join(_item(row, key(row) in flashing) for row in listed) or "<li><small>none</small></li>"
    return f"<h4>{kind}</h4><ul>{items}</ul>"


def _item(row: Row, flashes: bool) -> str:
    colour = _COLOURS.get(row.state.partition(",")[0].partition(" ")[0])
    dot = f'<span style="color:{colour}" aria-hidden="true">●</span> ' if colour else ""
    mark = ' class="changed"' if flashes else ""
    return f"<li{mark}>{dot}{escape(row.name)} <small>{escape(row.state)}</small></li>"


def _container(entry: dict[str, Any]) -> Row:
    name = min(entry.get("Names") or [entry["Id"][:12]], key=len).lstrip("/")
    ports = sorted({f"{port['PublicPort']}→{port['PrivatePort']}" for port in entry["Ports"] if port.get("PublicPort")})
    exited = entry["Status"].partition(")")[0].removeprefix("Exited (") if entry["State"] == "exited" else ""
    state = f"exited {exited}".strip() if entry["State"] == "exited" else entry["State"]
    own = (port for port in entry["Ports"] if port.get("PublicPort") and ":" not in port.get("IP", ""))
    published = frozenset(port["PublicPort"] for port in own)
    return Row("Containers", entry["Id"], name, ", ".join([state, *ports]), entry.get("Labels") or {}, published)


def _image(entry: dict[str, Any]) -> Row:
    return Row("Images", entry["Id"], _tags(entry)[0], f"{entry['Size'] / 1e6:.0f} MB", entry.get("Labels") or {})


def _tags(entry: dict[str, Any]) -> list[str]:
    return [tag for tag in entry.get("RepoTags") or () if tag != "<none>:<none>"]


def _network(entry: dict[str, Any]) -> Row:
    return Row("Networks", entry["Id"], entry["Name"], entry["Driver"], entry.get("Labels") or {})


def _volume(entry: dict[str, Any]) -> Row:
    name = entry["Name"] if len(entry["Name"]) < 40 else f"{entry['Name'][:12]}… (anonymous)"
    return Row("Volumes", entry["Name"], name, entry["Driver"], entry.get("Labels") or {})

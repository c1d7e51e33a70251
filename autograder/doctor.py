"""``autograder doctor``: how submissions can be isolated on this computer, and what to do where they can't."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from autograder.errors import NotIsolated
from autograder.sandbox.machine_sandbox import INNER
from drydock.machine.isolation import backends, bubblewrap, docker_container

_EFFECTS = {
    "bubblewrap": "no file, process or network of this computer can be reached",
    "container": "the same, by Docker's means where bubblewrap can't be had",
    "machine": "a kernel of the submission's own, removed together with its daemon",
    "proxy": "requests to the daemon are written anew, without privileges, the machine's own namespaces and paths",
}


def settings(no_isolation: bool) -> dict[str, Any]:
    """Return the settings of the sandboxes; every verdict records whether there was isolation."""
    return {"isolated": False} if no_isolation else {}


def require_isolation() -> None:
    """Raise :class:`~autograder.errors.NotIsolated` where submissions can't be isolated."""
    obstacle = backends.unavailable_reason()
    if obstacle:
        raise NotIsolated(*obstacle)


def look() -> dict[str, Any]:
    """Return ``ok``, the layers of ``isolation``, and ``why`` one is missing (empty) and what would help (``next``)."""
    why, next = backends.unavailable_reason() or ("", "")
    layers = [backends.choose().NAME, *INNER] if not why else list(INNER[:1])
    return {"ok": not why, "isolation": layers, "why": why, "next": next}


def main(as_json: bool) -> int:
    """Print it; the exit code is 0 when submissions can be isolated."""
    state = look()
    out = Console(highlight=False)
    if as_json:
        print(json.dumps(state))
        return 0 if state["ok"] else 1
    table = Table("layer", "here", "effect")
    for layer in _EFFECTS:
        table.add_row(layer, _is_here(layer, state["isolation"]), _EFFECTS[layer])
    out.print(table)
    if not state["ok"]:
        out.print(f"{state['why']}\n  Next: {state['next']}", markup=False)
    return 0 if state["ok"] else 1


def _is_here(layer: str, layers: Sequence[str]) -> str:
    """Return whether a layer is there; with the first of the two backends, the other is not even tried."""
    if layer in layers:
        return "yes"
    return "not needed" if layer == docker_container.NAME and bubblewrap.NAME in layers else "no"

"""Runs a notebook inside the kernel container.

Command line: ``python3 -m autograder.execution.notebook_runner notebook out cell-seconds``.

The executed notebook is written after every cell, so that a run that is cut short has something to show. What
is written here is for showing only: the student's code lives in the same container and may write it too.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

# nbformat's functions carry no types. Those of one version don't validate: the grader wrote the notebook, and it reads
# the result by rules of its own.
_v4: Any = nbformat.v4

#: What all cells together, and each of them, may print, in bytes.
_NOTEBOOK_LIMIT, _CELL_LIMIT = 4 << 20, 1 << 20


class Runner(NotebookClient):
    """nbclient, with a limit on what a cell may print."""

    def __init__(self, notebook: NotebookNode, out: Path, cell_seconds: int) -> None:
        super().__init__(
            notebook,
            timeout=cell_seconds,
            interrupt_on_timeout=True,
            allow_errors=True,
            kernel_name="python3",
            on_cell_start=lambda **_: self._new_cell(),
            on_cell_executed=lambda **_: self.keep("running"),
        )
        self._out = out
        self._in_all = self._in_cell = 0
        self._timed_out = False

    def _new_cell(self) -> None:
        self._in_cell = 0

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Keep an output while there is room; say once that the rest is left out."""
        size = len(json.dumps(msg["content"], default=str))
        room = min(_CELL_LIMIT - self._in_cell, _NOTEBOOK_LIMIT - self._in_all)
        self._in_cell += size
        if size <= room:
            self._in_all += size
            return super().output(outs, msg, display_id, cell_index)
        if room > 0:
            outs.append(_v4.new_output("stream", name="stderr", text="\n… the rest is left out: too much output.\n"))
            self._in_cell = max(self._in_cell, _CELL_LIMIT)
        return None

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        self._timed_out = True
        return await super()._async_handle_timeout(timeout, cell)

    def keep(self, state: str) -> None:
        """Write down what there is, each file in one step."""
        _write(self._out / "notebook.ipynb", _v4.writes(self.nb))
        _write(self._out / "status.json", json.dumps({"state": state, "timed_out": self._timed_out}))


def _write(file: Path, text: str) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(file)


def main(arguments: list[str]) -> None:
    """Run one notebook in its own folder."""
    path, out, cell_seconds = Path(arguments[0]), Path(arguments[1]), int(arguments[2])
    os.chdir(path.parent)
    runner = Runner(_v4.reads(path.read_text()), out, cell_seconds)
    try:
        asyncio.run(runner.async_execute())
        runner.keep("finished")
    except DeadKernelError:
        runner.keep("kernel died")


if __name__ == "__main__":
    main(sys.argv[1:])

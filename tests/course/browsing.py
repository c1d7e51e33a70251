"""``drydock lab`` in a real browser: the fixtures and the looks that its tests share."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from drydock.waiting import wait_for
from tests.browser import IDLE, answers, opened
from tests.course.reading import COURSE


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """``drydock lab`` on a copy of the course, on the host's own Docker; afterwards it ends on SIGTERM."""
    shutil.copytree(COURSE, tmp_path / COURSE.name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(8)
    own = {"DRYDOCK_ENGINE": "host", "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter")}
    words = [sys.executable, "-m", "drydock.cli", "lab", str(tmp_path), "--no-browser", "--port", str(port)]
    words += ["--", f"--IdentityProvider.token={token}", "--ServerApp.port_retries=0"]
    log = tmp_path / "log"
    with (
        log.open("wb") as said,
        subprocess.Popen(words, env={**os.environ, **own}, stderr=said, stdout=said) as process,
    ):
        try:
            ours = f"http://127.0.0.1:{port}"
            wait_for(lambda: answers(f"{ours}/api"), "JupyterLab", seconds=60, every=0.3, seen=log.read_text)
            yield f"{ours}/?token={token}"
        finally:
            process.terminate()
            assert process.wait(timeout=30) == 0


@pytest.fixture
def page() -> Iterator[Page]:
    """An empty page of a real browser."""
    with opened(1200, 1000) as empty:
        yield empty


def all_ran(page: Page, file: Path) -> bool:
    """Whether every code cell of the notebook has its number, once the page has saved it."""
    page.keyboard.press("Control+s")
    with suppress(json.JSONDecodeError):  # it is being written just now
        return all(cell["execution_count"] for cell in cells(file))
    return False


def cells(file: Path) -> list[dict[str, Any]]:
    """The code cells of a notebook as it was saved."""
    return [cell for cell in json.loads(file.read_text())["cells"] if cell["cell_type"] == "code"]


def run_all(page: Page, file: Path, seconds: float) -> list[dict[str, Any]]:
    """Run all cells of the notebook that is open, wait until each has its number, and return what came out."""
    page.wait_for_selector(IDLE, timeout=60_000)
    page.click(".lm-MenuBar-itemLabel:text-is('Run')")
    page.click(".lm-Menu-itemLabel:text-is('Run All Cells')")
    wait_for(lambda: all_ran(page, file), "all cells to run", seconds=seconds, every=1)
    return [output for cell in cells(file) for output in cell["outputs"]]

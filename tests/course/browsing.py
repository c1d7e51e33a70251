"""``drydock lab`` in a real browser: the fixtures and the looks that its tests share."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Page

from drydock import course_files
from drydock.core.waiting import wait_for
from drydock.machine.network.slirp import free_port
from scripts.lesson_reader import COURSE
from tests import serving
from tests.browser import IDLE, opened


class Readable(Protocol):
    """A file somewhere."""

    def read_text(self) -> str:
        """What is in it."""
        ...


@contextmanager
def served(folder: Path, own: Mapping[str, str], *words: str, base: str = "/") -> Iterator[str]:
    """``drydock lab`` on a copy of the course, until it ends on SIGTERM; yields the address of its first page.

    A copy that is in the folder already stays as it is.

    ``own`` are variables, ``words`` are for Jupyter, which answers below the path ``base``.
    """
    if not (folder / COURSE.name).exists():
        course_files.place(COURSE, folder / COURSE.name)
    port, token = free_port("tcp"), secrets.token_hex(8)
    settings = {"JUPYTER_CONFIG_DIR": str(folder / "jupyter"), "JUPYTER_RUNTIME_DIR": str(folder / "runtime")}
    argv = [sys.executable, "-m", "drydock.cli", "lab", str(folder), "--no-browser", "--port", str(port)]
    argv += ["--", f"--IdentityProvider.token={token}", "--ServerApp.port_retries=0", *words]
    ours = f"http://127.0.0.1:{port}{base}"
    with serving.served(argv, ours, folder / "log", env={**os.environ, **settings, **own}):
        yield f"{ours}?token={token}"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """``drydock lab`` on the host's own Docker."""
    with served(tmp_path, {"DRYDOCK_ENGINE": "host"}) as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    """An empty page of a real browser."""
    with opened(1200, 1000) as empty:
        yield empty


def choose(page: Page, menu: str, entry: str) -> None:
    """Choose from one of JupyterLab's menus."""
    page.click(f".lm-MenuBar-itemLabel:text-is({menu!r})")
    page.click(f".lm-Menu-itemLabel:text-is({entry!r})")


def save(page: Page) -> None:
    """Save the document that is open, and wait until it is."""
    page.keyboard.press("Control+s")
    page.wait_for_selector(".jp-Document:not(.lm-mod-hidden)")
    page.wait_for_selector(".lm-DockPanel-tabBar .jp-mod-dirty", state="detached", timeout=20_000)


def all_ran(page: Page, file: Readable) -> bool:
    """Whether every code cell of the notebook has its number, once the page has saved it."""
    page.keyboard.press("Control+s")
    with suppress(json.JSONDecodeError):  # it is being written just now
        return all(cell["execution_count"] for cell in cells(file))
    return False


def cells(file: Readable) -> list[dict[str, Any]]:
    """The code cells of a notebook as it was saved."""
    return [cell for cell in json.loads(file.read_text())["cells"] if cell["cell_type"] == "code"]


def open_lesson(page: Page, number: str) -> None:
    """Open a lesson by its link on the page of the course, and wait until its kernel is idle.

    While JupyterLab starts, it may bring the page to the front once more, before the lesson.
    """

    def is_idle() -> bool:
        page.click(".lm-DockPanel-tabBar .lm-TabBar-tab:has-text('.ipynb')", timeout=60_000)
        return page.locator(IDLE).first.is_visible()

    page.click(f"td a:text-is('{number}')")
    wait_for(is_idle, "the lesson's kernel to be idle", seconds=120, every=0.5)


def run_all(page: Page, file: Readable, seconds: float) -> list[dict[str, Any]]:
    """Run all cells of the notebook that is open, wait until each has its number, and return what came out."""
    page.wait_for_selector(IDLE, timeout=60_000)
    choose(page, "Run", "Run All Cells")
    wait_for(lambda: all_ran(page, file), "all cells to run", seconds=seconds, every=1)
    return [output for cell in cells(file) for output in cell["outputs"]]

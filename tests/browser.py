"""A real browser, and what a test looks for in it: shared by whoever opens JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, sync_playwright

#: What the bar at the bottom says when a kernel is there and nothing runs; before, cells of code would not run.
IDLE = "text=| Idle"
#: It hears nothing of containers that come and go on this computer.
DEAF = Path(__file__).with_name("chromium-without-netlink")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def opened(width: int, height: int) -> Iterator[Page]:
    """An empty page of that size; the browser ends with it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=DEAF, args=_QUIET)
        yield browser.new_context(viewport={"width": width, "height": height}).new_page()
        browser.close()


def complaints(page: Page) -> list[str]:
    """What the browser finds wrong with ``page`` from now on, each with the address it is about: the list grows."""
    found: list[str] = []

    def note(said: ConsoleMessage) -> None:
        if said.type == "error" and not _asked_too_early(said):
            found.append(f"{said.text} {said.location['url']}")

    page.on("console", note)
    return found


def _asked_too_early(said: ConsoleMessage) -> bool:
    """Whether the list of kernels seems to have been asked for in the moment in which one starts.

    JupyterLab asks again and again, and Jupyter Server then has a kernel without its time of last activity: it answers
    500 (jupyter-server/enterprise_gateway#1395 is the same code). The console tells no reason, so any 500 there is
    taken for it; JupyterLab shows nothing of it, and lessons run even where every such list fails.
    """
    return "status of 500" in said.text and urlsplit(said.location["url"]).path.endswith("/api/kernels")

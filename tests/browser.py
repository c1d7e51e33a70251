"""A real browser for tests that open JupyterLab or a view."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, sync_playwright

#: The text of JupyterLab's status bar when a kernel has started and nothing runs; before, code cells would not run.
IDLE = "text=| Idle"
#: Without netlink it doesn't reload pages when containers change this computer's network interfaces.
CHROMIUM = Path(__file__).with_name("chromium-without-netlink")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def opened(width: int, height: int) -> Iterator[Page]:
    """Open a browser with an empty page of that size, and close it afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield browser.new_context(viewport={"width": width, "height": height}).new_page()
        browser.close()


def complaints(page: Page) -> list[str]:
    """Return a list to which each later error of the page's console is added, with its address."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not _asked_too_early(message):
            errors.append(f"{message.text} {message.location['url']}")

    page.on("console", note)
    return errors


def _asked_too_early(message: ConsoleMessage) -> bool:
    """Return whether the message is a failed request for the list of kernels.

    JupyterLab sends this request repeatedly. Jupyter Server answers 500 while a kernel starts and has no time of last
    activity yet (jupyter-server/enterprise_gateway#1395 is the same code). The console has no reason, so any 500 there
    counts as this one; JupyterLab shows nothing of it, and lessons run even if every such request fails.
    """
    return "status of 500" in message.text and urlsplit(message.location["url"]).path.endswith("/api/kernels")

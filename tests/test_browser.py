"""What a real browser complains of reaches the test, but for the one thing that Jupyter Server is known for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from tests.browser import complaints, opened

pytestmark = pytest.mark.browser

_AT = "http://lab.test"
_ASK = "async paths => { for (const path of paths) await fetch(path); }"


def answer(page: Page, statuses: dict[str, int]) -> None:
    """Let each path answer with its status."""

    def say(route: Route) -> None:
        route.fulfill(status=statuses[route.request.url.removeprefix(_AT)], body="")

    page.route(f"{_AT}/**", say)


def test_a_complaint_names_its_address() -> None:
    """Every error response is reported, except for a list of kernels that was requested too early."""
    statuses = {"/": 200, "/api/kernels?1": 500, "/api/kernels?2": 404, "/api/kernels/one": 500, "/api/contents": 500}
    with opened(200, 200) as page:
        answer(page, statuses)
        page.goto(f"{_AT}/")
        wrong = complaints(page)
        page.evaluate(_ASK, [*statuses])
    addresses = [line.rsplit(" ", 1)[-1] for line in wrong]
    assert addresses == [f"{_AT}/api/kernels?2", f"{_AT}/api/kernels/one", f"{_AT}/api/contents"]
    assert "status of 404" in wrong[0]

"""The whole way of a student and a teacher, on this computer's JupyterLab and its own Docker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from drydock.core.endpoint import Endpoint
from tests.course.browsing import address, page
from tests.course.journey import MARKS, teaching, walk

__all__ = ["address", "page"]

pytestmark = [*MARKS, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class LocalExecutor:
    """A folder of this computer."""

    address: str
    home: str

    @property
    def first(self) -> str:
        """What `drydock lab` opens."""
        return self.address

    def file(self, path: str) -> Path:
        """A file in it."""
        return Path(self.home, path)

    def bring(self, folder: str, pattern: str, into: Path) -> None:
        """Copy files from a folder in it."""
        for file in Path(self.home, folder).glob(pattern):
            shutil.copy(file, into)


@pytest.fixture(autouse=True)
def no_service(host: Endpoint) -> Iterator[None]:
    """The container that the assignment asks for is gone afterwards; it has no label of ours, as a student makes it."""
    yield
    with closing(host.client()) as client:
        for container in client.containers.list(all=True, filters={"name": "^/?service$"}):
            container.remove(force=True)


def test_from_the_first_page_to_the_mark(address: str, page: Page, tmp_path: Path) -> None:
    """From the course's page to ten points."""
    course = teaching(tmp_path / "teacher")
    shutil.copytree(course.release("service"), tmp_path / "work" / "service")
    assert walk(page, LocalExecutor(address, str(tmp_path)), course) == 10

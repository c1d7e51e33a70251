"""What fails well: a student comes by another way, or comes back after something broke, in a real browser and lab."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page

from drydock.core import platform
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.machine import Machine
from scripts.lesson_reader import COURSE
from tests.browser import IDLE
from tests.course.browsing import cells, choose, page, run_all, save, served
from tests.machines import BUSYBOX, sweep

__all__ = ["page"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_SERVE = "mkdir /w; echo a page > /w/index.html; exec httpd -f -p 80 -h /w"
#: A lesson in short; its containers carry the label that the tests tidy by.
CELLS = {
    "start": "import drydock\n\ndrydock.start()",
    "client": f"""import docker
from drydock import views
client = docker.from_env()
ours, label = {{drydock.LABEL: "machine-tests"}}, "{LABEL}=machine-tests"
ports = {{"80/tcp": ("127.0.0.1", None)}}""",
    "view": "views.lifecycle(client, label=label)",
    "box": f"""box = client.containers.run(
    "{BUSYBOX}", ["sh", "-c", "{_SERVE}"], name="short-box", ports=ports, labels=ours, detach=True
)""",
    "link": "drydock.link(box, 80)",
    "list": '[one.name for one in client.containers.list(all=True, filters={"label": label})]',
    "expect": '%%expect NotFound\nclient.containers.get("nobody")',
}
_WELCOME = "h1:has-text('learn Docker by doing it')"


class Notebook:
    """A notebook, open in a tab."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address)
        page.wait_for_selector(IDLE, timeout=60_000)

    def cell(self, name: str) -> Locator:
        """One of the short lesson's cells."""
        return self.page.locator(".jp-CodeCell").nth(list(CELLS).index(name))

    def run(self, name: str) -> str:
        """Run a cell to its end, and return what stands below it then."""
        cell = self.cell(name)
        before = cell.locator(".jp-InputPrompt").inner_text()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

        def ended() -> bool:
            return cell.locator(".jp-InputPrompt").inner_text() not in (before, "[*]:")

        wait_for(ended, f"the cell {name} to end", seconds=90, every=0.2, details=cell.inner_text)
        self.page.wait_for_selector(IDLE, timeout=60_000)
        return cell.locator(".jp-OutputArea").first.inner_text()


@dataclass(frozen=True)
class Lab:
    """A ``drydock lab`` that runs on a copy of the course: its first page's address, and its folder."""

    address: str
    folder: Path

    def place(self, name: str, *, alone: bool = True) -> str:
        """Where a notebook of the course opens: alone, or with what JupyterLab had open before behind it."""
        return self.address.replace("?", f"lab/tree/{COURSE.name}/{name}?{'reset&' if alone else ''}")

    def short(self, page: Page, name: str) -> Notebook:
        """The short lesson, made under a name of its own, open in a tab."""
        made = [nbformat.v4.new_code_cell(source, id=name) for name, source in CELLS.items()]
        about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        text = nbformat.writes(nbformat.v4.new_notebook(cells=made, metadata=about))
        (self.folder / COURSE.name / name).write_text(text)
        return Notebook(page, self.place(name))


@pytest.fixture(scope="module")
def on_a_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab whose only engine is a machine of its own; the machine ends with it, also if a cell booted it."""
    folder = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        with served(folder, {"DRYDOCK_ENGINE": "machine"}) as address:
            yield Lab(address, folder)
        machine = Machine(platform.DEFAULT_MACHINE)
        assert not machine.is_running()
        machine.remove()


@contextmanager
def tidied(endpoint: Endpoint) -> Iterator[None]:
    """What the short lesson makes in that daemon is gone afterwards."""
    try:
        yield
    finally:
        with closing(endpoint.client()) as client:
            sweep(client)


def test_without_a_program_that_a_machine_needs(tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterLab opens, the first cell names the package and what to do, in a few lines, and nothing is begun."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    own = {"DRYDOCK_ENGINE": "machine", "PATH": str(Path(sys.executable).parent)}
    with served(tmp_path, own) as address:
        page.goto(address)
        page.wait_for_selector(_WELCOME, timeout=60_000)
        output = Notebook(page, Lab(address, tmp_path).place("00_first_run.ipynb")).run("start")
    assert "There is no Docker here that Drydock could use." in output
    assert "apt-get install -y slirp4netns" in output
    assert "Traceback" not in output
    assert len(output.splitlines()) < 12
    assert "JupyterLab opens without Docker." in (tmp_path / "log").read_text()
    assert list((tmp_path / "data").glob("drydock/machines/*")) == []


_HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}


@pytest.mark.nightly
@pytest.mark.host
@pytest.mark.parametrize("variables", [pytest.param({}, id="jupyter"), pytest.param(_HUB, id="hub")])
def test_below_a_path(variables: Mapping[str, str], host: Endpoint, tmp_path: Path, page: Page) -> None:
    """Behind a proxy the first page opens, and a container's page is found below the same path."""
    own = {"DRYDOCK_ENGINE": "host", **variables}
    with tidied(host), served(tmp_path, own, "--ServerApp.base_url=/user/ada/", base="/user/ada/") as address:
        page.goto(address)
        page.wait_for_selector(_WELCOME, timeout=60_000)
        assert f"/user/ada/lab/tree/{COURSE.name}" in page.url
        notebook = Lab(address, tmp_path).short(page, "short.ipynb")
        for name in ("start", "client", "box", "link"):
            notebook.run(name)
        with page.context.expect_page() as opened:
            notebook.cell("link").locator("a:has-text('/user/ada/proxy/')").click()
        wait_for(lambda: "a page" in refreshed(opened.value), "the container's page", seconds=60, every=0.3)


def refreshed(page: Page) -> str:
    """What a page says, asked for again: a container's server may need a moment to begin."""
    page.reload()
    return page.inner_text("body")


@pytest.mark.nightly
@pytest.mark.live
def test_two_tabs(on_a_machine: Lab, page: Page) -> None:
    """A second tab of the same lesson has the same kernel and machine, and the pictures in both follow."""
    first = on_a_machine.short(page, "tabs.ipynb")
    for name in ("start", "client", "view"):
        first.run(name)
    save(page)
    second = Notebook(page.context.new_page(), on_a_machine.place("tabs.ipynb", alone=False))
    with tidied(Machine(platform.DEFAULT_MACHINE).endpoint):
        second.run("box")
        for tab in (first, second):
            tab.cell("view").locator("svg.dd:has-text('short-box')").first.wait_for(timeout=20_000)
            assert tab.run("list").endswith("['short-box']")
    assert "machine 'default'" in second.run("start")
    assert [machine.name for machine in Machine.all()] == [platform.DEFAULT_MACHINE]


@pytest.mark.live
@pytest.mark.parametrize("end", ["kill", pytest.param("stop", marks=pytest.mark.nightly)])
def test_the_machine_has_gone_meanwhile(on_a_machine: Lab, page: Page, end: str) -> None:
    """A cell says that it's gone and what to do; the first cell brings it back, with the containers on its disk."""
    notebook = on_a_machine.short(page, f"{end}.ipynb")
    for name in ("start", "client", "box"):
        notebook.run(name)
    take_away(Machine(platform.DEFAULT_MACHINE), end)
    for name in ("list", "client", "expect"):
        output = notebook.run(name)
        assert "The Docker daemon of this notebook no longer answers." in output
        assert "the machine 'default' is not running: " in output
        assert "Run the notebook's first cell again" in output
        assert len(output.splitlines()) < 6
    output = notebook.run("start")
    assert "Booting the machine default" in output
    with tidied(Machine(platform.DEFAULT_MACHINE).endpoint):
        assert notebook.run("list").endswith("['short-box']")
        assert "NotFound" in notebook.run("expect")


def take_away(machine: Machine, end: str) -> None:
    """Stop the machine, or kill what owns it."""
    if end == "stop":
        machine.stop()
    else:
        os.kill(machine.supervisor_pid(), signal.SIGKILL)
    wait_for(lambda: not machine.is_running(), "the machine to be gone", seconds=60)


@pytest.mark.live
@pytest.mark.nightly
def test_a_kernel_that_is_restarted_midway(on_a_machine: Lab, page: Page) -> None:
    """Restart a lesson's kernel in its midst and run all: the same machine, and the lesson's own tidying lets it."""
    lesson = on_a_machine.folder / COURSE.name / "01_containers.ipynb"
    Notebook(page, on_a_machine.place(lesson.name))
    choose(page, "Run", "Run All Cells")
    wait_for(lambda: left(lesson) != [], "a container of its midst", seconds=120, every=0.2)
    pid = Machine(platform.DEFAULT_MACHINE).supervisor_pid()
    choose(page, "Kernel", "Restart Kernel…")
    page.click(".jp-Dialog button:has-text('Restart')")
    page.wait_for_selector(IDLE, timeout=60_000)
    save(page)
    ran = [cell["execution_count"] is not None for cell in cells(lesson)]
    assert ran[0]
    assert not ran[-1]
    assert left(lesson) != []
    outputs = run_all(page, lesson, seconds=240)
    assert [output for output in outputs if output["output_type"] == "error"] == []
    assert left(lesson) == []
    assert Machine(platform.DEFAULT_MACHINE).supervisor_pid() == pid


def left(lesson: Path) -> list[str]:
    """The containers of a lesson in the machine."""
    with closing(Machine(platform.DEFAULT_MACHINE).client()) as client:
        filters = {"label": f"{LABEL}={lesson.stem}"}
        return [str(container["Id"]) for container in client.api.containers(all=True, filters=filters)]

"""The pictures as a student sees them: in JupyterLab, in a real browser, with the daemon changing under them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import docker
import nbformat
import pytest
from docker.models.containers import Container
from playwright.sync_api import Locator, Page

from drydock import lab
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.machine.network.portfwd import free_port
from tests.browser import IDLE, complaints, opened
from tests.machines import BUSYBOX
from tests.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.host]

#: The notebook's cells; the label is the test's own.
CELLS = {
    "prepare": """
import docker, threading
from drydock import views
from drydock.core.waiting import wait_for
client, label = docker.from_env(), "LABEL"
box, = client.containers.list(filters={"label": label})
""",
    "life": "views.lifecycle(client, label=label)",
    "networks": "views.networks(client, label=label)",
    "volumes": "views.volumes(client, label=label)",
    "layers": "views.layers(client, box)",
    "shared": f"views.layers(client, box, {BUSYBOX!r})",
    "limits": "views.limits(box)",
    "steps": 'views.steps("context", "views/steps:1", label=label)',
    "threads": """
def following():
    return sum(one.name == "drydock-view" for one in threading.enumerate())

wait_for(lambda: following() == 6, "six views", seconds=20)
"six views follow"
""",
}


@pytest.fixture
def label(ours: dict[str, str]) -> str:
    """The test's own label, as views and filters take it."""
    return f"{LABEL}={ours[LABEL]}"


@pytest.fixture
def notebook(tmp_path: Path, label: str) -> Path:
    """A notebook with each of the views, and a folder to build."""
    sources = {name: source.strip().replace("LABEL", label) for name, source in CELLS.items()}
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in sources.items()]
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=about), tmp_path / "views.ipynb")
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo {tmp_path.name}\nCMD true\n")
    return tmp_path / "views.ipynb"


@pytest.fixture
def address(notebook: Path, host: Endpoint) -> Iterator[str]:
    """JupyterLab on that notebook, with this computer's own Docker behind it."""
    port, token = free_port(), secrets.token_hex(8)
    words = [*lab.command(notebook.parent, False, port, [f"--IdentityProvider.token={token}"])]
    env = {**lab.jupyter_environment(host.environment()), "JUPYTER_CONFIG_DIR": str(notebook.parent / "jupyter")}
    ours = f"http://127.0.0.1:{port}/"
    with served(words, ours, notebook.parent / "log", env=env):
        yield f"{ours}lab/tree/views.ipynb?token={token}"


@pytest.fixture
def page() -> Iterator[Page]:
    """An empty page of a real browser, tall enough for the whole notebook."""
    with opened(1250, 3200) as empty:
        yield empty


@pytest.fixture
def box(own: docker.DockerClient, ours: dict[str, str]) -> Container:
    """A container with a limit, in a network of its own."""
    own.networks.create(ours[LABEL], labels=ours)
    return own.containers.run(BUSYBOX, "sleep 600", network=ours[LABEL], mem_limit="64m", labels=ours, detach=True)


def picture(page: Page, name: str) -> Locator:
    """The picture below a cell."""
    return page.locator(".jp-CodeCell").nth(list(CELLS).index(name)).locator(".jp-OutputArea svg.dd").first


def said(page: Page) -> str:
    """What stands below the last cell."""
    return " ".join(page.locator(".jp-CodeCell").nth(len(CELLS) - 1).locator(".jp-OutputArea").all_text_contents())


def shows(page: Page, name: str, *words: str) -> None:
    """Wait until the picture below a cell has all the words."""
    shown = picture(page, name)
    wait_for(
        lambda: all(word in (shown.text_content() or "") for word in words),
        f"{words} in {name}",
        seconds=30,
        every=0.2,
        seen=lambda: shown.text_content() or "nothing",
    )


def run_all(page: Page, cells: int) -> None:
    """Run all cells once more, until the last of them has the number ``cells``."""
    page.click("text=Run >> nth=0")
    page.click("text=Run All Cells")
    page.wait_for_selector(f"text=[{cells}]:", timeout=60_000)


def test_every_view_follows_the_daemon(
    address: str, page: Page, own: docker.DockerClient, ours: dict[str, str], box: Container
) -> None:
    """Each picture is there, changes when the daemon does, and the browser has nothing to complain about."""
    wrong = complaints(page)
    page.goto(address)
    page.wait_for_selector(IDLE, timeout=60_000)
    run_all(page, len(CELLS))
    shows(page, "lifecycle", "IMAGE", str(box.name), "CONTAINER, with a process")
    shows(page, "networks", ours[LABEL], str(box.name))
    shows(page, "volumes", "no volumes")
    shows(page, "layers", "nothing is written yet")
    shows(page, "shared", "shared, kept only once")
    shows(page, "limits", f"{box.name}: runs", "limit 64 MB")
    shows(page, "steps", "views/steps:1: 1 step in", "RUN echo")
    shows_the_daemon_changing(page, own, ours, box)
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_text_contents() == []
    assert wrong == []


def shows_the_daemon_changing(page: Page, own: docker.DockerClient, ours: dict[str, str], box: Container) -> None:
    """Each picture changes when what it shows changes."""
    volume = own.volumes.create(labels=ours)
    shows(page, "volumes", "used by nobody")
    web = own.containers.run(
        BUSYBOX,
        "sleep 600",
        network=ours[LABEL],
        ports={"80/tcp": ("127.0.0.1", 0)},
        volumes={str(volume.name): {"bind": "/data"}},
        labels=ours,
        detach=True,
    )
    shows(page, "lifecycle", str(web.name))
    shows(page, "volumes", "/data", str(web.name))
    shows(page, "networks", "127.0.0.1:", "→ 80/tcp")
    box.exec_run("touch /hello")
    shows(page, "layers", "added /hello")
    box.update(mem_limit="32m", memswap_limit="32m")
    shows(page, "limits", "limit 32 MB")
    web.kill()
    shows(page, "lifecycle", "exit code 137")
    box.kill()
    shows(page, "limits", "stopped with exit code 137")


@pytest.mark.usefixtures("box")
def test_cells_that_run_again_follow_once(address: str, page: Page) -> None:
    """However often all cells run, there is one thread a picture: the last cell says so, or fails."""
    page.goto(address)
    page.wait_for_selector(IDLE, timeout=60_000)
    for times in (1, 2, 3):
        run_all(page, times * len(CELLS))
    wait_for(lambda: "six views follow" in said(page), "the last cell's word", seconds=30, seen=lambda: said(page))
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0

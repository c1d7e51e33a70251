"""The pictures as a student sees them: in JupyterLab, in a real browser, with the daemon changing under them."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import nbformat
import pytest
import requests
from docker.models.containers import Container
from playwright.sync_api import Locator, Page, sync_playwright

from drydock import lab
from drydock.endpoint import Endpoint
from drydock.waiting import wait_for
from tests.drydock.views.parts import OURS
from tests.machines import BUSYBOX, MINE

pytestmark = [pytest.mark.browser, pytest.mark.host]

#: What the bar at the bottom says when a kernel is there and nothing runs.
IDLE = "text=| Idle"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: A host port that no lesson uses.
PORT = 8098

CELLS = {
    "prepare": f"""
import docker, threading
from drydock import views
client, label = docker.from_env(), {OURS!r}
""",
    "life": "views.life(client, label=label)",
    "networks": "views.networks(client, label=label)",
    "volumes": "views.volumes(client, label=label)",
    "layers": 'views.layers(client, "views-box")',
    "shared": f'views.layers(client, "views-box", {BUSYBOX!r})',
    "limits": 'views.limits(client.containers.get("views-box"))',
    "steps": 'views.steps("context", "views/steps:1", labels={"io.drydock.owner": "machine-tests"})',
    "threads": 'print(sum(one.name == "drydock-view" for one in threading.enumerate()), "views follow")',
}


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook with each of the views, and a folder to build."""
    cells = [nbformat.v4.new_code_cell(source.strip(), id=name) for name, source in CELLS.items()]
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=about), tmp_path / "views.ipynb")
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo {tmp_path.name}\nCMD true\n")
    return tmp_path / "views.ipynb"


@pytest.fixture
def address(notebook: Path, host: Endpoint) -> Iterator[str]:
    """JupyterLab on that notebook, with this computer's own Docker behind it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(8)
    words = [*lab.command(notebook.parent, False, port, [f"--IdentityProvider.token={token}"])]
    env = {**lab.environment(host.environment()), "JUPYTER_CONFIG_DIR": str(notebook.parent / "jupyter")}
    log = notebook.parent / "log"
    with log.open("wb") as said, subprocess.Popen(words, env=env, stdout=said, stderr=said) as process:
        try:
            ours = f"http://127.0.0.1:{port}"
            wait_for(lambda: answers(f"{ours}/api"), "JupyterLab", seconds=60, every=0.3, seen=log.read_text)
            yield f"{ours}/lab/tree/views.ipynb?token={token}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def answers(address: str) -> bool:
    """Whether a server answers there."""
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture
def page() -> Iterator[Page]:
    """An empty page of a real browser, tall enough for the whole notebook."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield browser.new_page(viewport={"width": 1250, "height": 3200})
        browser.close()


@pytest.fixture
def box(own: docker.DockerClient) -> Iterator[Container]:
    """A container with a limit, in a network of its own; what is built on this computer goes at the end."""
    own.networks.create("views-net", labels=MINE)
    yield own.containers.run(
        BUSYBOX, "sleep 600", name="views-box", network="views-net", mem_limit="64m", labels=MINE, detach=True
    )
    for image in own.images.list(filters={"label": OURS}):
        own.images.remove(str(image.id), force=True)


def picture(page: Page, name: str) -> Locator:
    """The picture below a cell."""
    return page.locator(".jp-CodeCell").nth(list(CELLS).index(name)).locator(".jp-OutputArea svg.dd").first


def shows(page: Page, name: str, *words: str) -> None:
    """Wait until the picture below a cell has all the words."""
    said = picture(page, name)
    wait_for(
        lambda: all(word in (said.text_content() or "") for word in words),
        f"{words} in {name}",
        seconds=30,
        every=0.2,
        seen=lambda: said.text_content() or "nothing",
    )


def run(page: Page, item: str) -> None:
    """Choose from the menu named Run, and wait until all has run."""
    page.click("text=Run >> nth=0")
    page.click(f"text={item}")
    page.wait_for_selector(IDLE, timeout=60_000)


def test_every_view_follows_the_daemon(address: str, page: Page, own: docker.DockerClient, box: Container) -> None:
    """Each picture is there, changes when the daemon does, and the browser has nothing to complain about."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(address)
    page.wait_for_selector(IDLE, timeout=60_000)
    run(page, "Run All Cells")
    shows(page, "life", "IMAGE", "views-box", "CONTAINER, with a process")
    shows(page, "networks", "views-net", "views-box")
    shows(page, "volumes", "no volumes")
    shows(page, "layers", "nothing is written yet")
    shows(page, "shared", "shared, kept only once")
    shows(page, "limits", "views-box: runs", "limit 64 MB")
    shows(page, "steps", "views/steps:1: 1 step in", "RUN echo")
    shows_the_daemon_changing(page, own, box)
    assert [
        output.text_content() for output in page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all()
    ] == []
    assert complaints == []


def shows_the_daemon_changing(page: Page, own: docker.DockerClient, box: Container) -> None:
    """Each picture changes when what it shows changes."""
    own.volumes.create("views-data", labels=MINE)
    shows(page, "volumes", "views-data", "used by nobody")
    web = own.containers.run(
        BUSYBOX,
        "sleep 600",
        name="views-web",
        network="views-net",
        ports={"80/tcp": ("127.0.0.1", PORT)},
        volumes={"views-data": {"bind": "/data"}},
        labels=MINE,
        detach=True,
    )
    shows(page, "life", "views-web")
    shows(page, "networks", f"127.0.0.1:{PORT} → 80/tcp")
    shows(page, "volumes", "/data", "views-web")
    box.exec_run("touch /hello")
    shows(page, "layers", "added /hello")
    box.update(mem_limit="32m", memswap_limit="32m")
    shows(page, "limits", "limit 32 MB")
    web.kill()
    shows(page, "life", "exit code 137")
    box.kill()
    shows(page, "limits", "stopped with exit code 137")

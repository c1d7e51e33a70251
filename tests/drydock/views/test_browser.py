"""The views in JupyterLab, in a real browser, while the daemon's objects change."""

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
from drydock.machine.network.slirp import free_port
from tests.browser import IDLE, complaints, opened
from tests.machines import BUSYBOX
from tests.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.host, pytest.mark.timeout(900)]

#: The notebook's cells; LABEL becomes the test's own label.
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
def view_threads():
    return sum(thread.name == "drydock-view" for thread in threading.enumerate())

wait_for(lambda: view_threads() == 6, "six views", seconds=60)
"six threads for six views"
""",
}


@pytest.fixture
def label(labels: dict[str, str]) -> str:
    """The test's own label in the form of views and filters."""
    return f"{LABEL}={labels[LABEL]}"


@pytest.fixture
def notebook(tmp_path: Path, label: str) -> Path:
    """A notebook with each of the views, and a folder with a Dockerfile."""
    sources = {name: source.strip().replace("LABEL", label) for name, source in CELLS.items()}
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in sources.items()]
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), tmp_path / "views.ipynb")
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo {tmp_path.name}\nCMD true\n")
    return tmp_path / "views.ipynb"


@pytest.fixture
def address(notebook: Path, host: Endpoint) -> Iterator[str]:
    """The notebook's address in JupyterLab, whose kernels use this computer's Docker daemon."""
    port, token = free_port(), secrets.token_hex(8)
    command = [*lab.command(notebook.parent, False, port, [f"--IdentityProvider.token={token}"])]
    env = {**lab.jupyter_environment(host.environment()), "JUPYTER_CONFIG_DIR": str(notebook.parent / "jupyter")}
    server = f"http://127.0.0.1:{port}/"
    with served(command, server, notebook.parent / "log", env=env):
        yield f"{server}lab/tree/views.ipynb?token={token}"


@pytest.fixture
def page() -> Iterator[Page]:
    """An empty browser page, tall enough for the whole notebook."""
    with opened(1250, 3200) as page:
        yield page


@pytest.fixture
def box(host_client: docker.DockerClient, labels: dict[str, str]) -> Container:
    """A container with a memory limit and a network of its own."""
    host_client.networks.create(labels[LABEL], labels=labels)
    return host_client.containers.run(
        BUSYBOX, "sleep 600", network=labels[LABEL], mem_limit="64m", labels=labels, detach=True
    )


def picture(page: Page, name: str) -> Locator:
    """Return the picture below a cell."""
    return page.locator(".jp-CodeCell").nth(list(CELLS).index(name)).locator(".jp-OutputArea svg.dd").first


def last_output(page: Page) -> str:
    """Return the output of the last cell."""
    cell = page.locator(".jp-CodeCell").nth(len(CELLS) - 1)
    return " ".join(cell.locator(".jp-OutputArea").all_text_contents())


def wait_for_texts(page: Page, name: str, *texts: str) -> None:
    """Wait until the picture below a cell has all the texts."""
    svg = picture(page, name)
    wait_for(
        lambda: all(text in (svg.text_content() or "") for text in texts),
        f"{texts} in {name}",
        seconds=30,
        every=0.2,
        details=lambda: svg.text_content() or "nothing",
    )


def run_all(page: Page, number: int) -> None:
    """Run all cells, and wait until the last one has this execution number; a busy computer takes minutes."""
    page.click("text=Run >> nth=0")
    page.click("text=Run All Cells")
    page.wait_for_selector(f"text=[{number}]:", timeout=240_000)


def test_every_view_follows_the_daemon(
    address: str, page: Page, host_client: docker.DockerClient, labels: dict[str, str], box: Container
) -> None:
    """Each picture appears and changes with the daemon's objects, and the browser reports no error."""
    errors = complaints(page)
    page.goto(address)
    page.wait_for_selector(IDLE, timeout=60_000)
    run_all(page, len(CELLS))
    wait_for_texts(page, "life", "IMAGE", str(box.name), "RUNNING CONTAINER")
    wait_for_texts(page, "networks", labels[LABEL], str(box.name))
    wait_for_texts(page, "volumes", "no volumes")
    wait_for_texts(page, "layers", "nothing written yet")
    wait_for_texts(page, "shared", "shared, stored once")
    wait_for_texts(page, "limits", f"{box.name}: running", "limit 64 MB")
    wait_for_texts(page, "steps", "views/steps:1: 1 step in", "RUN echo")
    check_changes(page, host_client, labels, box)
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_text_contents() == []
    assert errors == []


def check_changes(page: Page, host_client: docker.DockerClient, labels: dict[str, str], box: Container) -> None:
    """Change the daemon's objects, and wait for the changes in each picture."""
    volume = host_client.volumes.create(labels=labels)
    wait_for_texts(page, "volumes", "unused")
    web = host_client.containers.run(
        BUSYBOX,
        "sleep 600",
        network=labels[LABEL],
        ports={"80/tcp": ("127.0.0.1", 0)},
        volumes={str(volume.name): {"bind": "/data"}},
        labels=labels,
        detach=True,
    )
    wait_for_texts(page, "life", str(web.name))
    wait_for_texts(page, "volumes", "/data", str(web.name))
    wait_for_texts(page, "networks", "127.0.0.1:", "→80/tcp")
    box.exec_run("touch /hello")
    wait_for_texts(page, "layers", "added /hello")
    box.update(mem_limit="32m", memswap_limit="32m")
    wait_for_texts(page, "limits", "limit 32 MB")
    web.kill()
    wait_for_texts(page, "life", "exit code 137")
    box.kill()
    wait_for_texts(page, "limits", "stopped with exit code 137")


def test_saved_notebook_shows_its_pictures_without_a_kernel(
    address: str, page: Page, notebook: Path, host_client: docker.DockerClient, box: Container
) -> None:
    """Reopened without a kernel, the notebook has its last pictures: with their time, and without lost widgets."""
    page.goto(address)
    page.wait_for_selector(IDLE, timeout=60_000)
    run_all(page, len(CELLS))
    box.remove(force=True)
    host_client.images.remove("views/steps:1", force=True)
    wait_for_texts(page, "life", "all of this has been removed")
    page.keyboard.press("Control+s")
    wait_for(lambda: "all of this has been removed" in notebook.read_text(), "the saved picture", seconds=30)
    page.click("text=Kernel >> nth=0")
    page.click(".lm-Menu-itemLabel:text-is('Shut Down Kernel')")
    page.wait_for_selector("text=No Kernel")
    page.reload()
    page.wait_for_selector(".jp-CodeCell", timeout=60_000)
    wait_for_texts(page, "life", "all of this has been removed")
    wait_for_texts(page, "limits", str(box.name))
    assert page.locator("text=Error displaying widget >> visible=true").count() == 0


@pytest.mark.nightly
@pytest.mark.usefixtures("box")
def test_cells_that_run_again_keep_one_thread(address: str, page: Page) -> None:
    """However often all cells run, there is one thread for each picture; the last cell checks that."""
    page.goto(address)
    page.wait_for_selector(IDLE, timeout=60_000)
    for times in (1, 2, 3):
        run_all(page, times * len(CELLS))
    wait_for(
        lambda: "six threads for six views" in last_output(page),
        "the last cell's output",
        seconds=30,
        details=lambda: last_output(page),
    )
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0

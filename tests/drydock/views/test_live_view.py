"""A picture that updates itself from when it is displayed until its cell runs again."""

from __future__ import annotations

import builtins
import re
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from drydock import views
from drydock.core.waiting import wait_for
from drydock.machine import Machine
from drydock.views import live_view
from drydock.views.live_view import LiveView
from drydock.views.svg import SvgBuilder
from tests.drydock.views.parts import displayed, texts, view_threads


class ManualTrigger:
    """A trigger whose updates the test causes."""

    def __init__(self) -> None:
        self._updates, self._closed = threading.Semaphore(0), False

    def fire(self) -> None:
        """Cause an update."""
        self._updates.release()

    def wait(self) -> bool:
        """Wait for the next update."""
        self._updates.acquire()
        return not self._closed

    def close(self) -> None:
        """End the current :meth:`wait`."""
        self._closed = True
        self._updates.release()


class Drawing:
    """Draws the text that the test sets, or raises the error that it sets."""

    text = "one"
    error: Exception | None = None

    def __call__(self) -> str:
        """Return the picture."""
        if self.error:
            raise self.error
        canvas = SvgBuilder(400)
        canvas.text(0, 10, self.text)
        return canvas.render(20, self.text, empty=self.text == "nothing")


@pytest.fixture
def no_threads_left() -> Iterator[None]:
    """No thread of a view outlives the test."""
    yield
    wait_for(lambda: view_threads() == [], "the threads to end", seconds=60, details=lambda: str(view_threads()))


@pytest.mark.usefixtures("no_threads_left")
def test_update_redraws() -> None:
    """A view is drawn when it is created, when it is displayed, and at each update."""
    drawing, trigger = Drawing(), ManualTrigger()
    view = LiveView(drawing, lambda: trigger)
    assert texts(view.svg)[:-1] == ["one"]
    assert view_threads() == []
    with displayed(view):
        drawing.text = "two"
        trigger.fire()
        wait_for(lambda: texts(view.svg)[:-1] == ["two"], "the next picture", seconds=60)


@pytest.mark.usefixtures("no_threads_left")
def test_view_displayed_twice_has_one_thread() -> None:
    """Displaying a view again ends the thread of the first time."""
    triggers: list[ManualTrigger] = []

    def open_trigger() -> ManualTrigger:
        triggers.append(ManualTrigger())
        return triggers[-1]

    view = LiveView(Drawing(), open_trigger)
    with displayed(view):
        view._ipython_display_()
        assert len(triggers) == 2
        wait_for(lambda: view_threads() == ["drydock-view"], "the first thread to end", seconds=60)


@pytest.mark.usefixtures("no_threads_left")
def test_closing_ends_the_thread() -> None:
    """A closed view has no thread, and closing it twice is no error."""
    view = LiveView(Drawing(), ManualTrigger)
    view._ipython_display_()
    assert view_threads() == ["drydock-view"]
    view.close()
    view.close()


def wait_for_message(view: LiveView, message: str) -> None:
    """Wait until a message appears above the picture."""
    wait_for(lambda: message in texts(view.svg)[0], message, seconds=60)


@pytest.mark.usefixtures("no_threads_left")
def test_error_is_a_message_in_the_picture(capfd: pytest.CaptureFixture[str]) -> None:
    """An error appears above the last picture, is never printed, and disappears with the next successful drawing."""
    drawing, trigger = Drawing(), ManualTrigger()
    view = LiveView(drawing, lambda: trigger)
    with displayed(view):
        for error, message in [(OSError("gone"), "daemon does not answer"), (KeyError("odd"), "KeyError('odd')")]:
            drawing.error = error
            trigger.fire()
            wait_for_message(view, message)
            assert texts(view.svg)[1:-1] == ["one"]
        drawing.error = None
        trigger.fire()
        wait_for(lambda: texts(view.svg)[:-1] == ["one"], "the picture", seconds=60)
    assert capfd.readouterr() == ("", "")


def test_error_at_the_first_drawing() -> None:
    """A view of a daemon that does not answer is a picture with a message, and no traceback."""
    drawing = Drawing()
    drawing.error = OSError("nobody there")
    view = LiveView(drawing, ManualTrigger)
    assert "daemon does not answer" in texts(view.svg)[0]
    view.close()


def test_time_is_that_of_the_last_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line below the picture is the time at which it last changed, not that of the last look."""
    view = LiveView(Drawing(), ManualTrigger)
    before = view.svg
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", texts(before)[-1])
    monkeypatch.setattr(live_view, "time", SimpleNamespace(monotonic=time.monotonic, strftime=lambda _: "later"))
    view.refresh()
    assert view.svg == before


def test_emptied_picture_keeps_what_it_showed() -> None:
    """When everything is removed, the last picture stays below a message, until there is something new to show."""
    drawing = Drawing()
    drawing.text = "nothing"
    view = LiveView(drawing, ManualTrigger)
    assert texts(view.svg)[0] == "nothing"
    for text in ("one", "two"):
        drawing.text = text
        view.refresh()
        assert texts(view.svg)[0] == text
        drawing.text = "nothing"
        view.refresh()
        view.refresh()
        message, picture, _ = texts(view.svg)
        assert "all of this has been removed" in message
        assert picture == text


def test_steps_of_a_removal_are_not_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three containers are removed one after the other: the picture of all three stays, since it was looked at."""
    clock = [0.0]
    monkeypatch.setattr(live_view, "time", SimpleNamespace(monotonic=lambda: clock[0], strftime=time.strftime))
    drawing = Drawing()
    view = LiveView(drawing, ManualTrigger)
    for text, seconds in (("three", 10.0), ("two", 0.2), ("one", 0.2), ("nothing", 0.2)):
        drawing.text = text
        view.refresh()
        clock[0] += seconds
    assert texts(view.svg)[1] == "three"
    drawing.text = "new"
    view.refresh()
    drawing.text = "nothing"
    view.refresh()
    assert texts(view.svg)[1] == "new"


PREPARE = """
import threading
from drydock.views.svg import SvgBuilder
from drydock.views.live_view import LiveView
from drydock.views.events import Interval
def names():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("drydock-")]
def view():
    return LiveView(lambda: SvgBuilder(10).render(10, "nothing"), lambda: Interval(0.01))
state = {"text": "made"}
def draw():
    canvas = SvgBuilder(400)
    canvas.text(0, 10, state["text"])
    return canvas.render(20, state["text"], empty=not state["text"])
"""


@pytest.fixture
def cells() -> dict[str, Any]:
    """The cells of a notebook by name; each that runs gets its outputs."""
    sources = {"prepare": PREPARE, "first": "view()", "second": "view() ", "count": "print(len(names()))"}
    sources["picture"] = "shown = LiveView(draw, lambda: Interval(0.01)); shown"
    sources["clean"] = "shown.stop(); state['text'] = ''; shown.refresh()"
    return {name: nbformat.v4.new_code_cell(source) for name, source in sources.items()}


@pytest.fixture
def notebook(cells: dict[str, Any]) -> Iterator[Any]:
    """A function that runs a cell in a kernel, any number of times, and returns what it printed."""
    client = NotebookClient(nbformat.v4.new_notebook(cells=list(cells.values())), timeout=60)

    def run(name: str) -> str:
        client.execute_cell(cells[name], list(cells).index(name))
        outputs = cells[name].outputs
        assert [output for output in outputs if output.get("name") == "stderr"] == []
        return "".join(output.get("text", "") for output in outputs)

    with client.setup_kernel():
        run("prepare")
        yield run


def wait_for_threads(notebook: Any, number: int) -> None:
    """Wait until the kernel has this number of view threads."""
    wait_for(lambda: notebook("count") == f"{number}\n", f"{number} threads", seconds=60, every=0.2)


@pytest.mark.slow
def test_cell_that_runs_again_ends_its_thread(notebook: Any) -> None:
    """Each cell has one thread, however often it runs; the threads of other cells stay."""
    notebook("first")
    notebook("second")
    wait_for_threads(notebook, 2)
    for _ in range(3):
        notebook("first")
    wait_for_threads(notebook, 2)


def test_saved_notebook_has_the_last_picture(notebook: Any, cells: dict[str, Any]) -> None:
    """Beside the live widget there is a picture as HTML, which changes with later cells, and outlives the clean-up."""
    notebook("picture")
    notebook("clean")
    _, widget, saved = cells["picture"].outputs
    assert "application/vnd.jupyter.widget-view+json" in widget.data
    assert set(saved.data) == {"text/html", "text/plain"}
    message, picture, _ = texts(saved.data["text/html"])
    assert "removed" in message
    assert picture == "made"


def test_thread_publishes_while_no_cell_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """IPython has its shell in the builtins only while a cell runs; the view keeps it from when it was displayed."""
    published: list[bool] = []
    display_pub = SimpleNamespace(publish=lambda **message: published.append(message["update"]))
    shell = SimpleNamespace(display_pub=display_pub, kernel=object())
    drawing = Drawing()
    view = LiveView(drawing, ManualTrigger)
    monkeypatch.setenv("VSCODE_PID", "1")  # where there is no widget
    with monkeypatch.context() as cell_runs:
        cell_runs.setattr(builtins, "get_ipython", lambda: shell, raising=False)
        view._ipython_display_()
    view.stop()
    drawing.text = "two"
    view.refresh()
    assert published == [False, True]


@pytest.mark.live
@pytest.mark.usefixtures("no_threads_left")
def test_stopped_daemon_is_reported() -> None:
    """When the daemon stops, the picture has a message and keeps what it showed."""
    with Machine() as machine:
        client = machine.client()
        view = views.lifecycle(client)
        with displayed(view):
            assert "IMAGE" in texts(view.svg)
            machine.stop()
            wait_for_message(view, "does not answer")
            assert "drydock/busybox:1.37" in texts(view.svg)
        client.close()

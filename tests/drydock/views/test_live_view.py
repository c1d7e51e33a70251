"""A picture that keeps itself up to date: from when it's shown, and no longer than it's seen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from drydock import views
from drydock.core.waiting import wait_for
from drydock.machine import Machine
from drydock.views.live_view import Live
from drydock.views.svg import SvgBuilder
from tests.drydock.views.parts import shown, texts, threads


class Hand:
    """News that the test makes."""

    def __init__(self) -> None:
        self._news, self._closed = threading.Semaphore(0), False

    def tell(self) -> None:
        """There is something new."""
        self._news.release()

    def wait(self) -> bool:
        """Wait for it."""
        self._news.acquire()
        return not self._closed

    def close(self) -> None:
        """The last news."""
        self._closed = True
        self._news.release()


class Sheet:
    """Draws a word that the test chooses, or fails as it chooses."""

    word = "one"
    error: Exception | None = None

    def __call__(self) -> str:
        """The picture."""
        if self.error:
            raise self.error
        canvas = SvgBuilder(400)
        canvas.text(0, 10, self.word)
        return canvas.svg(20, self.word)


@pytest.fixture
def quiet() -> Iterator[None]:
    """No thread of a view outlives a test."""
    yield
    wait_for(lambda: threads() == [], "the views' threads to end", seconds=10, seen=lambda: str(threads()))


@pytest.mark.usefixtures("quiet")
def test_it_draws_at_each_news() -> None:
    """It's drawn when it's made, when it's shown, and then whenever there is something new."""
    sheet, hand = Sheet(), Hand()
    view = Live(sheet, lambda: hand)
    assert texts(view.svg) == ["one"]
    assert threads() == []
    with shown(view):
        sheet.word = "two"
        hand.tell()
        wait_for(lambda: texts(view.svg) == ["two"], "the next picture", seconds=10)


@pytest.mark.usefixtures("quiet")
def test_shown_again_it_follows_once() -> None:
    """Showing the same view a second time ends the first following."""
    hands: list[Hand] = []

    def news() -> Hand:
        hands.append(Hand())
        return hands[-1]

    view = Live(Sheet(), news)
    with shown(view):
        view._repr_mimebundle_()
        assert len(hands) == 2
        wait_for(lambda: threads() == ["drydock-view"], "the first thread to end", seconds=10)


@pytest.mark.usefixtures("quiet")
def test_closing_it_ends_its_thread() -> None:
    """A view that was closed follows nothing any more, and closing it twice is no error."""
    view = Live(Sheet(), Hand)
    view._repr_mimebundle_()
    assert threads() == ["drydock-view"]
    view.close()
    view.close()


def noticed(view: Live, line: str) -> None:
    """Wait until a line stands over the picture."""
    wait_for(lambda: line in texts(view.svg)[0], line, seconds=60)


@pytest.mark.usefixtures("quiet")
def test_an_error_is_a_line_in_the_picture(capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever goes wrong is told over the last picture and never printed, and the next good drawing takes it away."""
    sheet, hand = Sheet(), Hand()
    view = Live(sheet, lambda: hand)
    with shown(view):
        for error, said in [(OSError("gone"), "the daemon does not answer"), (KeyError("odd"), "KeyError('odd')")]:
            sheet.error = error
            hand.tell()
            noticed(view, said)
            assert texts(view.svg)[1:] == ["one"]
        sheet.error = None
        hand.tell()
        wait_for(lambda: texts(view.svg) == ["one"], "the picture", seconds=10)
    assert capfd.readouterr() == ("", "")


def test_an_error_at_the_very_first() -> None:
    """A view of a daemon that isn't there is a picture with a line, and no traceback."""
    sheet = Sheet()
    sheet.error = OSError("nobody there")
    view = Live(sheet, Hand)
    assert "the daemon does not answer" in texts(view.svg)[0]
    view.close()


PREPARE = """
import threading
from drydock.views.svg import SvgBuilder
from drydock.views.live_view import Live
from drydock.views.events import Clock
def names():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("drydock-")]
def view():
    return Live(lambda: SvgBuilder(10).svg(10, "nothing"), lambda: Clock(0.01))
"""


@pytest.fixture
def notebook() -> Iterator[Any]:
    """A kernel in which cells can be run again and again; gives what a cell printed."""
    sources = {"prepare": PREPARE, "first": "view()", "second": "view() ", "count": "print(len(names()))"}
    cells = {name: nbformat.v4.new_code_cell(source) for name, source in sources.items()}
    client = NotebookClient(nbformat.v4.new_notebook(cells=list(cells.values())), timeout=60)

    def run(name: str) -> str:
        place = list(cells).index(name)
        client.execute_cell(cells[name], place)
        assert [one for one in cells[name].outputs if one.get("name") == "stderr"] == []
        return "".join(one.get("text", "") for one in cells[name].outputs)

    with client.setup_kernel():
        run("prepare")
        yield run


def count(notebook: Any, number: int) -> None:
    """Wait until so many views follow something in the kernel."""
    wait_for(lambda: notebook("count") == f"{number}\n", f"{number} threads", seconds=20, every=0.2)


def test_a_cell_that_runs_again_ends_what_it_showed_before(notebook: Any) -> None:
    """Each cell keeps one thread, however often it runs; other cells' threads stay."""
    notebook("first")
    notebook("second")
    count(notebook, 2)
    for _ in range(3):
        notebook("first")
    count(notebook, 2)


@pytest.mark.live
@pytest.mark.usefixtures("quiet")
def test_a_daemon_that_goes_away_is_told() -> None:
    """When the daemon ends, the picture says so and keeps what it showed."""
    with Machine() as machine:
        client = machine.client()
        view = views.lifecycle(client)
        with shown(view):
            assert "IMAGE" in texts(view.svg)
            machine.stop()
            noticed(view, "does not answer")
            assert "drydock/busybox:1.37" in texts(view.svg)
        client.close()

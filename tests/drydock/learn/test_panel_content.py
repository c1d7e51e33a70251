"""What the panel shows."""

from __future__ import annotations

from contextlib import closing, suppress

import pytest
from docker.errors import NotFound

from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.learn.panel_content import Row, changed, html, key, of_lesson, rows

MINE = Row("Containers", "1", "web", "running, 8500→80", {LABEL: "03_ports"})
THEIRS = Row("Containers", "2", "db", "running", {LABEL: "09_compose"})
OLD = Row("Images", "3", "debian:13", "80 MB")
TYPED = Row("Containers", "4", "from-the-terminal", "exited 0")


def test_a_lesson_shows_what_is_its_own_and_what_is_new() -> None:
    """Its label counts, and what a terminal made since it opened; nothing of other lessons, nothing older."""
    before = frozenset({key(OLD)})
    inherits = Row("Containers", "6", "from-an-image-of-the-course", "running", {LABEL: "images"})
    assert of_lesson([MINE, THEIRS, OLD, TYPED, inherits], "03_ports", before) == [MINE, TYPED, inherits]


def test_a_new_row_and_another_state_have_changed() -> None:
    """What is as it was has not."""
    stopped = Row("Containers", "1", "web", "exited 0")
    assert changed([stopped, THEIRS], [MINE, THEIRS]) == {key(MINE)}
    assert changed([MINE, TYPED], [MINE]) == {key(TYPED)}
    assert changed([MINE], [MINE]) == frozenset()


def test_words_of_the_daemon_are_escaped() -> None:
    """A name can hold anything."""
    row = Row("Containers", "5", "<script>", "running")
    page = html([row], frozenset(), [("03_ports.a", "Do `a`.", True)], "<away>")
    assert "<script>" not in page
    assert "<away>" not in page
    assert "Exercises, 1 of 1 done" in page
    assert page.count("<h4>") == 5


def test_a_state_has_a_colour_beside_its_words() -> None:
    """The words keep the page's own colour, so that they can be read on a light page and on a dark one."""
    page = html([TYPED, OLD], frozenset(), [])
    assert page.count("●") == 1
    assert "<small>exited 0</small>" in page


def test_names_in_a_goal_are_code() -> None:
    """A volume that is called `lines` differs from the word lines."""
    goal = "The volume `lines` has three lines, and `<b>` is no tag."
    page = html([], frozenset(), [("06_volumes.lines", goal, False)])
    assert "<small>The volume <code>lines</code> has three lines, and <code>&lt;b&gt;</code> is no tag.</small>" in page


@pytest.mark.host
def test_volumes_keep_their_order(host: Endpoint) -> None:
    """They come in the order of their names: the daemon's own order is another one each time, so rows would jump."""
    names = [f"panel-{letter}" for letter in "dbca"]
    with closing(host.client()) as client:
        try:
            for name in names:
                client.volumes.create(name)
            listed = [row.name for row in rows(client) if row.kind == "Volumes" and row.name in names]
        finally:
            for name in names:
                with suppress(NotFound):
                    client.volumes.get(name).remove()
    assert listed == sorted(names)

"""The messages about engines that depend on the facts."""

from __future__ import annotations

from drydock.errors import EngineLost, NoEngine, PortNotPublished, TerminalClosed


def test_every_provider_has_its_line() -> None:
    """The reasons stand in one column, in the order of the search."""
    error = NoEngine([("local socket", "no file"), ("machine", "stopped")])
    assert error.why == "local socket  no file\nmachine       stopped"


def test_a_lost_machine_is_booted_by_the_first_cell() -> None:
    """For a machine, running the first cell is enough; a daemon of the user's own must be started first."""
    assert EngineLost("timeout", "default").next.startswith("Run the notebook's first cell again")
    assert EngineLost("timeout", None).next.startswith("Start that Docker again. Then run the notebook's first cell")


def test_published_ports_are_listed() -> None:
    """The message lists the ports that could be opened, if there are any."""
    assert PortNotPublished("web", "81/tcp", ["80/tcp"]).why.endswith("Published ports: 80/tcp")
    assert "Published ports" not in PortNotPublished("web", "81/tcp", []).why


def test_a_closed_terminal_shows_its_last_text() -> None:
    """The message has the end of the terminal's text, or says that there was none."""
    assert TerminalClosed("$", "bye").why == "The last text in it:\nbye"
    assert TerminalClosed("$", "").why == "It showed nothing."

"""The messages about a machine that depend on the facts."""

from __future__ import annotations

from drydock.errors import BootFailed, NoMemory, PortNotForwarded, PortTaken


def test_a_smaller_machine_is_offered_where_one_fits() -> None:
    """The message names the largest size that would start now."""
    error = NoMemory(1088, 700, "this computer has 2000 MB", largest=636)
    assert error.what == "Not enough memory for a machine: 1088 MB are needed, 700 MB are available."
    assert error.next.endswith("drydock machine start --memory 636")


def test_no_smaller_machine_is_offered_where_none_fits() -> None:
    """The message suggests no size that would fail, too."""
    assert "--memory" not in NoMemory(160, 100, "this computer has 100 MB", largest=0).next


def test_a_failed_boot_shows_the_last_output() -> None:
    """The message has the machine's last lines, or says that there are none."""
    assert BootFailed("it ended", "panic\nreboot").why == "The last lines it printed:\npanic\nreboot"
    assert BootFailed("it ended", "").why == "It printed nothing."


def test_a_taken_port_names_its_program() -> None:
    """The message names the program, or the command that lists all programs."""
    assert PortTaken(8080, "tcp", "python3 (process 7)").why.startswith("python3 (process 7) has it.")
    assert "ss -lntup" in PortTaken(8080, "tcp").next
    assert PortTaken(80, "tcp").next.endswith("such as 8080.")


def test_a_port_that_cannot_be_forwarded_names_its_address() -> None:
    """The message names the address that can't be used, and one that can."""
    error = PortNotForwarded(8080, "tcp", "::1", "This computer has no address ::1.")
    assert error.what == "Port 8080/tcp can't be opened on this computer's ::1."
    assert "-p 127.0.0.1:8080:" in error.next

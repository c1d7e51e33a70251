"""The host's iptables rules, read through a container in the host's network, with the packets that matched each."""

from __future__ import annotations

from docker.models.containers import Container

from drydock.core.waiting import wait_for


def rule(container: Container, table: str, *words: str) -> str:
    """Return the first rule of a table that has all these words, with its counters: ``-c PACKETS BYTES``.

    The container sees the host's files at ``/host``. While Docker changes rules, a listing may be incomplete, so this
    waits up to 20 seconds for the rule, then raises :class:`~drydock.errors.TimedOut`.
    """
    return wait_for(lambda: _find(container, table, words), f"a rule with {' '.join(words)}", seconds=20)


def packets(rule: str) -> int:
    """Return how many packets a rule has matched."""
    return int(rule.split(" -c ")[1].split()[0])


def dropped(container: Container, bridge: str) -> int:
    """Return how many packets the DROP rules about a bridge have matched.

    Since Engine 28 a rule of the table ``raw`` drops packets that reach a container from another bridge; before, rules
    of the table ``filter`` did it alone.
    """
    rules = [line for table in ("raw", "filter") for line in _rules(container, table)]
    return sum(packets(line) for line in rules if bridge in line and "-j DROP" in line)


def _find(container: Container, table: str, words: tuple[str, ...]) -> str | None:
    return next((line for line in _rules(container, table) if all(word in line for word in words)), None)


def _rules(container: Container, table: str) -> list[str]:
    """Return a table's rules with their counters; none if the kernel has no such table."""
    code, output = container.exec_run(["chroot", "/host", "iptables", "-t", table, "-v", "-S"])
    assert isinstance(output, bytes)
    return [] if code else output.decode(errors="replace").splitlines()

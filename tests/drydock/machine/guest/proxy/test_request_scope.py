"""Names are looked up before the daemon gets them, and written as they were found."""

from __future__ import annotations

import pytest

from drydock.machine.guest.proxy.refusal import NOT_FOUND, Refused
from tests.drydock.machine.guest.proxy.requests_of import KERNEL, KERNEL_EXEC, OWN, OWN_EXEC, scope


@pytest.mark.parametrize("name", ["mine", OWN, OWN[:12], "ab"])
def test_own_containers_have_full_ids(name: str) -> None:
    """However it is named, the daemon gets the one id that can't come to mean another container."""
    assert scope().own_container(name) == OWN


@pytest.mark.parametrize("name", ["kernel-1", KERNEL, KERNEL[:4]])
def test_the_graders_are_not_ones_own(name: str) -> None:
    """They may be looked at, and nothing else."""
    assert scope().any_container(name) == KERNEL
    with pytest.raises(Refused, match="does not belong to the submission"):
        scope().own_container(name)


def test_what_is_not_there_is_told_as_by_docker() -> None:
    """The daemon isn't asked with a name that may mean something a moment later."""
    asked = scope()
    for look in (asked.own_container, asked.any_container, asked.own_exec, asked.network):
        with pytest.raises(Refused) as error:
            look("cafe")
        assert error.value.status == NOT_FOUND
        assert "cafe" in str(error.value)


def test_a_command_belongs_to_its_container() -> None:
    """A command that the grader runs is not the submission's."""
    assert scope().own_exec(OWN_EXEC) == OWN_EXEC
    with pytest.raises(Refused, match="does not belong"):
        scope().own_exec(KERNEL_EXEC)


def test_only_bridges_are_joined() -> None:
    """Under their full names; the machine's own network is none of them, also not by the beginning of its name."""
    assert [scope().network(name) for name in ("bridge", "none", "default", "back", "ba")] == [
        "bridge", "none", "default", "back", "back",
    ]  # fmt: skip
    for name in ("host", "ho", "card"):
        with pytest.raises(Refused, match="not a bridge network"):
            scope().network(name)

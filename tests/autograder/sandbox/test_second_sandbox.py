"""Another computer, for work that has to travel."""

from __future__ import annotations

from contextlib import closing

import pytest

from autograder.execution import archives
from autograder.sandbox.machine_sandbox import MachineSandbox
from autograder.sandbox.second_sandbox import SecondSandbox
from drydock.machine import Machine
from tests.autograder.sandboxes import BootFails

FOLDER = archives.packed({"Dockerfile": b"FROM drydock/busybox:1.37\nCMD true\n"})


def test_nobody_pays_for_what_nobody_asks_for() -> None:
    """It is made when a check asks for it, and not before."""
    elsewhere = SecondSandbox(BootFails, "a-token", FOLDER)
    elsewhere.close()
    with pytest.raises(OSError, match="no memory left"):
        elsewhere.context()


@pytest.mark.live
@pytest.mark.isolation
def test_it_is_another_machine_with_the_same_folder(own_machines: None) -> None:
    """The same for all checks of a run, with the same isolation, and gone with it."""
    with MachineSandbox() as sandbox, closing(sandbox.client()) as client:
        elsewhere = SecondSandbox(sandbox.another, "a-token", FOLDER)
        assert sandbox.another().isolation == sandbox.isolation
        assert len(Machine.all()) == 1
        with closing(elsewhere):
            context = elsewhere.context()
            assert elsewhere.context() is context
            assert len(Machine.all()) == 2
            client.volumes.create("here")
            assert context.docker.volumes.list() == []
            assert context.work.build().image
        assert len(Machine.all()) == 1

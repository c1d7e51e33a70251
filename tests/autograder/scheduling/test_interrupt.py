"""Ctrl-C, between two steps."""

from __future__ import annotations

import os
import signal

import pytest

from autograder.scheduling.interrupt import Interrupt


def ctrl_c() -> None:
    """What the terminal sends."""
    os.kill(os.getpid(), signal.SIGINT)


def test_it_waits_for_the_end_of_a_step() -> None:
    """And is not forgotten by then, whatever the step made of exceptions."""
    done = []
    with Interrupt() as stop:
        stop.check()
        ctrl_c()
        done.append("the step")
        with pytest.raises(KeyboardInterrupt):
            stop.check()
    assert done == ["the step"]


def test_the_second_does_not_wait() -> None:
    """A second Ctrl-C is not delayed."""

    def twice() -> None:
        with Interrupt():
            ctrl_c()
            ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        twice()


def test_afterwards_it_is_what_it_was() -> None:
    """At once, in the middle of anything."""
    before = signal.getsignal(signal.SIGINT)
    with Interrupt():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before

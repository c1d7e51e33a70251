"""drydock/busybox: a shell and the usual commands in less than 3 MB."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.host

TAG = "drydock/busybox:1.37"


def test_commands_have_their_names(run: Callable[..., str]) -> None:
    """The shell finds busybox's commands under their usual names."""
    assert run(TAG, "sh", "-c", "echo hello | sed s/l/L/g; which httpd wget vi; id -un").split() == [
        "heLLo",
        "/usr/sbin/httpd",
        "/usr/bin/wget",
        "/bin/vi",
        "root",
    ]


def test_any_user_can_write_to_tmp(run: Callable[..., str]) -> None:
    """A container that runs as nobody can write to /tmp."""
    assert run(TAG, "sh", "-c", "echo mine >/tmp/file && cat /tmp/file", user="nobody") == "mine\n"


def test_size(megabytes: Callable[[str], float]) -> None:
    """The image is smaller than 3 MB."""
    assert megabytes(TAG) < 3

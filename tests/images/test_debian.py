"""drydock/debian: bash and apt as Debian means them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.host

TAG = "drydock/debian:13"


def test_bash_and_release(run: Callable[..., str]) -> None:
    """Bash runs, in the release the tag says."""
    assert run(TAG, "bash", "-c", '. /etc/os-release; echo "$VERSION_ID ${BASH_VERSION%%.*}"') == "13 5\n"


def test_apt_installs(run: Callable[..., str]) -> None:
    """apt-get fetches a package from Debian's archive, and it runs."""
    script = "apt-get update -qq && apt-get install -y -qq hello >/dev/null && hello"
    assert "Hello, world!" in run(TAG, "bash", "-ec", script, environment={"DEBIAN_FRONTEND": "noninteractive"})


def test_dpkg_is_content(run: Callable[..., str]) -> None:
    """Every package is set up, and each file is the one that was shipped, but for what slim images leave out."""
    assert run(TAG, "dpkg", "--audit") == ""
    left_out = "/usr/share/(doc|man|locale|info|lintian)"
    assert run(TAG, "bash", "-c", f"dpkg --verify | grep -vE ' {left_out}' || true") == ""
    assert "install ok unpacked" not in run(TAG, "cat", "/var/lib/dpkg/status")


def test_owners_and_special_bits(run: Callable[..., str]) -> None:
    """What matters for safety is as on any Debian: who owns it and what it may do."""
    wanted = {
        "/etc/shadow": "root:shadow 640",
        "/tmp": "root:root 1777",
        "/usr/bin/passwd": "root:root 4755",
        "/usr/bin/su": "root:root 4755",
        "/usr/sbin/unix_chkpwd": "root:shadow 2755",
        "/var/mail": "root:mail 2775",
        "/root": "root:root 700",
    }
    seen = run(TAG, "stat", "-c", "%n=%U:%G %a", *wanted).splitlines()
    assert dict(line.split("=") for line in seen) == wanted
    assert run(TAG, "id", "-u", "_apt") == "42\n"


def test_a_user_can_be_added(run: Callable[..., str]) -> None:
    """A Dockerfile's useradd works, and the new user can become nobody else."""
    assert run(TAG, "bash", "-ec", "useradd -m ada && su ada -c 'cd && pwd && id -un'") == "/home/ada\nada\n"


def test_licences_stay(run: Callable[..., str]) -> None:
    """Leaving documents out spares the licences."""
    assert "GPL" in run(TAG, "cat", "/usr/share/doc/bash/copyright")


def test_nothing_left_from_the_making(run: Callable[..., str]) -> None:
    """No lists, no packages, no logs, none of the builder's own notes."""
    script = (
        "find /var/lib/apt/lists /var/cache/apt /var/lib/dpkg/unpacked.d /var/log -type f -size +0 2>/dev/null || true"
    )
    assert run(TAG, "bash", "-c", script) == ""


def test_size(megabytes: Callable[[str], float]) -> None:
    """It stays under 80 MB."""
    assert megabytes(TAG) < 80

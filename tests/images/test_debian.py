"""drydock/debian: bash and apt, configured as in an installed Debian."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.host

TAG = "drydock/debian:13"


def test_bash_and_release(run: Callable[..., str]) -> None:
    """Bash runs, in the release that the tag names."""
    assert run(TAG, "bash", "-c", '. /etc/os-release; echo "$VERSION_ID ${BASH_VERSION%%.*}"') == "13 5\n"


def test_apt_installs(run: Callable[..., str]) -> None:
    """apt-get installs a package from Debian's archive, and its program runs."""
    script = "apt-get update -qq && apt-get install -y -qq hello >/dev/null && hello"
    assert "Hello, world!" in run(TAG, "bash", "-ec", script, environment={"DEBIAN_FRONTEND": "noninteractive"})


def test_packages_are_configured(run: Callable[..., str]) -> None:
    """dpkg finds every package configured and every file unchanged, except for the files that are left out."""
    assert run(TAG, "dpkg", "--audit") == ""
    left_out = "/usr/share/(doc|man|locale|info|lintian)"
    assert run(TAG, "bash", "-c", f"dpkg --verify | grep -vE ' {left_out}' || true") == ""
    assert "install ok unpacked" not in run(TAG, "cat", "/var/lib/dpkg/status")


def test_owners_and_special_bits(run: Callable[..., str]) -> None:
    """Owners and modes of files that matter for security are as in any Debian."""
    wanted = {
        "/etc/shadow": "root:shadow 640",
        "/tmp": "root:root 1777",
        "/usr/bin/passwd": "root:root 4755",
        "/usr/bin/su": "root:root 4755",
        "/usr/sbin/unix_chkpwd": "root:shadow 2755",
        "/var/mail": "root:mail 2775",
        "/root": "root:root 700",
    }
    output = run(TAG, "stat", "-c", "%n=%U:%G %a", *wanted).splitlines()
    assert dict(line.split("=") for line in output) == wanted
    assert run(TAG, "id", "-u", "_apt") == "42\n"


def test_a_user_can_be_added(run: Callable[..., str]) -> None:
    """useradd works, as a Dockerfile would use it, and su changes to the new user."""
    assert run(TAG, "bash", "-ec", "useradd -m ada && su ada -c 'cd && pwd && id -un'") == "/home/ada\nada\n"


def test_licences_are_kept(run: Callable[..., str]) -> None:
    """The licences are kept, although other documentation is left out."""
    assert "GPL" in run(TAG, "cat", "/usr/share/doc/bash/copyright")


def test_no_leftovers_of_the_build(run: Callable[..., str]) -> None:
    """The image has no package lists, downloaded packages, logs, or files of the builder."""
    script = (
        "find /var/lib/apt/lists /var/cache/apt /var/lib/dpkg/unpacked.d /var/log -type f -size +0 2>/dev/null || true"
    )
    assert run(TAG, "bash", "-c", script) == ""


def test_size(megabytes: Callable[[str], float]) -> None:
    """The image is smaller than 80 MB."""
    assert megabytes(TAG) < 80

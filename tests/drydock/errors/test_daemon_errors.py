"""The messages about errors that beginners meet first."""

from __future__ import annotations

import pytest

from drydock.errors import (
    ContainerCommandFailed,
    DaemonSilent,
    DrydockError,
    FolderMissing,
    FolderNotShared,
    ImageNotBuilt,
    ImageUnknown,
    MemoryLimitTooSmall,
    MountNotRead,
    NameTaken,
    PortPublished,
    ProgramMissing,
    RequestRefused,
    VolumeInUse,
)

TAGS = ["drydock/busybox:1.37", "drydock/debian:13"]


@pytest.mark.parametrize(
    "error",
    [
        ImageUnknown("busybox", TAGS, TAGS[0], network=False),
        ImageNotBuilt("drydock/debian:13"),
        NameTaken("container", "web"),
        NameTaken("network", "shop"),
        PortPublished(8080, by_container=True),
        ProgramMissing("-p"),
        ProgramMissing("pyton3"),
        MemoryLimitTooSmall("6MB"),
        FolderMissing("/srv"),
        FolderNotShared("/srv", ["/home/ada/course"]),
        MountNotRead("or"),
        VolumeInUse("precious", ["8fc" * 21, "5a3" * 21]),
        RequestRefused("get precios: no such volume", missing=True),
        RequestRefused("a long answer " * 99, missing=False),
        ContainerCommandFailed("touch /x", 1, "touch: /x:\nRead-only file system\n" * 50),
        DaemonSilent("unix:///nowhere"),
    ],
)
def test_each_message_is_three_lines(error: DrydockError) -> None:
    """What happened, why, and what to do next, a line each."""
    lines = str(error).splitlines()
    assert len(lines) == 3
    assert all(len(line) < 320 for line in lines)


def test_an_unknown_image_leads_to_the_course_s() -> None:
    """The message has the nearest name if there is one, the course's images, and whether there is a network."""
    error = ImageUnknown("busybox", TAGS, TAGS[0], network=False)
    assert "nearest name is drydock/busybox:1.37" in error.what
    assert "there is no network" in error.why
    assert error.next.endswith("The course has drydock/… busybox:1.37, debian:13")
    assert "nearest" not in ImageUnknown("zzz", TAGS, None, network=True).what
    assert "can be reached" in ImageUnknown("zzz", TAGS, None, network=True).why


def test_a_taken_name_can_be_freed() -> None:
    """The message has the command that removes what has the name."""
    assert "docker rm -f web" in NameTaken("container", "web").next
    assert "docker network rm shop" in NameTaken("network", "shop").next


@pytest.mark.parametrize(("port", "another"), [(8080, 8081), (80, 8080), (65535, 8080)])
def test_a_taken_port_has_an_alternative(port: int, another: int) -> None:
    """The message names a port to try, which nobody must be an administrator for."""
    assert f"such as {another}" in PortPublished(port, by_container=False).next


def test_an_option_behind_the_image_is_no_program() -> None:
    """A misplaced option and a misspelt program have messages of their own."""
    assert "the option -p for the program" in ProgramMissing("-p").what
    assert "before the image's name" in ProgramMissing("-p").next
    assert "no program pyton3" in ProgramMissing("pyton3").what
    assert "spelling" in ProgramMissing("pyton3").next


def test_a_limit_without_a_unit_counts_bytes() -> None:
    """The message says what the number meant, and which letter to add."""
    error = MemoryLimitTooSmall("6MB")
    assert "smaller than 6MB" in error.what
    assert "bytes" in error.why
    assert "64m" in error.next


def test_a_folder_in_a_command_is_quoted() -> None:
    """The line can be copied also where the folder's name has a space."""
    assert FolderNotShared("/home/ada/my work", []).next.endswith("drydock machine start --share '/home/ada/my work'")

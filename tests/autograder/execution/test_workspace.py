"""The folder a student worked in, and the images made of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from docker import DockerClient

from autograder.execution import archives, workspace
from autograder.execution.workspace import Workspace, here, left
from drydock.machine import Machine
from drydock.machine.artifacts import docker_cli

DOCKERFILE = """FROM drydock/busybox:1.37
COPY . /folder
RUN --mount=type=tmpfs,target=/scratch ls /sys/class/net > /networks
CMD cat /folder/word /networks
"""
FILES = {"Dockerfile": DOCKERFILE, ".dockerignore": "secret\n", "word": "as it was\n", "secret": "7-41-19\n"}


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """One machine for all tests, such as submissions get."""
    with Machine(confined=True) as booted:
        yield booted


@pytest.fixture
def client(machine: Machine) -> Iterator[DockerClient]:
    """A client of the machine, in which a folder that is closed leaves no image and no container."""
    with closing(machine.client()) as opened:
        before = {image.id for image in opened.images.list()}
        yield opened
        assert opened.containers.list(all=True) == []
        assert {image.id for image in opened.images.list()} == before


@pytest.fixture
def student(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder, on a computer whose docker command leads to the machine."""
    for name, value in (machine.endpoint.environment() | docker_cli.environment()).items():
        monkeypatch.setenv(name, value)
    for path, text in FILES.items():
        (tmp_path / path).write_text(text)
    return tmp_path


def archive(**changes: str) -> bytes:
    """The folder as a run leaves it."""
    return archives.packed({path: text.encode() for path, text in {**FILES, **changes}.items()})


def says(client: DockerClient, work: Workspace, changes: dict[str, bytes] | None = None) -> str:
    """What a container of the image says."""
    built = work.build(changes)
    assert built.image, built.log
    return client.containers.run(built.image, remove=True, network_mode="none").decode()


def test_without_a_folder_there_is_no_image() -> None:
    """And a reason."""
    assert Workspace().build().image is None
    assert "no folder" in Workspace().build().log


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_a_folder_that_was_left_is_built(client: DockerClient) -> None:
    """By BuildKit, without a network; and again with a file changed."""
    with closing(left(client, archive())) as work:
        assert says(client, work).split("\n")[:2] == ["as it was", "lo"]
        assert says(client, work, {"word": b"as it is", "new/file": b""}).startswith("as it is")
        assert work.build() == work.build()


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_what_is_ignored_stays_out(client: DockerClient) -> None:
    """As Docker's own command understands `.dockerignore`."""
    with closing(left(client, archive())) as work:
        built = work.build({"Dockerfile": f"{DOCKERFILE}CMD ls -a /folder".encode()})
        assert built.image
        listed = client.containers.run(built.image, remove=True).decode().split()
    assert set(listed) == {".", "..", ".dockerignore", "Dockerfile", "word"}


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("dockerfile", "words"),
    [
        ("FROM drydock/busybox:1.37\nRUN echo that was it; false", "that was it"),
        pytest.param("FROM nobody/knows:it", "nobody/knows:it", marks=pytest.mark.nightly),
        pytest.param("raise NotImplementedError()", "unknown instruction", marks=pytest.mark.nightly),
        ("FROM drydock/busybox:1.37\nRUN wget -T 2 http://10.0.2.2/", "unreachable"),
    ],
)
def test_what_does_not_build_says_why(client: DockerClient, dockerfile: str, words: str) -> None:
    """In Docker's own words."""
    with closing(left(client, archive(Dockerfile=dockerfile))) as work:
        built = work.build()
    assert built.image is None
    assert words in built.log


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_a_folder_that_was_too_large_to_take_is_told(client: DockerClient) -> None:
    """Nothing is built of it."""
    assert "more than anybody needs" in left(client, b"").build().log


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_a_students_own_folder_is_built_by_their_docker_command(client: DockerClient, student: Path) -> None:
    """On a copy: the folder itself stays as it is."""
    with closing(here(client, student)) as work:
        assert says(client, work, {"word": b"changed", "new/file": b""}).startswith("changed")
    assert {path.name: path.read_text() for path in student.iterdir()} == FILES


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_without_a_docker_command_a_student_is_told(
    client: DockerClient, student: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check reports that reason instead of a failed build."""
    monkeypatch.setenv("PATH", str(student))
    assert "no `docker` command" in here(client, student).build().log


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_a_folder_without_room_for_a_file_does_not_build(client: DockerClient, student: Path) -> None:
    """A notebook that leaves a file in the place of a folder gets Docker's words, in grading and at home."""
    (student / "board").write_text("")
    for work in (left(client, archive(board="")), here(client, student)):
        with closing(work):
            built = work.build({"board/glass.key": b"a key"})
            assert built.image is None
            assert "no place for a file of a check" in built.complaint
            assert work.build().image


@pytest.mark.parametrize(
    ("first_line", "kept"),
    [
        (b"# syntax=docker/dockerfile:1", b"#"),
        (b"#syntax = docker.io/docker/dockerfile:1.7", b"#"),
        (b"# syntax=docker/dockerfile", b"#"),
        (b"# Syntax=docker/dockerfile:1-labs\r", b"#"),
        (b"# syntax=docker/dockerfile:1@sha256:" + b"5a" * 32, b"#"),
        (b"# escape=\\\n# check=skip=all\n# syntax=docker/dockerfile:1", b"# escape=\\\n# check=skip=all\n#"),
        (b"\xef\xbb\xbf#!/usr/bin/env docker\n#syntax=docker/dockerfile:1", b"\xef\xbb\xbf#!/usr/bin/env docker\n#"),
        (b"# syntax=docker/dockerfiles:1", None),
        (b"FROM scratch\n# syntax=docker/dockerfile:1", None),
        (b"# syntax=somebody/frontend:1", None),
        (b"# A comment: syntax=docker/dockerfile:1", None),
        (b"FROM scratch", None),
    ],
)
def test_dockers_own_frontend_is_built_in(first_line: bytes, kept: bytes | None) -> None:
    """What a laptop would fetch for it is not needed; any other frontend stays as it was written."""
    folder = archives.packed({"Dockerfile": first_line + b"\nFROM scratch\n", "other": b"x"})
    changed = workspace._without_frontend(folder)
    assert changed == ({"Dockerfile": kept + b"\nFROM scratch\n"} if kept else {})


def test_a_folder_that_is_no_archive_changes_nothing() -> None:
    """The build itself says what is wrong."""
    assert workspace._without_frontend(b"no archive") == {}

"""What an image comes to, of images built for it in a machine."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import closing

import pytest
from docker import DockerClient

from autograder.checks.context import CheckContext
from autograder.errors import TooLarge
from autograder.execution import archives
from autograder.execution.workspace import left
from autograder.probes.image_diff import contents, differences, files
from autograder.sandbox.machine_sandbox import MachineSandbox

DOCKERFILE = """FROM drydock/busybox:1.37
ENV HARBOUR=here
LABEL tools="a b"
RUN mkdir /desk && cd /desk && touch text mode owner time gone && ln -s text link
RUN head -c 8 /dev/urandom > /tmp/fleeting
"""
#: The same with something else in each place that counts, and in two that don't.
OTHER = """ENV HARBOUR=there
LABEL tools="a b c"
WORKDIR /desk
RUN echo a note > text && chmod 600 mode && chown 5 owner && rm gone && ln -sf mode link
RUN touch -d 2001-01-01 time && touch /tmp/more
USER 1000
"""
DIFFERENT = ["/desk/gone", "/desk/link", "/desk/mode", "/desk/owner", "/desk/text"]
SETTINGS = ["Env HARBOUR", "Label tools", "User", "WorkingDir"]


@pytest.fixture(scope="module")
def client() -> Iterator[DockerClient]:
    """One machine for all tests."""
    with MachineSandbox() as sandbox, closing(sandbox.client()) as opened:
        yield opened


@pytest.mark.live
@pytest.mark.isolation
def test_what_differs_is_told_by_name(client: DockerClient) -> None:
    """Files by their content, mode, owner and link; settings by their value; nothing that is another each time."""
    context = CheckContext(client, lambda *_: ("127.0.0.1", 1), "a-token")

    def built(more: str) -> dict[str, str]:
        with closing(left(client, archives.packed({"Dockerfile": f"{DOCKERFILE}{more}\n".encode()}))) as work:
            return dict(contents(context, client.images.get(work.build().image or "")))

    plain = built("")
    assert differences(plain, built("")) == []
    assert differences(plain, built(OTHER)) == DIFFERENT + SETTINGS
    assert client.containers.list(all=True) == []


def test_an_endless_image_is_too_large() -> None:
    """It is not read to its end."""
    with pytest.raises(TooLarge):
        files([archive(5000)], limit=2000)
    assert list(files([archive(5000)])) == ["/note"]


def test_too_many_names_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are kept, so all of them together have a limit of their own."""
    monkeypatch.setattr("autograder.probes.image_diff._NAMES_LIMIT", 3)
    with pytest.raises(TooLarge, match="list of the image's files"):
        files([archive(5000)])


def archive(size: int) -> bytes:
    """One with a file of this size."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as opened:
        entry = tarfile.TarInfo("note")
        entry.size = size
        opened.addfile(entry, io.BytesIO(bytes(size)))
    return buffer.getvalue()

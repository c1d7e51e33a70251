"""Where a bundle comes from, and the digest that it must have."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path
from socketserver import StreamRequestHandler

import pytest

from drydock.errors import BadBundle
from drydock.machine.artifacts import bundle_source
from tests.autograder.conftest import serving

_CONTENT = b"content" * 1_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a known content."""
    file = tmp_path / "class.drydock"
    file.write_bytes(_CONTENT)
    return file


def test_the_variable_comes_before_the_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The setting of the package is used where the variable is not set; an empty variable means no bundle."""
    setting = tmp_path / "bundle.toml"
    setting.write_text('source = "https://example.org/drydock.bundle"')
    monkeypatch.setattr(bundle_source, "_SETTINGS", setting)
    monkeypatch.delenv(bundle_source.VARIABLE, raising=False)
    assert bundle_source.configured() == "https://example.org/drydock.bundle"
    for value in ("/srv/class.drydock", ""):
        monkeypatch.setenv(bundle_source.VARIABLE, value)
        assert bundle_source.configured() == value


def test_the_package_names_no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a setting of a teacher's, machines are built."""
    monkeypatch.delenv(bundle_source.VARIABLE, raising=False)
    assert bundle_source.configured() == ""


def test_only_a_missing_file_is_known_without_trying(file: Path) -> None:
    """A path can be looked up, with a digest too; a URL can't."""
    assert bundle_source.may_exist(f"{file}#sha256=00")
    assert bundle_source.may_exist("https://example.org/drydock.bundle")
    assert not bundle_source.may_exist(f"{file}.missing")


def test_the_right_digest_is_accepted(file: Path) -> None:
    """The digest is that of the whole file, of which the reader may need only the start."""
    with bundle_source.opened(f"{file}#sha256={hashlib.sha256(_CONTENT).hexdigest().upper()}") as stream:
        assert stream.read(7) == b"content"


def test_another_digest_is_refused(file: Path) -> None:
    """The error has both digests, and the path without them."""
    expected = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(BadBundle) as refusal, bundle_source.opened(f"{file}#sha256={expected}") as stream:
        stream.read()
    assert refusal.value.what == f"{file} can't be used as a bundle."
    assert hashlib.sha256(_CONTENT).hexdigest() in refusal.value.why
    assert expected in refusal.value.why


def test_an_error_of_the_reader_is_not_the_bundles(file: Path) -> None:
    """A full disk, on which the bundle is unpacked, does not make the bundle unusable."""
    full = OSError(errno.ENOSPC, "No space left on device")
    for source in (str(file), file.as_uri()):
        with pytest.raises(OSError, match="No space left"), bundle_source.opened(source):
            raise full


def test_a_download_that_breaks_off_is_an_error() -> None:
    """A server that ends in the middle of its answer gets a finished message."""
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nstart"

    def answer_in_part(handler: StreamRequestHandler) -> None:
        handler.wfile.write(answer)

    with (
        serving(answer_in_part) as port,
        bundle_source.opened(f"http://127.0.0.1:{port}/class.drydock") as stream,
        pytest.raises(BadBundle, match="can't be downloaded"),
    ):
        stream.read(1 << 20)


def test_a_closed_port_is_an_error() -> None:
    """An address at which no server answers gets a finished message."""
    with (
        pytest.raises(BadBundle, match="can't be downloaded"),
        bundle_source.opened("http://127.0.0.1:9/class.drydock"),
    ):
        pass

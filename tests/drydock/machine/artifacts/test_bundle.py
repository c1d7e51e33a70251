"""Bundles: what comes out is what went in, and what was cut, changed or made elsewhere is refused whole."""

from __future__ import annotations

import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import zstandard

from drydock.core.paths import LABEL, cache_folder
from drydock.errors import BadBundle
from drydock.machine import Machine
from drydock.machine.artifacts import bundle, kernel_source, machine_build
from drydock.machine.store import artifact_cache

_HOLE = 5 << 20


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle of small parts under the names of the real ones; afterwards the cache is another, empty one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "teacher"))
    artifact_cache.find_or_build(kernel_source.cache_name("debian"), _small_kernel)
    artifact_cache.find_or_build(machine_build.base_cache_name(), _small_base)
    file = tmp_path / "class.drydock"
    bundle.export(file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "student"))
    return file


def _small_kernel(folder: Path, final: Path) -> None:
    (folder / "linux").write_bytes(b"a kernel")
    (folder / "linux").chmod(0o755)


def _small_base(folder: Path, final: Path) -> None:
    (folder / "tools" / "bin").mkdir(parents=True)
    (folder / "tools" / "bin" / "docker").write_bytes(b"a tool")
    (folder / "tools" / "bin" / "docker-compose").symlink_to("docker")
    with (folder / "disk.img").open("wb") as disk:
        disk.write(b"start")
        disk.seek(_HOLE)
        disk.write(os.urandom(100_000))
        disk.truncate(2 * _HOLE)


def _rewritten(file: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The bundle with each member's bytes put through ``change``; None leaves the member out."""
    buffer = io.BytesIO()
    with (
        file.open("rb") as packed,
        zstandard.ZstdDecompressor().stream_reader(packed) as plain,
        tarfile.open(fileobj=plain, mode="r|") as old,
        tarfile.open(fileobj=buffer, mode="w|") as new,
    ):
        for entry in old:
            content = old.extractfile(entry)
            data = change(entry.name, content.read() if content else b"")
            if data is not None:
                entry.size = len(data)
                new.addfile(entry, io.BytesIO(data))
    changed = file.with_name("changed.drydock")
    changed.write_bytes(zstandard.compress(buffer.getvalue()))
    return changed


def _refused(source: Path | str) -> str:
    with pytest.raises(BadBundle) as refusal:
        bundle.install(str(source))
    assert machine_build.find("debian") is None
    assert [path.name for path in cache_folder().iterdir() if path.suffix != ".lock"] == []
    return refusal.value.why


def test_what_is_taken_is_what_was_exported(exported: Path, tmp_path: Path) -> None:
    """Bytes, holes, modes and links arrive as they were, and the parts are ready for use."""
    parts = bundle.install(str(exported))
    before = tmp_path / "teacher" / "drydock" / parts.base.name
    disk = parts.base / "disk.img"
    assert disk.read_bytes() == (before / "disk.img").read_bytes()
    assert disk.stat().st_blocks * 512 < _HOLE
    assert os.access(parts.kernel.program, os.X_OK)
    assert str((parts.base / "tools/bin/docker-compose").readlink()) == "docker"
    artifact_cache.verify(parts.base)


def test_a_bundle_cut_short_is_refused(exported: Path) -> None:
    """Wherever it was cut, nothing is installed."""
    whole = exported.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 5):
        exported.write_bytes(whole[:length])
        assert "cut short" in _refused(exported)


def test_a_changed_bundle_is_refused(exported: Path) -> None:
    """A single byte of a file that isn't what the index says is enough, and the file is named."""
    changed = _rewritten(exported, lambda name, data: b"A kernel" if name.startswith("kernel/linux") else data)
    assert "kernel/linux is not what its index says" in _refused(changed)


def test_a_file_the_index_does_not_know_is_refused(exported: Path) -> None:
    """Nothing can be slipped in beside what is accounted for."""

    def forget_the_tool(name: str, data: bytes) -> bytes:
        if name != "index.json":
            return data
        index = json.loads(data)
        del index["base/tools/bin/docker"]
        return json.dumps(index).encode()

    assert "doesn't know" in _refused(_rewritten(exported, forget_the_tool))


def test_a_bundle_without_its_index_is_refused(exported: Path) -> None:
    """A tar that ends well but early is as incomplete as one that is cut."""
    changed = _rewritten(exported, lambda name, data: None if name == "index.json" else data)
    assert "index is missing" in _refused(changed)


def test_a_bundle_for_another_architecture_is_refused(exported: Path) -> None:
    """It says for which one it was made."""

    def for_arm(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | {"architecture": "aarch64"}).encode() if name == "header.json" else data

    assert "aarch64" in _refused(_rewritten(exported, for_arm))


def test_a_bundle_of_another_version_is_refused(exported: Path) -> None:
    """Parts that this version would not find in its cache are of no use to it."""

    def older(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | {"base": "base-0"}).encode() if name == "header.json" else data

    assert "another version" in _refused(_rewritten(exported, older))


def test_a_name_that_leads_out_is_refused(exported: Path, tmp_path: Path) -> None:
    """A member called ../../evil is written nowhere."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w|") as archive:
        entry = tarfile.TarInfo("../../evil@0")
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"evil"))
    exported.write_bytes(zstandard.compress(buffer.getvalue()))
    _refused(exported)
    assert list(tmp_path.rglob("evil")) == []


def test_something_that_is_no_bundle_or_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture, a missing file and a server that isn't there each get a finished message."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "student"))
    picture = tmp_path / "holiday.jpg"
    picture.write_bytes(b"\xff\xd8" * 1000)
    assert "never a bundle" in _refused(picture)
    assert "can't be read" in _refused(tmp_path / "missing")
    assert "can't be fetched" in _refused("http://127.0.0.1:9/class.drydock")


@pytest.fixture
def served(exported: Path) -> Iterator[str]:
    """The bundle behind a web server of this computer."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(exported.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{exported.name}"
        server.shutdown()


def test_a_bundle_is_fetched_from_an_address(served: str) -> None:
    """A class takes it straight from the teacher's web server."""
    assert bundle.install(served).base.name == machine_build.base_cache_name()


@pytest.mark.live
@pytest.mark.timeout(900)
def test_a_container_runs_on_parts_from_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parts, exported, taken into an empty cache: a machine boots from them and runs a container."""
    file = tmp_path / "real.drydock"
    bundle.export(file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "student"))
    bundle.install(str(file))
    with Machine(memory_mb=512) as machine, closing(machine.client()) as client:
        said = client.containers.run("drydock/busybox:1.37", "echo hello", remove=True, labels={LABEL: "tests"})
    assert said == b"hello\n"

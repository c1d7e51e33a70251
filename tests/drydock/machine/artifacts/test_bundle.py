"""Bundles: an installed bundle has the exported files, and a damaged or foreign bundle installs nothing."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import zstandard

from drydock.core import command
from drydock.core.paths import LABEL, cache_folder
from drydock.core.tar_member import add_bytes
from drydock.errors import BadBundle
from drydock.machine import Machine
from drydock.machine.artifacts import bundle, kernel_source, machine_build
from drydock.machine.host import bundled_programs
from drydock.machine.store import artifact_cache
from tests.drydock.machine.artifacts.test_elf_loader import CAT, loaded
from tests.machine_bundle import bundle_file

_HOLE = 5 << 20


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle of small artifacts with the names of the real ones; afterwards the cache is another, empty one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "teacher"))
    artifact_cache.find_or_build(kernel_source.cache_name("debian"), _small_kernel)
    artifact_cache.find_or_build(machine_build.base_cache_name(), _small_base)
    file = tmp_path / "class.drydock"
    bundle.export(file, programs=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "student"))
    return file


def _small_kernel(folder: Path, final: Path) -> None:
    (folder / "linux").write_bytes(b"a kernel")
    (folder / "linux").chmod(0o755)


@pytest.fixture
def with_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle with programs, in which `cat` is the kernel and docker; afterwards the cache is another, empty one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "teacher"))
    monkeypatch.setenv(kernel_source.VARIABLE, "compiled")
    artifact_cache.find_or_build(kernel_source.cache_name("compiled"), lambda folder, _: _copy_cat(folder / "linux"))
    name = machine_build.base_cache_name()
    artifact_cache.find_or_build(name, lambda folder, _: _copy_cat(folder / "tools/bin/docker"))
    file = tmp_path / "class.drydock"
    bundle.export(file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "student"))
    return file


def _copy_cat(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(CAT, target)


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
    """Return a copy of the bundle with each member's content replaced by ``change``; None leaves the member out."""
    buffer = io.BytesIO()
    with (
        file.open("rb") as compressed,
        zstandard.ZstdDecompressor().stream_reader(compressed) as plain,
        tarfile.open(fileobj=plain, mode="r|") as old,
        tarfile.open(fileobj=buffer, mode="w|") as new,
    ):
        for member in old:
            content = old.extractfile(member)
            data = change(member.name, content.read() if content else b"")
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    changed = file.with_name("changed.drydock")
    changed.write_bytes(zstandard.compress(buffer.getvalue()))
    return changed


def _refusal(source: Path | str) -> str:
    with pytest.raises(BadBundle) as refusal:
        bundle.install(str(source))
    assert machine_build.find("debian") is None
    assert [path.name for path in cache_folder().iterdir() if path.suffix != ".lock"] == []
    return refusal.value.why


def test_an_installed_bundle_has_the_exported_files(exported: Path, tmp_path: Path) -> None:
    """Content, holes, modes and links are as they were, and the artifacts pass the cache's check."""
    artifacts = bundle.install(str(exported))
    original = tmp_path / "teacher" / "drydock" / artifacts.base.name
    disk = artifacts.base / "disk.img"
    assert disk.read_bytes() == (original / "disk.img").read_bytes()
    assert disk.stat().st_blocks * 512 < _HOLE
    assert os.access(artifacts.kernel.program, os.X_OK)
    assert str((artifacts.base / "tools/bin/docker-compose").readlink()) == "docker"
    artifact_cache.verify(artifacts.base)


def test_the_programs_use_nothing_of_the_computer(with_programs: Path) -> None:
    """Kernel, network helper and docker of an installed bundle load no library but the bundle's."""
    artifacts = bundle.install(str(with_programs))
    programs = bundled_programs.folder()
    assert programs is not None
    for program in (artifacts.kernel.program, programs / "bin" / "docker"):
        assert len(loaded(program)) == 2
        assert all(path.startswith(str(cache_folder())) for path in loaded(program))
    helper = bundled_programs.find("slirp4netns")
    assert helper == str(programs / "bin" / "slirp4netns")
    assert "slirp4netns version" in command.run([helper, "--version"])
    artifact_cache.verify(programs)


def test_a_bundle_is_passed_on(with_programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer that has its machine from a bundle makes a bundle that works, without a program of its own."""
    bundle.install(str(with_programs))
    again = tmp_path / "again.drydock"
    with monkeypatch.context() as change:
        change.setenv("PATH", str(tmp_path))
        change.setattr(command, "_ADMIN_FOLDERS", ())
        bundle.export(again)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "friend"))
    artifacts = bundle.install(str(again))
    assert all(path.startswith(str(tmp_path / "friend")) for path in loaded(artifacts.kernel.program))
    assert "slirp4netns version" in command.run([bundled_programs.find("slirp4netns") or "", "--version"])


def test_programs_are_left_out_when_a_bundle_is_passed_on(
    with_programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Binder's image gets its bundle from another one: the kernel keeps its loader, and docker is as it was built."""
    bundle.install(str(with_programs))
    packed = tmp_path / "packed.drydock"
    bundle.export(packed, programs=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "pod"))
    artifacts = bundle.install(str(packed))
    assert bundled_programs.folder() is None
    assert all(path.startswith(str(tmp_path / "pod")) for path in loaded(artifacts.kernel.program))
    assert (artifacts.base / "tools" / "bin" / "docker").read_bytes() == CAT.read_bytes()


def test_a_bundle_without_programs_brings_none(exported: Path) -> None:
    """Of such a bundle, kernel and docker stay as they were built, and this computer's programs are used."""
    artifacts = bundle.install(str(exported))
    assert artifacts.kernel.program.read_bytes() == b"a kernel"
    assert bundled_programs.folder() is None


def test_programs_stay_in_their_folder(with_programs: Path) -> None:
    """A bundle can't choose the folder in which its programs are installed."""

    def elsewhere(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | {"programs": "../../bin"}).encode() if name == "header.json" else data

    assert "a name that no bundle gives" in _refusal(_rewritten(with_programs, elsewhere))


def test_a_bundle_with_another_digest_is_refused(exported: Path) -> None:
    """Nothing is installed if the file is not the one whose digest a release has printed."""
    assert "was expected" in _refusal(f"{exported}#sha256={'0' * 64}")
    digest = hashlib.sha256(exported.read_bytes()).hexdigest()
    assert bundle.install(f"{exported}#sha256={digest}").base.name == machine_build.base_cache_name()


def test_what_a_killed_process_unpacked_is_removed(exported: Path) -> None:
    """The next process that unpacks a bundle removes the files, of which there may be a gigabyte."""
    leftover = cache_folder() / "bundle.new-abc"
    (leftover / "base").mkdir(parents=True)
    bundle.install(str(exported))
    assert not leftover.exists()


def test_a_truncated_bundle_is_refused(exported: Path) -> None:
    """Wherever it is cut off, nothing is installed."""
    whole = exported.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 5):
        exported.write_bytes(whole[:length])
        assert "truncated" in _refusal(exported)


def test_a_changed_bundle_is_refused(exported: Path) -> None:
    """One changed byte of a file is enough; the message names the file."""
    changed = _rewritten(exported, lambda name, data: b"A kernel" if name.startswith("kernel/linux") else data)
    assert "kernel/linux does not match its index" in _refusal(changed)


def test_a_file_that_is_not_in_the_index_is_refused(exported: Path) -> None:
    """No file can be added beside the files of the index."""

    def without_the_tool(name: str, data: bytes) -> bytes:
        if name != "index.json":
            return data
        index = json.loads(data)
        del index["base/tools/bin/docker"]
        return json.dumps(index).encode()

    assert "doesn't list" in _refusal(_rewritten(exported, without_the_tool))


def test_a_bundle_without_its_index_is_refused(exported: Path) -> None:
    """A complete tar archive without the index is as incomplete as a truncated one."""
    changed = _rewritten(exported, lambda name, data: None if name == "index.json" else data)
    assert "index is missing" in _refusal(changed)


def test_a_bundle_for_another_architecture_is_refused(exported: Path) -> None:
    """The message names the architecture that it was made for."""

    def for_arm(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | {"architecture": "aarch64"}).encode() if name == "header.json" else data

    assert "aarch64" in _refusal(_rewritten(exported, for_arm))


def test_a_bundle_of_another_version_is_refused(exported: Path) -> None:
    """Artifacts that this version would not find in its cache are not installed."""

    def older(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | {"base": "base-0"}).encode() if name == "header.json" else data

    assert "another version" in _refusal(_rewritten(exported, older))


def test_a_name_outside_the_folder_is_refused(exported: Path, tmp_path: Path) -> None:
    """A member called ../../evil is not written anywhere."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w|") as archive:
        add_bytes(archive, "../../evil@0", b"evil")
    exported.write_bytes(zstandard.compress(buffer.getvalue()))
    _refusal(exported)
    assert list(tmp_path.rglob("evil")) == []


def test_other_files_and_missing_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture, a missing file and an address without a server each get a finished message."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "student"))
    picture = tmp_path / "holiday.jpg"
    picture.write_bytes(b"\xff\xd8" * 1000)
    assert "not a bundle" in _refusal(picture)
    assert "can't be read" in _refusal(tmp_path / "missing")
    assert "can't be downloaded" in _refusal("http://127.0.0.1:9/class.drydock")


@pytest.fixture
def served(exported: Path) -> Iterator[str]:
    """The URL of the bundle on a web server on this computer."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(exported.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{exported.name}"
        server.shutdown()


def test_a_bundle_is_downloaded(served: str) -> None:
    """A bundle can be installed from a URL, such as one on a teacher's web server."""
    assert bundle.install(served).base.name == machine_build.base_cache_name()


@pytest.mark.live
@pytest.mark.nightly  # by day, tests/packaging boots one from a bundle
@pytest.mark.timeout(900)
def test_a_machine_boots_from_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real artifacts, exported and installed in an empty cache, a machine boots and runs a container."""
    file = bundle_file()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "student"))
    bundle.install(str(file))
    with Machine(memory_mb=512) as machine, closing(machine.client()) as client:
        output = client.containers.run("drydock/busybox:1.37", "echo hello", remove=True, labels={LABEL: "tests"})
    assert output == b"hello\n"

"""The cache of artifacts that are built once."""

from __future__ import annotations

import multiprocessing
import os
import threading
from pathlib import Path

import pytest

from drydock.core.waiting import wait_for
from drydock.errors import BaseDiskMissing, BrokenCache
from drydock.machine.store import artifact_cache


def fill(folder: Path, final: Path) -> None:
    """Build a small artifact: a file with the builder's process number and the final path."""
    (folder / "content").mkdir()
    (folder / "content" / "disk").write_text(f"{os.getpid()} {final}")


def test_the_key_changes_with_every_part(tmp_path: Path) -> None:
    """Strings, bytes, the bytes of a file and the boundaries between parts all change the key."""
    file = tmp_path / "recipe"
    file.write_text("one")
    first = artifact_cache.key(["a", b"b", file])
    assert first == artifact_cache.key(["a", b"b", file])
    assert artifact_cache.key(["ab", file]) != artifact_cache.key(["a", b"b", file])
    file.write_text("two")
    assert artifact_cache.key(["a", b"b", file]) != first
    assert len(first) == 16


def test_a_folder_is_built_once(user_folders: Path) -> None:
    """The first call builds and knows the final path while it builds; the second call finds the folder."""
    assert artifact_cache.find("thing-1") is None
    folder = artifact_cache.find_or_build("thing-1", fill)
    assert artifact_cache.find("thing-1") == folder
    assert (folder / "content" / "disk").read_text() == f"{os.getpid()} {folder}"
    assert artifact_cache.find_or_build("thing-1", lambda *_: pytest.fail("it was built already")) == folder


def test_a_failed_build_leaves_nothing(user_folders: Path) -> None:
    """After a failed build, neither the final nor the temporary folder exists, and the next build succeeds."""

    def fails(folder: Path, final: Path) -> None:
        fill(folder, final)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        artifact_cache.find_or_build("thing-1", fails)
    assert [path.name for path in (user_folders / "cache" / "drydock").iterdir()] == ["thing-1.lock"]
    assert artifact_cache.find_or_build("thing-1", fill).is_dir()


def test_an_incomplete_folder_is_built_again(user_folders: Path) -> None:
    """A folder without a manifest is incomplete: it is not found, and it is replaced."""
    incomplete = user_folders / "cache" / "drydock" / "thing-1"
    incomplete.mkdir(parents=True)
    (incomplete / "rubbish").touch()
    assert artifact_cache.find("thing-1") is None
    assert not (artifact_cache.find_or_build("thing-1", fill) / "rubbish").exists()


def test_leftovers_of_a_killed_builder_are_removed(user_folders: Path) -> None:
    """A temporary folder of an earlier builder is removed: that builder has ended, because we hold its lock."""
    leftover = user_folders / "cache" / "drydock" / "thing-1.new-abc"
    leftover.mkdir(parents=True)
    artifact_cache.find_or_build("thing-1", fill)
    assert not leftover.exists()


def _build_slowly(gate: str, name: str, answers: multiprocessing.Queue[tuple[int, str]]) -> None:
    def build(folder: Path, final: Path) -> None:
        fill(folder, final)
        with Path(gate).open("rb") as stream:  # until the test writes to the gate
            stream.read()

    folder = artifact_cache.find_or_build(name, build)
    answers.put((os.getpid(), (folder / "content" / "disk").read_text()))


def test_two_processes_at_once_build_once(user_folders: Path, tmp_path: Path) -> None:
    """Of two processes that need the same folder at the same time, one builds and the other waits for the result."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    builders = [context.Process(target=_build_slowly, args=(str(gate), "thing-1", queue)) for _ in range(2)]
    for builder in builders:
        builder.start()
    with gate.open("wb") as stream:  # blocks until one of them is building
        stream.write(b"go")
    answers = [queue.get(timeout=60) for _ in builders]
    for builder in builders:
        builder.join(timeout=60)
    queue.close()
    queue.join_thread()
    assert {pid for pid, _ in answers} == {builder.pid for builder in builders}
    assert len({content for _, content in answers}) == 1


def test_a_truncated_file_is_refused(user_folders: Path) -> None:
    """A file with another size than when it was built, or a missing file, is an error that says how to build again."""
    folder = artifact_cache.find_or_build("thing-1", fill)
    artifact_cache.verify(folder)
    file = folder / "content" / "disk"
    os.truncate(file, 3)
    with pytest.raises(BrokenCache) as caught:
        artifact_cache.verify(folder)
    assert "3 bytes now" in caught.value.why
    assert "drydock machine build --again" in caught.value.next
    file.unlink()
    with pytest.raises(BrokenCache, match="is missing now"):
        artifact_cache.verify(folder)


def test_a_missing_folder_is_an_error(user_folders: Path) -> None:
    """When the cache was emptied, the error says what that means for the disk over the base disk."""
    with pytest.raises(BaseDiskMissing) as caught:
        artifact_cache.verify(user_folders / "cache" / "base-0")
    assert "--fresh-disk" in caught.value.next


def test_a_discarded_folder_is_built_again(user_folders: Path) -> None:
    """After `discard`, the next call builds the folder."""
    folder = artifact_cache.find_or_build("thing-1", fill)
    artifact_cache.discard("thing-1")
    assert not folder.exists()
    assert artifact_cache.find_or_build("thing-1", fill) == folder


def test_a_lock_whose_file_was_removed_is_taken_again(tmp_path: Path) -> None:
    """A process that gets a lock after its file was removed locks the file that is at the path then."""
    file = tmp_path / "lock"
    waiting = threading.Thread(target=_hold_until_removed, args=[file])
    with artifact_cache.locked(file):
        waiting.start()
        wait_for(lambda: _waiters(file) == 2, "the thread to wait", seconds=30)
        file.unlink()
    wait_for(file.exists, "the thread to have its lock", seconds=30)
    with file.open("r") as handle:
        assert not artifact_cache.try_lock(handle.fileno())
    file.rename(tmp_path / "done")
    waiting.join(timeout=30)


def _hold_until_removed(file: Path) -> None:
    with artifact_cache.locked(file):
        wait_for(lambda: not file.exists(), "the test", seconds=30)


def _waiters(file: Path) -> int:
    """Return how often a file is open in this process."""
    return sum(os.path.realpath(link) == str(file) for link in Path("/proc/self/fd").iterdir())

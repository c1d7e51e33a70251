"""What is built once and kept."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from drydock.errors import BrokenCache, PartsGone
from drydock.machine.store import artifact_cache


def fill(folder: Path, final: Path) -> None:
    """Build something small that tells who built it and where it will lie."""
    (folder / "inside").mkdir()
    (folder / "inside" / "disk").write_text(f"{os.getpid()} {final}")


def test_key_changes_with_every_part(tmp_path: Path) -> None:
    """Text, bytes and the bytes of a file all count, and so does where one part ends and the next begins."""
    file = tmp_path / "recipe"
    file.write_text("one")
    first = artifact_cache.key(["a", b"b", file])
    assert first == artifact_cache.key(["a", b"b", file])
    assert artifact_cache.key(["ab", file]) != artifact_cache.key(["a", b"b", file])
    file.write_text("two")
    assert artifact_cache.key(["a", b"b", file]) != first
    assert len(first) == 16


def test_made_is_found_and_not_built_again(home: Path) -> None:
    """The first maker builds, the second finds it made, and the builder knows the final place beforehand."""
    assert artifact_cache.made("thing-1") is None
    folder = artifact_cache.make("thing-1", fill)
    assert artifact_cache.made("thing-1") == folder
    assert (folder / "inside" / "disk").read_text() == f"{os.getpid()} {folder}"
    assert artifact_cache.make("thing-1", lambda *_: pytest.fail("it was there")) == folder


def test_a_failed_build_leaves_nothing(home: Path) -> None:
    """When building fails, neither the final nor the temporary folder is there, and the next try starts clean."""

    def fails(folder: Path, final: Path) -> None:
        fill(folder, final)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        artifact_cache.make("thing-1", fails)
    assert [path.name for path in (home / "cache" / "drydock").iterdir()] == ["thing-1.lock"]
    assert artifact_cache.make("thing-1", fill).is_dir()


def test_a_half_made_folder_is_built_anew(home: Path) -> None:
    """A folder without its manifest was never finished, so it is no find."""
    half = home / "cache" / "drydock" / "thing-1"
    half.mkdir(parents=True)
    (half / "rubbish").touch()
    assert artifact_cache.made("thing-1") is None
    assert not (artifact_cache.make("thing-1", fill) / "rubbish").exists()


def test_what_a_killed_builder_left_goes(home: Path) -> None:
    """Nobody else can be at work on it: whoever builds holds the lock."""
    left = home / "cache" / "drydock" / "thing-1.new-abc"
    left.mkdir(parents=True)
    artifact_cache.make("thing-1", fill)
    assert not left.exists()


def _make_slowly(gate: str, name: str, answers: multiprocessing.Queue[tuple[int, str]]) -> None:
    def build(folder: Path, final: Path) -> None:
        fill(folder, final)
        with Path(gate).open("rb") as opened:  # until the test lets us
            opened.read()

    folder = artifact_cache.make(name, build)
    answers.put((os.getpid(), (folder / "inside" / "disk").read_text()))


def test_two_builders_at_once_build_once(home: Path, tmp_path: Path) -> None:
    """Of two processes that want the same at the same time one builds; the other waits and finds it made."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    builders = [context.Process(target=_make_slowly, args=(str(gate), "thing-1", answers)) for _ in range(2)]
    for builder in builders:
        builder.start()
    with gate.open("wb") as opened:  # blocks until one of them is building
        opened.write(b"go")
    said = [answers.get(timeout=60) for _ in builders]
    for builder in builders:
        builder.join(timeout=60)
    answers.close()
    answers.join_thread()
    assert {pid for pid, _ in said} == {builder.pid for builder in builders}
    assert len({text for _, text in said}) == 1


def test_a_file_cut_short_is_refused(home: Path) -> None:
    """A file with another length than when it was built, or none, is named with what to do about it."""
    folder = artifact_cache.make("thing-1", fill)
    artifact_cache.verify(folder)
    file = folder / "inside" / "disk"
    os.truncate(file, 3)
    with pytest.raises(BrokenCache, match=r"disk, part of .* damaged") as caught:
        artifact_cache.verify(folder)
    assert "has 3 now" in caught.value.why
    assert "drydock machine build --again" in caught.value.next
    file.unlink()
    with pytest.raises(BrokenCache, match="is gone now"):
        artifact_cache.verify(folder)


def test_a_folder_that_is_gone_is_said_to_be(home: Path) -> None:
    """Whoever emptied the cache hears that the base is gone, and what that means for the disk over it."""
    with pytest.raises(PartsGone, match="is gone") as caught:
        artifact_cache.verify(home / "cache" / "base-0")
    assert "--fresh-disk" in caught.value.next


def test_discarded_is_built_again(home: Path) -> None:
    """After `discard` the next maker builds."""
    folder = artifact_cache.make("thing-1", fill)
    artifact_cache.discard("thing-1")
    assert not folder.exists()
    assert artifact_cache.make("thing-1", fill) == folder

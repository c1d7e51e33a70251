"""The course in a folder of a person's own: files are added and brought up to date, and a changed file is kept.

A manifest in the folder has the hash of each file as it was placed. It shows which files a person has changed since:
those stay, and a newer version is placed beside them. A file that nobody changed is replaced.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from drydock.core.files import replacing, write_atomically
from drydock.errors import CourseNotPlaced
from drydock.learn.course_folder import is_course

#: The hashes of what was placed; a leading dot keeps the file out of JupyterLab's file browser.
MANIFEST = ".drydock-files.json"
#: What programs leave beside the files of a course, and nobody else needs.
_LEFT_BY_PROGRAMS = {".ipynb_checkpoints", "__pycache__", ".DS_Store", MANIFEST}
_LEFT_BY_PROGRAMS |= {".drydock-progress.json", ".drydock-progress.json.broken"}
#: What lessons, their readers and `drydock lab` make in the folder of the lessons; an assignment may have such names.
_MADE_BY_LESSONS = ("my-*", "ship.tar", "START.md", "cheat-sheet.md", "notes.md", "term-index.md")


@dataclass
class Placed:
    """What placing did, by path from the folder: files ``added`` and ``updated``, and changed files that were kept.

    ``beside`` maps each kept file that has a newer version to the path of that version.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)


def place(source: Path, target: Path) -> Placed:
    """Copy the files of ``source`` into ``target``; a file that a person wrote or changed is never written to.

    Raises :class:`~drydock.errors.CourseNotPlaced` when the folder can't be written.
    """
    placed = Placed()
    try:
        target.mkdir(parents=True, exist_ok=True)
        hashes = _read_manifest(target)
        try:
            for path in files_of(source):
                _place_file(source, target, path, hashes, placed)
        finally:
            write_atomically(target / MANIFEST, json.dumps(hashes, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        raise CourseNotPlaced(target, str(error)) from error
    return placed


def is_placed(folder: Path) -> bool:
    """Return whether :func:`place` has filled the folder."""
    return (folder / MANIFEST).is_file()


def files_of(source: Path) -> Iterator[str]:
    """Yield the paths of the files below a folder, sorted, without what programs, lessons and students make there."""
    made = _MADE_BY_LESSONS if is_course(source) else ()
    for path in sorted(source.rglob("*")):
        parts = path.relative_to(source).parts
        if path.is_file() and _LEFT_BY_PROGRAMS.isdisjoint(parts) and not any(fnmatchcase(parts[0], p) for p in made):
            yield "/".join(parts)


def _place_file(source: Path, target: Path, path: str, hashes: dict[str, str], placed: Placed) -> None:
    wanted, current = _hash(source / path), _hash_at(target / path)
    if current is None:
        _copy(source / path, target / path)
        placed.added.append(path)
    elif current == wanted or hashes.get(path) == wanted:
        pass  # it is up to date, or a person has changed it and there is no newer version
    elif current == hashes.get(path):
        _copy(source / path, target / path)
        placed.updated.append(path)
    else:
        beside = _free_name(target, path, wanted, hashes)
        _copy(source / path, target / beside)
        hashes[beside] = wanted
        placed.beside[path] = beside
    hashes[path] = wanted


def _free_name(target: Path, path: str, wanted: str, hashes: dict[str, str]) -> str:
    """Return a name for a newer version: unused, or used for an earlier one that nobody changed."""
    number = 0
    while True:
        number += 1
        new = "new" if number == 1 else f"new{number}"
        name = Path(path).with_name(f"{Path(path).stem}.{new}{Path(path).suffix}").as_posix()
        if _hash_at(target / name) in (None, wanted, hashes.get(name)):
            return name


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _hash_at(path: Path) -> str | None:
    """Return the hash of the file at a path; None for nothing, and for a folder or a link what no file has."""
    if path.is_symlink() or path.is_dir():
        return ""
    return _hash(path) if path.exists() else None


def _copy(source: Path, target: Path) -> None:
    """Copy a file that its owner can write, and run if the source is a program."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as temporary:
        temporary.write_bytes(source.read_bytes())
    if os.access(source, os.X_OK):
        target.chmod(target.stat().st_mode | 0o111)


def _read_manifest(target: Path) -> dict[str, str]:
    try:
        hashes = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # without one, every file that differs counts as changed by a person
        return {}
    return {str(path): str(digest) for path, digest in hashes.items()} if isinstance(hashes, dict) else {}

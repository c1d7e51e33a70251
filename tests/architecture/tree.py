"""The files of the repository, committed or not, as the architecture tests read them."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files(root: Path = ROOT) -> tuple[Path, ...]:
    """Return every file that is in the repository or would be after the next commit."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=root, stdout=subprocess.PIPE, check=True).stdout.decode()
    return tuple(sorted(root / name for name in listed.split("\0") if name and (root / name).is_file()))


def below(folder: str, pattern: str) -> list[Path]:
    """Return the repository's files below a folder whose path matches a pattern."""
    return [path for path in files() if (ROOT / folder) in path.parents and path.match(pattern)]


def folders(parent: str) -> set[str]:
    """Return the names of the folders directly in a folder that contain a file of the repository."""
    inside = [path.relative_to(ROOT / parent).parts for path in below(parent, "*")]
    return {parts[0] for parts in inside if len(parts) > 1}


def name(path: Path) -> str:
    """Return a file's path from the root, with slashes."""
    return path.relative_to(ROOT).as_posix()


def shell_scripts() -> list[Path]:
    """Return the files whose first line names a shell as their interpreter."""
    shells = (b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash", b"#!/usr/bin/env sh")
    return [path for path in files() if path.read_bytes()[:32].startswith(shells)]

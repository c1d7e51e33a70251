"""What no file may name: a package registry's host, a path of the computer it was written on."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tests.architecture.tree import ROOT, files, name

# Package tools know their defaults, and a mirror set up on a computer must be able to stand in for them. (The
# brackets keep this file from naming what it forbids.)
REGISTRY = re.compile(r"[a-z0-9-]+\.(?:[d]ebian|[u]buntu)\.(?:org|com)|[p]ypi\.(?:org|python)|[p]ythonhosted|[n]pmjs\.")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Every line of the repository's texts that a pattern is found in, with its file and number."""
    found = []
    for path in files():
        text = path.read_bytes().decode(errors="replace")
        rows = enumerate(text.splitlines(), 1) if pattern.search(text) else ()
        found += [f"{name(path)}:{number}: {row.strip()[:120]}" for number, row in rows if pattern.search(row)]
    return found


def test_no_registry_is_named() -> None:
    """No file names the host of a package registry; in the locks, hashes say what is meant."""
    assert lines_with(REGISTRY) == []


def test_the_pattern_knows_registries() -> None:
    """The pattern finds the usual hosts, so that the test above means something."""
    hosts = [("deb", "debian", "org"), ("archive", "ubuntu", "com"), ("registry", "npmjs", "org"), ("pypi", "org")]
    assert all(REGISTRY.search(f"https://{'.'.join(host)}/simple") for host in hosts)


def test_no_path_of_this_computer_is_named() -> None:
    """No file names the folder the repository lies in, nor the home of who works on it."""
    # A folder directly under / (/home, /root, /work) is on many computers and in containers: it tells nothing of this.
    here = {path for path in (ROOT, ROOT.parent, Path.home()) if len(path.parts) > 2} - {Path(tempfile.gettempdir())}
    named = "|".join(re.escape(f"{folder}/") for folder in sorted(here))
    # Not images/debian/root/etc, which is no path from the root of a file system.
    assert lines_with(re.compile(rf"(?<![\w.}}])(?:{named})")) == []

"""No file names the host of a package registry, or a path of the computer it was written on."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tests.architecture.tree import ROOT, files, name

# Package tools know their default hosts, and a computer may be configured to use a mirror instead. (The brackets in the
# pattern keep this file from naming the hosts that it forbids.)
REGISTRY = re.compile(r"[a-z0-9-]+\.(?:[d]ebian|[u]buntu)\.(?:org|com)|[p]ypi\.(?:org|python)|[p]ythonhosted|[n]pmjs\.")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Return each line of the repository's text files that matches a pattern, with its file and number."""
    lines = []
    for path in files():
        text = path.read_bytes().decode(errors="replace")
        rows = enumerate(text.splitlines(), 1) if pattern.search(text) else ()
        lines += [f"{name(path)}:{number}: {row.strip()[:120]}" for number, row in rows if pattern.search(row)]
    return lines


def test_no_registry_is_named() -> None:
    """No file names the host of a package registry; lock files identify packages by their hashes."""
    assert lines_with(REGISTRY) == []


def test_the_pattern_matches_registries() -> None:
    """The pattern matches the usual hosts, so the test above can fail."""
    hosts = [("deb", "debian", "org"), ("archive", "ubuntu", "com"), ("registry", "npmjs", "org"), ("pypi", "org")]
    assert all(REGISTRY.search(f"https://{'.'.join(host)}/simple") for host in hosts)


def test_no_path_of_this_computer_is_named() -> None:
    """No file names the folder of the repository or the home folder of the user."""
    # A folder directly under / (/home, /root, /work) exists on many computers and in containers, so it is allowed.
    here = {path for path in (ROOT, ROOT.parent, Path.home()) if len(path.parts) > 2} - {Path(tempfile.gettempdir())}
    named = "|".join(re.escape(f"{folder}/") for folder in sorted(here))
    # A relative path such as images/debian/root/etc is allowed.
    assert lines_with(re.compile(rf"(?<![\w.}}])(?:{named})")) == []

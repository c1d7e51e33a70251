"""Debian packages from Debian's archive, chosen and downloaded by apt, as an ordinary user and installed nowhere."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drydock.core.command import require, run

#: The Debian release all images are made from.
SUITE = "trixie"


class AptRoot:
    """An empty apt of the release, in a folder of its own: it knows the archive and has nothing installed."""

    def __init__(self, folder: Path) -> None:
        self._root = folder / "apt"
        self._config = folder / "apt.conf"
        self._archives = folder / "archives"
        (self._archives / "partial").mkdir(parents=True)
        # mmdebstrap knows the release's sources and keys; asked for no package it only sets apt up.
        # apt's configuration is copied out because it is gone when mmdebstrap ends.
        hook = f'--extract-hook=cp "$MMDEBSTRAP_APT_CONFIG" "{self._config}"'
        program = require(["mmdebstrap"], "make images from Debian packages")["mmdebstrap"]
        options = ["--mode=chrootless", "--variant=extract", "--skip=cleanup", "--quiet", hook]
        run([program, *options, SUITE, self._root], env={**os.environ, "TMPDIR": str(folder)}, timeout=600)

    def sources(self) -> bytes:
        """The list of sources that mmdebstrap wrote, for an image that has apt."""
        return (self._root / "etc/apt/sources.list").read_bytes()

    def fetch(self, packages: list[str], status: bytes) -> list[Path]:
        """Download what is needed to have ``packages`` where ``status`` (dpkg's) is installed; sorted by name."""
        installed = self._root.parent / "status"
        installed.write_bytes(status)
        for old in self._archives.glob("*.deb"):
            old.unlink()
        settings = {
            "Dir::State::Status": installed,
            "Dir::Cache::Archives": self._archives,
            "APT::Sandbox::User": "root",  # the folder is ours alone, so no other user could write there
            "APT::Install-Recommends": "false",
            "Acquire::Retries": "3",
        }
        options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        words = ["apt-get", *options, "--quiet", "--yes", "--download-only", "install", *packages]
        run(words, env={**os.environ, "APT_CONFIG": str(self._config), "LC_ALL": "C"}, timeout=1200)
        return sorted(self._archives.glob("*.deb"))


@contextmanager
def shelf() -> Iterator[AptRoot]:
    """A shelf in a temporary folder, gone with what was downloaded when left."""
    with tempfile.TemporaryDirectory(prefix="drydock-apt-") as folder:
        yield AptRoot(Path(folder))

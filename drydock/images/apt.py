"""Debian packages from Debian's archive, resolved and downloaded by apt as an ordinary user, and not installed."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drydock.core.command import require, run
from drydock.errors import ImagesNeedLinux

#: The Debian release that all images are made from.
SUITE = "trixie"


class AptRoot:
    """A root folder for apt, set up for the release in ``folder``, with no package installed in it."""

    def __init__(self, folder: Path) -> None:
        self._root = folder / "apt"
        self._config = folder / "apt.conf"
        self._archives = folder / "archives"
        (self._archives / "partial").mkdir(parents=True)
        if platform.system() != "Linux":
            raise ImagesNeedLinux(platform.system())
        # mmdebstrap knows the release's sources and keys; without packages to install it only sets up apt.
        # It removes apt's configuration when it ends, so the hook copies the file.
        hook = f'--extract-hook=cp "$MMDEBSTRAP_APT_CONFIG" "{self._config}"'
        program = require(["mmdebstrap"], "make images from Debian packages")["mmdebstrap"]
        options = ["--mode=chrootless", "--variant=extract", "--skip=cleanup", "--quiet", hook]
        run([program, *options, SUITE, self._root], env={**os.environ, "TMPDIR": str(folder)}, timeout=600)

    def sources(self) -> bytes:
        """Return the ``sources.list`` that mmdebstrap wrote, for an image that has apt."""
        return (self._root / "etc/apt/sources.list").read_bytes()

    def fetch(self, packages: list[str], status: bytes) -> list[Path]:
        """Download ``packages`` and their dependencies that are not installed yet; return the files, sorted by name.

        ``status`` is the content of the dpkg status file that lists the installed packages.
        """
        installed = self._root.parent / "status"
        installed.write_bytes(status)
        for old in self._archives.glob("*.deb"):
            old.unlink()
        settings = {
            "Dir::State::Status": installed,
            "Dir::Cache::Archives": self._archives,
            "APT::Sandbox::User": "root",  # no other user, such as _apt, can write to our private folder
            "APT::Install-Recommends": "false",
            "Acquire::Retries": "3",
        }
        options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        argv = ["apt-get", *options, "--quiet", "--yes", "--download-only", "install", *packages]
        run(argv, env={**os.environ, "APT_CONFIG": str(self._config), "LC_ALL": "C"}, timeout=1200)
        return sorted(self._archives.glob("*.deb"))


@contextmanager
def temporary_apt() -> Iterator[AptRoot]:
    """Yield an :class:`AptRoot` in a temporary folder, which is removed with its downloads at the end."""
    with tempfile.TemporaryDirectory(prefix="drydock-apt-") as folder:
        yield AptRoot(Path(folder))

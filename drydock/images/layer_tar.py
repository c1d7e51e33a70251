"""Writing ``layer.tar``: the files of Debian packages as dpkg would have unpacked them, in a fixed order.

No file is unpacked on this computer, so an ordinary user can make files that belong to root, and the same packages
always give the same bytes. The packages' maintainer scripts run later, in the image, by ``dpkg --configure``.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO

from drydock.images.deb_package import DebPackage
from drydock.images.recipe import files_of

#: The modification time of our own files, fixed for reproducible layers: 2025-01-01 in seconds since 1970.
EPOCH = 1_735_689_600

#: Since Debian 12 these are links into /usr; a path that starts with one is written to the link's target.
_USR_MERGED = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")


class Layer:
    """A layer's tar archive that is being written.

    ``slim`` has dpkg's ``path-exclude`` and ``path-include`` lines: the files to leave out.
    """

    def __init__(self, tar: tarfile.TarFile, slim: str) -> None:
        self._tar = tar
        self._names: set[str] = set()
        lines = (line.split(None, 1) for line in slim.splitlines() if line.startswith("path-"))
        self._rules = [(word == "path-include", pattern) for word, pattern in lines]

    def add(self, name: str, data: bytes, mode: int = 0o644) -> None:
        """Add a file that belongs to root, unless the layer has a file of that name already."""
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = len(data), mode, EPOCH
        self._write(info, io.BytesIO(data))

    def add_folder(self, folder: Path, prefix: str = "") -> None:
        """Add a folder's files; they belong to root and keep only the executable bit of their modes."""
        for path in files_of(folder):
            name = str(PurePosixPath(prefix, path.relative_to(folder)))
            if self._is_included(f"/{name}"):
                self.add(name, path.read_bytes(), 0o755 if path.stat().st_mode & 0o100 else 0o644)

    def add_packages(self, debs: Iterable[DebPackage], *, database: bool) -> str:
        """Add the packages' files and, with ``database``, the files with which the image's dpkg configures them.

        Return the text that dpkg's status file gains by it.
        """
        stanzas, preinsts, triggers = [], "", dict[str, list[str]]()
        for deb in debs:
            conffiles = self._add_files(deb, database)
            stanzas.append(deb.stanza + conffiles)
            preinsts += f"{deb.entry}\n" if "preinst" in deb.control else ""
            for name, line in _interests(deb):
                triggers.setdefault(name, []).append(line)
        if database:
            unpacked = "".join(_with_status(stanza, "unpacked") for stanza in stanzas)
            self.add("var/lib/dpkg/unpacked.d/status", unpacked.encode())
            self.add("var/lib/dpkg/unpacked.d/preinst", preinsts.encode())
            for name, lines in triggers.items():
                self.add(f"var/lib/dpkg/unpacked.d/triggers/{name}", "".join(lines).encode())
            self.add("var/lib/dpkg/info/format", b"1\n")
        return "".join(_with_status(stanza, "installed") for stanza in stanzas)

    def _add_files(self, deb: DebPackage, database: bool) -> str:
        """Add one package's files; return the lines about its configuration files for dpkg's status file."""
        conffiles = {line for line in deb.control.get("conffiles", b"").decode().split() if line.startswith("/")}
        hashes, paths = [], []
        with deb.files() as files:
            for member in files:
                path = member.name.removeprefix(".").rstrip("/")
                paths.append(path or "/.")
                if path in conffiles:
                    hashes.append(f"\n {path} {_md5(files, member)}")
                if path and self._is_included(path):
                    self._copy(files, member)
        if database:
            self._add_entry(deb, paths)
        return "\nConffiles:" + "".join(hashes) if hashes else ""

    def _add_entry(self, deb: DebPackage, paths: list[str]) -> None:
        self.add(f"var/lib/dpkg/info/{deb.entry}.list", "".join(f"{path}\n" for path in paths).encode())
        for name, data in sorted(deb.control.items()):
            mode = 0o755 if data.startswith(b"#!") else 0o644
            self.add(f"var/lib/dpkg/info/{deb.entry}.{name}", data, mode)

    def _copy(self, files: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        member.name = _usr_merged(member.name)
        member.linkname = _usr_merged(member.linkname) if member.islnk() else member.linkname
        member.pax_headers = {}
        self._write(member, files.extractfile(member) if member.isfile() else None)

    def _write(self, info: tarfile.TarInfo, data: IO[bytes] | None = None) -> None:
        if info.name in self._names:
            return
        self._names.add(info.name)
        parent = str(PurePosixPath(info.name).parent)
        if parent != ".":  # Docker would create a folder that the tar does not list with a mode of its own choice
            folder = tarfile.TarInfo(parent)
            folder.type, folder.mode, folder.mtime = tarfile.DIRTYPE, 0o755, EPOCH
            self._write(folder)
        self._tar.addfile(info, data)

    def _is_included(self, path: str) -> bool:
        """Return whether the last pattern that matches the path, as in dpkg, is an include (or none matches)."""
        included = True
        for include, pattern in self._rules:
            included = include if fnmatchcase(path, pattern) else included
        return included


def _usr_merged(name: str) -> str:
    path = name.removeprefix("./").rstrip("/")
    first, slash, _ = path.partition("/")
    return f"usr/{path}" if slash and first in _USR_MERGED else path


def _md5(files: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = files.extractfile(member)
    return hashlib.md5(file.read() if file else b"", usedforsecurity=False).hexdigest()


def _with_status(stanza: str, state: str) -> str:
    first, rest = stanza.split("\n", 1)
    return f"{first}\nStatus: install ok {state}\n{rest}\n\n"


def _interests(deb: DebPackage) -> Iterable[tuple[str, str]]:
    """Yield (file, line) for each trigger of a package: what dpkg writes to its triggers folder while unpacking."""
    for line in deb.control.get("triggers", b"").decode().splitlines():
        word, _, name = line.partition("#")[0].strip().partition(" ")
        if word.startswith("interest"):
            package = deb.name + ("/noawait" if word == "interest-noawait" else "")
            yield ("File", f"{name} {package}\n") if name.startswith("/") else (name, f"{package}\n")

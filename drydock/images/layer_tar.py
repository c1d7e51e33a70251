"""Writes ``layer.tar``: the files of Debian packages as dpkg would have unpacked them, one after the other.

No file is unpacked on this computer, so nobody needs to be root to give a file to root, and two runs over the
same packages write the same bytes. The packages' own scripts run later, in the image, by ``dpkg --configure``.
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

#: The time given to files of ours: any fixed one would do. 2025-01-01, seconds since 1970.
EPOCH = 1_735_689_600

#: Since Debian 12 these are links into /usr; a path through one is written to where it leads.
_MERGED = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")


class Layer:
    """A tar under way. ``slim`` has dpkg's ``path-exclude`` and ``path-include`` lines: what to leave out."""

    def __init__(self, tar: tarfile.TarFile, slim: str) -> None:
        self._tar = tar
        self._seen: set[str] = set()
        lines = (line.split(None, 1) for line in slim.splitlines() if line.startswith("path-"))
        self._rules = [(word == "path-include", pattern) for word, pattern in lines]

    def add(self, name: str, data: bytes, mode: int = 0o644) -> None:
        """A file of root's; a name that is taken already keeps what it has."""
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = len(data), mode, EPOCH
        self._write(info, io.BytesIO(data))

    def add_folder(self, folder: Path, prefix: str = "") -> None:
        """A folder's files, owned by root, with only the executable bit of their modes kept."""
        for path in files_of(folder):
            name = str(PurePosixPath(prefix, path.relative_to(folder)))
            if self._wanted(f"/{name}"):
                self.add(name, path.read_bytes(), 0o755 if path.stat().st_mode & 0o100 else 0o644)

    def add_packages(self, debs: Iterable[DebPackage], *, database: bool) -> str:
        """The packages' files and, for an image that has dpkg, the database that lets it configure them.

        Returns what dpkg's status file says once it did.
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
            for name, found in triggers.items():
                self.add(f"var/lib/dpkg/unpacked.d/triggers/{name}", "".join(found).encode())
            self.add("var/lib/dpkg/info/format", b"1\n")
        return "".join(_with_status(stanza, "installed") for stanza in stanzas)

    def _add_files(self, deb: DebPackage, database: bool) -> str:
        """One package; returns the status file's lines about its configuration files."""
        conffiles = {line for line in deb.control.get("conffiles", b"").decode().split() if line.startswith("/")}
        hashes, paths = [], []
        with deb.files() as files:
            for member in files:
                path = member.name.removeprefix(".").rstrip("/")
                paths.append(path or "/.")
                if path in conffiles:
                    hashes.append(f"\n {path} {_md5(files, member)}")
                if path and self._wanted(path):
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
        member.name = _merged(member.name)
        member.linkname = _merged(member.linkname) if member.islnk() else member.linkname
        member.pax_headers = {}
        self._write(member, files.extractfile(member) if member.isfile() else None)

    def _write(self, info: tarfile.TarInfo, data: IO[bytes] | None = None) -> None:
        if info.name in self._seen:
            return
        self._seen.add(info.name)
        above = str(PurePosixPath(info.name).parent)
        if above != ".":  # a folder nobody listed, or left out as slim, would be made with any mode
            folder = tarfile.TarInfo(above)
            folder.type, folder.mode, folder.mtime = tarfile.DIRTYPE, 0o755, EPOCH
            self._write(folder)
        self._tar.addfile(info, data)

    def _wanted(self, path: str) -> bool:
        """As for dpkg, the last pattern that matches decides."""
        verdict = True
        for include, pattern in self._rules:
            verdict = include if fnmatchcase(path, pattern) else verdict
        return verdict


def _merged(name: str) -> str:
    path = name.removeprefix("./").rstrip("/")
    first, slash, _ = path.partition("/")
    return f"usr/{path}" if slash and first in _MERGED else path


def _md5(files: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = files.extractfile(member)
    return hashlib.md5(file.read() if file else b"", usedforsecurity=False).hexdigest()


def _with_status(stanza: str, state: str) -> str:
    first, rest = stanza.split("\n", 1)
    return f"{first}\nStatus: install ok {state}\n{rest}\n\n"


def _interests(deb: DebPackage) -> Iterable[tuple[str, str]]:
    """A package's triggers as (file, line) of dpkg's triggers folder, as its unpacking would have noted them."""
    for line in deb.control.get("triggers", b"").decode().splitlines():
        word, _, name = line.partition("#")[0].strip().partition(" ")
        if word.startswith("interest"):
            who = deb.name + ("/noawait" if word == "interest-noawait" else "")
            yield ("File", f"{name} {who}\n") if name.startswith("/") else (name, f"{who}\n")

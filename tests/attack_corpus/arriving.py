"""Arriving: uploads and folders that take somebody else's place, or stop the program that collects them.

Each is a function that puts its files where a learning platform or nbgrader's exchange would: ``uploads`` has what was
downloaded, ``submitted`` a folder for each student. Ada is an honest student; Mallory uploads the rest.
"""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

MALLORY = b'{"cells": [], "metadata": {"by": "mallory"}, "nbformat": 4, "nbformat_minor": 5}'
_LATER = "20991231T235959Z"


class Arrival(NamedTuple):
    """What is tried, the layer that stops it, and the function that does it."""

    tries: str
    layer: str
    put: Callable[[Path, Path], None]
    combined: bool = False


def _zip(file: Path, *members: tuple[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data)


def _tar(file: Path, *links: tuple[str, bytes, str]) -> None:
    with tarfile.open(file, "w:gz") as archive:
        for name, kind, target in links:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, target
            archive.addfile(entry)


def _folder(submitted: Path, student: str) -> Path:
    folder = submitted / student / "service"
    folder.mkdir(parents=True)
    return folder


def anothers_name(uploads: Path, submitted: Path) -> None:
    """The platform puts Mallory's name before a zip that is called Ada's."""
    _zip(uploads / f"Mallory Mean_77_assignsubmission_file_service_ada_{_LATER}.zip", ("service.ipynb", MALLORY))


def other_letters(uploads: Path, submitted: Path) -> None:
    """A name looks like Ada's, in letters of another alphabet."""
    _zip(uploads / f"service_\u0430da_{_LATER}.zip", ("service.ipynb", MALLORY))


def name_of_a_folder(uploads: Path, submitted: Path) -> None:
    """A student is called as the parent folder is."""
    for number, name in enumerate(("..", ".", "ada+..", "-rf", "%2e%2e")):
        _zip(uploads / f"service_{name}_{_LATER}{number}.zip", ("service.ipynb", MALLORY))
        _zip(uploads / f"service_{name}_{_LATER}.zip", ("service.ipynb", MALLORY))


def climbing(uploads: Path, submitted: Path) -> None:
    """Names in a zip lead to Ada's folder."""
    for number, name in enumerate(("../../ada/service/service.ipynb", "/tmp/../service.ipynb", "a\\..\\..\\x.ipynb")):
        _zip(uploads / f"service_climb{number}_{_LATER}.zip", ("service.ipynb", MALLORY), (name, MALLORY))


def links_in_a_tar(uploads: Path, submitted: Path) -> None:
    """A tar has links where the work should be."""
    for number, kind in enumerate((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)):
        _tar(
            uploads / f"service_tar{number}_{_LATER}.tar.gz",
            ("service.ipynb", kind, "../../ada/service/service.ipynb"), ("x", tarfile.SYMTYPE, "/"),
        )  # fmt: skip


def unpacks_to_much(uploads: Path, submitted: Path) -> None:
    """A small zip has half a gigabyte in it, another one more files than anybody has."""
    _zip(uploads / f"service_bomb_{_LATER}.zip", ("service.ipynb", MALLORY), ("zeros", bytes(500 << 20)))
    _zip(uploads / f"service_many_{_LATER}.zip", *((f"f{number}", b"") for number in range(20_000)))


def zips_in_zips(uploads: Path, submitted: Path) -> None:
    """A zip has a zip in it, and so on."""
    data = MALLORY
    for level in range(40):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("service.ipynb" if level == 0 else "inner.zip", data)
        data = file.getvalue()
    (uploads / f"service_nested_{_LATER}.zip").write_bytes(data)


def lying_headers(uploads: Path, submitted: Path) -> None:
    """The two headers of each member of a zip name other sizes, names and methods."""
    file = uploads / f"service_lying_{_LATER}.zip"
    _zip(file, ("service.ipynb", MALLORY), ("other", bytes(1000)))
    data = bytearray(file.read_bytes())
    for place in (18, 22, 26, len(data) - 30, len(data) - 12):
        data[place] ^= 0xFF
    file.write_bytes(data)


def time_of_its_own(uploads: Path, submitted: Path) -> None:
    """A zip has the files in it that collecting writes: a time, a secret, a claim."""
    members = [("service.ipynb", MALLORY), ("timestamp.txt", b"1970-01-01 00:00:00"), ("submission_secret.txt", b"x")]
    _zip(uploads / f"service_stamped_{_LATER}.zip", *members)


def link_to_a_neighbour(uploads: Path, submitted: Path) -> None:
    """A link to Ada's notebook stands for the work."""
    (_folder(submitted, "linked") / "service.ipynb").symlink_to("../../ada/service/service.ipynb")


def folder_of_a_neighbour(uploads: Path, submitted: Path) -> None:
    """A link to Ada's folder stands for the folder, and another one for a folder in it."""
    (submitted / "linked-folder").mkdir()
    (submitted / "linked-folder" / "service").symlink_to("../ada/service")
    (_folder(submitted, "inner-link") / "service").symlink_to("../../ada/service")


def pipes_and_devices(uploads: Path, submitted: Path) -> None:
    """A pipe that nobody writes to stands for the work."""
    os.mkfifo(_folder(submitted, "pipe") / "service.ipynb")
    folder = _folder(submitted, "pipes")
    (folder / "service.ipynb").write_bytes(MALLORY)
    os.mkfifo(folder / "timestamp.txt")
    (folder / "zeros").symlink_to("/dev/zero")
    (folder / "service (1).ipynb").mkdir()


def name_of_no_text(uploads: Path, submitted: Path) -> None:
    """Names of files are no text, or act in a terminal."""
    folder = _folder(submitted, "unnamed")
    (folder / "service.ipynb").write_bytes(MALLORY)
    for name in (b"bad\xff.txt", b"\x1b[2J", b"a\nb", b"\xed\xa0\x80.ipynb"):
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + name))).write_bytes(b"x")


def sparse_notebook(uploads: Path, submitted: Path) -> None:
    """A notebook of a terabyte takes no space, and so does a file beside another one."""
    for student, name in (("sparse", "service.ipynb"), ("beside", "data.bin")):
        folder = _folder(submitted, student)
        (folder / "service.ipynb").write_bytes(MALLORY)
        with (folder / name).open("r+b" if name == "service.ipynb" else "wb") as file:
            file.truncate(1 << 40)


def name_and_link(uploads: Path, submitted: Path) -> None:
    """A tar in Ada's name, uploaded by Mallory, has a link to Ada's notebook for its work."""
    _tar(
        uploads / f"Mallory Mean_78_assignsubmission_file_service_ada_{_LATER}.tar.gz",
        ("service.ipynb", tarfile.SYMTYPE, "../../ada/service/service.ipynb"),
    )


_NAMES, _ARCHIVES, _FOLDERS = "names of the platform count", "an archive is read whole first", "nothing is followed"
ARRIVALS = {
    "anothers-name": Arrival("Uploads a zip in another student's name, of a later date.", _NAMES, anothers_name),
    "other-letters": Arrival("Is called as another student, in other letters.", _NAMES, other_letters),
    "name-of-a-folder": Arrival("Is called `..`, so that its folder is another one.", _NAMES, name_of_a_folder),
    "climbing": Arrival("Uploads a zip whose names lead to another student's folder.", _ARCHIVES, climbing),
    "links-in-a-tar": Arrival("Uploads a tar with links, pipes and devices for work.", _ARCHIVES, links_in_a_tar),
    "unpacks-to-much": Arrival("Uploads zips that unpack to too much and too many.", _ARCHIVES, unpacks_to_much),
    "zips-in-zips": Arrival("Uploads a zip with forty zips in each other.", _ARCHIVES, zips_in_zips),
    "lying-headers": Arrival("Uploads a zip whose headers contradict each other.", _ARCHIVES, lying_headers),
    "time-of-its-own": Arrival("Uploads the files in which collecting keeps times.", _NAMES, time_of_its_own),
    "link-to-a-neighbour": Arrival("Submits a link to another student's notebook.", _FOLDERS, link_to_a_neighbour),
    "folder-of-a-neighbour": Arrival("Submits a link to another student's folder.", _FOLDERS, folder_of_a_neighbour),
    "pipes": Arrival("Submits a pipe, which a reader would wait for.", _FOLDERS, pipes_and_devices),
    "name-of-no-text": Arrival("Submits files whose names are no text.", _FOLDERS, name_of_no_text),
    "sparse-notebook": Arrival("Submits a terabyte that takes no space.", _FOLDERS, sparse_notebook),
    "name-and-link": Arrival(
        "Combines two: a tar in another's name, with a link to their notebook.", _NAMES, name_and_link, combined=True
    ),
}

"""What an image comes to: all its files and settings, so that two images can be held against each other.

Nothing of the image runs for it: the files come out of a container that is never started.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Iterable, Mapping
from typing import IO, Any, cast

from docker.models.images import Image

from autograder.checks.context import CheckContext
from autograder.errors import TooLarge
from autograder.execution.archive_members import members
from autograder.probes.container_probe import created
from autograder.probes.image_layers import Stream

#: Bytes of all files, and of all their names.
_LIMIT, _NAMES_LIMIT = 2 << 30, 32 << 20
#: What is another each time, and means nothing: logs, caches, the day on which a password was set.
_FLEETING = re.compile(
    r"(var/log|var/cache|var/lib/apt|tmp|var/tmp|run|dev|proc|sys)/.*|etc/(shadow|gshadow|passwd|group|subuid|subgid)-"
    r"|etc/g?shadow|etc/(hostname|hosts|resolv\.conf|mtab|machine-id)|\.dockerenv|.*/__pycache__/.*|.*dpkg/status-old"
)
_SETTINGS = ("User", "WorkingDir", "Cmd", "Entrypoint")
_FLEETING_LABELS = ("io.drydock.", "org.opencontainers.image.created", "com.docker.")
_USUAL_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

Contents = Mapping[str, str]


def contents(context: CheckContext, image: Image) -> Contents:
    """Each file with its kind, mode, owner and digest, and each setting; of a student's image."""
    with created(context, image, command=["none"]) as container:
        archive: Any = container.export()  # its type says that it is text
        return {**files(archive), **settings(image)}


def files(archive: Iterable[bytes], limit: int = _LIMIT) -> dict[str, str]:
    """What is in an archive of files; more than ``limit`` raises :class:`~autograder.errors.TooLarge`."""
    contents, size = {}, 0
    for member, content in members(cast(IO[bytes], Stream(archive, limit)), limit):
        if not _FLEETING.fullmatch(member.name):
            contents[f"/{member.name}"] = _described(member, content)
            size += len(member.name) + len(member.linkname)
            if size > _NAMES_LIMIT:
                raise TooLarge("The list of the image's files", _NAMES_LIMIT)
    return contents


def settings(image: Image) -> dict[str, str]:
    """Return the settings with which the image runs, as ``docker inspect`` shows them."""
    config: dict[str, Any] = image.attrs.get("Config") or {}  # an image that was made by hand may have none
    values = {name: repr(config.get(name) or "") for name in _SETTINGS}
    for pair in config.get("Env") or ():
        if pair != _USUAL_PATH:
            values[f"Env {pair.partition('=')[0]}"] = pair
    for name, value in (config.get("Labels") or {}).items():
        if not name.startswith(_FLEETING_LABELS):
            values[f"Label {name}"] = str(value)
    return values


def differences(first: Contents, second: Contents) -> list[str]:
    """What is not the same in both, by name."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def _described(member: tarfile.TarInfo, content: IO[bytes] | None) -> str:
    digest = hashlib.sha256()
    if content:
        while block := content.read(1 << 20):
            digest.update(block)
    return f"{member.type!r} {member.mode:o} {member.uid}:{member.gid} {member.linkname} {digest.hexdigest()}"

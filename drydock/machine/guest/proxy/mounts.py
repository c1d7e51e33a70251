"""The mounts of a container of the submission: volumes, tmpfs, and folders of the student's work.

No path of the submission reaches the daemon. A path in a work folder becomes the folder's volume and a subpath
(``VolumeOptions.Subpath`` of the Engine API 1.45). The daemon resolves the subpath when the container starts, and no
link in it leads out of the volume. A path is cleaned as text first, as the daemon cleans ``Binds``.
"""

from __future__ import annotations

import posixpath
import re

from drydock.machine.guest.proxy.identifiers import NAME, container_path, labels, volume
from drydock.machine.guest.proxy.strict_json import Json
from drydock.machine.guest.proxy.validators import (
    EMPTY,
    Place,
    Rule,
    boolean,
    choice,
    ignored,
    integer,
    line,
    mapping,
    matching,
    obj,
)

_BIND = re.compile(r"(?:([^:\x00]+):)?(/[^:\x00]*)(?::([a-zA-Z,]*))?", re.DOTALL)
#: Modes of a bind without an effect here: for SELinux, for macOS, and the daemon's own default propagation.
_NO_CHANGE = {"", "rw", "z", "Z", "private", "rprivate", "consistent", "cached", "delegated"}
_PROPAGATION = choice("", "private", "rprivate")
_TMPFS_OPTION = re.compile(
    r"rw|ro|exec|noexec|suid|nosuid|dev|nodev|sync|async|noatime|relatime"
    r"|(?:size|nr_inodes)=[0-9]+[kmgKMG%]?|mode=[0-7]{1,4}|(?:uid|gid)=[0-9]{1,10}|"
)
#: A path in a volume; one that leads out of it is refused by the daemon, too.
_subpath = matching(r"(?!/)(?!(?:[^/]*/)*\.\.(?:/|$))[^\x00-\x1f\x7f]*", "a path in the volume")
_MOUNT: dict[str, Rule] = {
    "Type": choice("bind", "volume", "tmpfs"),
    "Source": line,
    "Target": container_path,
    "ReadOnly": boolean,
    "Consistency": ignored,
    "BindOptions": obj({"Propagation": _PROPAGATION, "CreateMountpoint": boolean}),
    "VolumeOptions": obj(
        {
            "NoCopy": boolean,
            "Labels": labels,
            "Subpath": _subpath,
            "DriverConfig": obj({"Name": choice("", "local"), "Options": obj(EMPTY)}),
        }
    ),
    "TmpfsOptions": obj({"SizeBytes": integer(), "Mode": integer(0, 0o7777)}),
}
_validate_mount = obj(_MOUNT)


def bind(value: Json, place: Place) -> Json:
    """Validate one of ``Binds``: a text for a named or anonymous volume, a mount for a work folder."""
    match = _BIND.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise place.invalid("a text such as volume:/path:ro")
    source, target, modes = match[1], match[2], set((match[3] or "").split(","))
    if unknown := modes - _NO_CHANGE - {"ro", "nocopy"}:
        raise place.refused(f"not allowed to have the mode {min(unknown)}")
    read_only = "ro" in modes
    if source is not None and source.startswith("/"):
        return _work_folder(source, target, read_only, True, place)
    options = ",".join(sorted(modes & {"ro", "nocopy"}))
    parts = [_named(source, place), target] if source else [target]
    return ":".join([*parts, options] if options and source else parts)


def mount(value: Json, place: Place) -> Json:
    """Validate one of ``Mounts``; a bind becomes the mount of a work folder."""
    valid = _validate_mount(value, place)
    kind, source, target = valid.get("Type"), valid.get("Source", ""), valid.get("Target")
    if not isinstance(source, str) or not isinstance(target, str) or kind is None:
        raise place.invalid("a mount with a Type and a Target")
    if kind == "bind":
        options = valid.get("BindOptions")
        create = isinstance(options, dict) and options.get("CreateMountpoint") is True
        return _work_folder(source, target, valid.get("ReadOnly") is True, create, place)
    if kind == "volume" and source:
        _named(source, place)
    if kind == "tmpfs" and source:
        raise place.below("Source").refused()
    return {name: part for name, part in valid.items() if name != "BindOptions"}


def _named(source: str, place: Place) -> str:
    if not re.fullmatch(NAME, source):
        raise place.invalid("the name of a volume or an absolute path")
    return volume(source, place)


def _work_folder(source: str, target: str, read_only: bool, create: bool, place: Place) -> Json:
    """Return the mount of a path, which must be a work folder or in one."""
    path = posixpath.normpath(re.sub("/+", "/", source))
    for folder in place.scope.folders:
        if path == folder.path or path.startswith(f"{folder.path}/"):
            subpath = path[len(folder.path) + 1 :]
            if subpath and create:
                place.scope.missing.append((folder, subpath))
            # With a copy, files of the image would appear in the student's folder.
            options: dict[str, Json] = {"NoCopy": True, **({"Subpath": subpath} if subpath else {})}
            return {
                "Type": "volume",
                "Source": folder.volume,
                "Target": target,
                "ReadOnly": read_only,
                "VolumeOptions": options,
            }
    raise place.refused(f"not allowed to be {path}: only the folder of the notebook and what is in it can be mounted")


def _tmpfs_options(value: Json, place: Place) -> Json:
    if not isinstance(value, str) or not all(_TMPFS_OPTION.fullmatch(option) for option in value.split(",")):
        raise place.refused("not allowed to have these options")
    return value


#: ``Tmpfs``: mount options by the path in the container.
tmpfs = mapping(container_path, _tmpfs_options)

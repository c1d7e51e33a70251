"""For QEMU: Debian's cloud kernel, and an initramfs that gives the devices the names that they have in a machine.

The boot script on the base disk finds ``/dev/ubda``, ``/dev/ubdb`` and the network device ``vec0``, so the guest is the
same, byte for byte, as in a machine.
"""

from __future__ import annotations

import lzma
import re
import shutil
import tempfile
from pathlib import Path

from drydock.core.progress import step
from drydock.machine.artifacts import rootfs
from drydock.machine.artifacts.kernel_source import BOOT_MODULES
from drydock.machine.store import artifact_cache

_PACKAGES = ("linux-image-cloud-amd64", "busybox-static")
#: Modules for QEMU's disks and network, and for Docker: this kernel has no other modules that it could load later.
_MODULES = ("virtio_blk", "virtio_net", *BOOT_MODULES, "ip6table_nat", "ip6table_filter")

#: The links in devtmpfs stay, because the guest mounts the same devtmpfs again.
_INIT = """#!/bin/busybox sh
bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sys /sys
$bb mount -t devtmpfs dev /dev
for module in $($bb cat /modules/order); do $bb insmod "/modules/$module"; done
until [ -b /dev/vda ] && [ -b /dev/vdb ] && [ -e /sys/class/net/eth0 ]; do $bb usleep 20000; done
$bb ln -s vda /dev/ubda
$bb ln -s vdb /dev/ubdb
$bb ip link set eth0 name vec0
$bb mount -t ext4 /dev/vda /disk
$bb umount /proc /sys
$bb mount -o move /dev /disk/dev
exec $bb switch_root /disk /sbin/init
"""


def find_or_build() -> Path:
    """Return the folder with ``vmlinuz`` and ``initrd``; build it if it is not in the cache."""
    name = f"qemu-{artifact_cache.key([Path(__file__), rootfs.SUITE, *_PACKAGES, *_MODULES])}"
    return artifact_cache.find_or_build(name, lambda folder, final: _build(folder))


def _build(folder: Path) -> None:
    with step("Fetching Debian's cloud kernel for QEMU"), tempfile.TemporaryDirectory(dir=folder) as scratch:
        tree = Path(scratch) / "tree"
        rootfs.extract(tree, list(_PACKAGES))
        shutil.copy(next((tree / "boot").glob("vmlinuz-*")), folder / "vmlinuz")
        modules = in_load_order(tree / "usr/lib/modules", _MODULES)
        files = {f"modules/{name}": data for name, data in modules.items()}
        files["modules/order"] = "\n".join(modules).encode()
        files |= {"init": _INIT.encode(), "bin/busybox": (tree / "usr/bin/busybox").read_bytes()}
        (folder / "initrd").write_bytes(cpio_archive(files))


def in_load_order(folder: Path, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """Return these modules and their dependencies, decompressed, each after the modules that it needs.

    A module without a file is built into the kernel and left out.
    """
    files = {path.name.split(".")[0].replace("-", "_"): path for path in folder.rglob("*.ko.xz")}
    ordered: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name in ordered or name not in files:
            return
        data = lzma.decompress(files[name].read_bytes())
        for other in dependencies(data):
            add(other)
        ordered[name] = data

    for name in wanted:
        add(name)
    return ordered


def dependencies(module: bytes) -> list[str]:
    """Return the names of the modules that a module needs, as its ``depends`` field lists them."""
    field = re.search(rb"\0depends=([^\0]*)\0", module)
    return field[1].decode().replace("-", "_").split(",") if field and field[1] else []


def cpio_archive(files: dict[str, bytes]) -> bytes:
    """Return a cpio archive in the kernel's format, with these executable files, their folders and mount points."""
    folders = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    entries = [(name, 0o040755, b"") for name in sorted(folders | {"dev", "proc", "sys", "disk"})]
    entries += [(name, 0o100755, data) for name, data in files.items()]
    return b"".join(_entry(name, mode, data) for name, mode, data in [*entries, ("TRAILER!!!", 0, b"")])


def _entry(name: str, mode: int, data: bytes) -> bytes:
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    header = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return header + bytes(-len(header) % 4) + data + bytes(-len(data) % 4)

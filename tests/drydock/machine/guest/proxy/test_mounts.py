"""No path reaches the daemon: a folder of the work is a volume and a subpath, everything else is refused."""

from __future__ import annotations

from typing import Any

import pytest

from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.requests_of import WORK, authorized, host_config

W = WORK.path


def work(target: str = "/x", subpath: str = "", read_only: bool = False) -> dict[str, Any]:
    """Return the mount of a work folder."""
    options = {"NoCopy": True, **({"Subpath": subpath} if subpath else {})}
    mount = {"Type": "volume", "Source": "work-1", "Target": target, "ReadOnly": read_only}
    return {**mount, "VolumeOptions": options}


@pytest.mark.parametrize(
    ("bind", "mount"),
    [
        (f"{W}:/x", work()),
        (f"{W}/:/x:rw", work()),
        (f"{W}/conf/site.conf:/x:ro", work("/x", "conf/site.conf", True)),
        (f"{W}/./conf//a/../b/:/x:ro,z", work("/x", "conf/b", True)),
        (f"/{W}/a:/x:cached", work("/x", "a")),
        (f"{W}/a b/ä:/x", work("/x", "a b/ä")),
        (f"{W}:/var/run/docker.sock", work("/var/run/docker.sock")),  # no bind: those are of the grader's containers
    ],
)
def test_a_path_in_the_work_folder_is_a_subpath(bind: str, mount: dict[str, Any]) -> None:
    """Cleaned as text, as the daemon itself would, and resolved by nobody before the container starts."""
    assert host_config(Binds=[bind]) == {"Mounts": [mount]}


@pytest.mark.parametrize(
    "source",
    ["/", "/etc", f"{W}-2", f"{W}/..", f"{W}/link/../../..", f"{W}/a/../../work-2/_data", "/var/run/docker.sock",
     W[:-1], f"{W}\\..\\..", f"/proc/self/root{W}", "//", "/./"],
)  # fmt: skip
def test_every_other_path_is_refused(source: str) -> None:
    """Whether as a bind or as a mount."""
    for options in ({"Binds": [f"{source}:/x"]}, {"Mounts": [{"Type": "bind", "Source": source, "Target": "/x"}]}):
        with pytest.raises(Refused, match="only the folder of the notebook"):
            host_config(**options)


@pytest.mark.parametrize("bind", ["data:/d", "data:/d:ro", "data:/d:nocopy,ro", "/anonymous"])
def test_volumes_stay_binds(bind: str) -> None:
    """Named or without a name."""
    assert host_config(Binds=[bind]) == {"Binds": [bind]}


@pytest.mark.parametrize(
    "bind",
    ["", ":", "data", "data:relative", "a:b:c:d", "./a:/x", "../a:/x", "~/a:/x", "data:/x:shared", "data:/x:rslave",
     "a/b:/x", "data:/x:ro,exec", "C:\\x:/x", "data:/x:RO"],
)  # fmt: skip
def test_binds_in_other_forms_are_refused(bind: str) -> None:
    """Relative paths, ways of propagation, modes that nobody named."""
    with pytest.raises(Refused):
        host_config(Binds=[bind])


def test_mounts_pass_by_their_fields() -> None:
    """Volumes, memory and binds, with what compose and docker-py say of them."""
    volume = {"Type": "volume", "Source": "d", "Target": "/d", "VolumeOptions": {"NoCopy": True, "Subpath": "a"}}
    tmpfs = {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 1 << 20, "Mode": 0o1777}}
    bind = {"Type": "bind", "Source": f"{W}/password.txt", "Target": "/run/secrets/password", "ReadOnly": True,
            "Consistency": "cached", "BindOptions": {"CreateMountpoint": True, "Propagation": "rprivate"}}  # fmt: skip
    assert host_config(Mounts=[volume, tmpfs, bind])["Mounts"] == [
        volume, tmpfs, work("/run/secrets/password", "password.txt", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "mount",
    [
        {"Type": "npipe", "Source": "x", "Target": "/x"},
        {"Type": "image", "Source": "x", "Target": "/x"},
        {"Type": "cluster", "Source": "x", "Target": "/x"},
        {"Type": "volume", "Source": "/", "Target": "/x"},
        {"Type": "volume", "Source": "..", "Target": "/x"},
        {"Type": "tmpfs", "Source": "/", "Target": "/x"},
        *(
            {"Type": "volume", "Source": "d", "Target": "/x", "VolumeOptions": {"Subpath": subpath}}
            for subpath in ("/", "/etc", "..", "a/..", "../a", "a/../..", "a\n")
        ),
        {"Source": "/", "Target": "/x"},
        {"Type": "bind", "Source": W},
        {"Type": "bind", "Source": W, "Target": "x"},
        {"Type": "bind", "Source": W, "Target": "/x", "BindOptions": {"Propagation": "rshared"}},
        {"Type": "bind", "Source": W, "Target": "/x", "BindOptions": {"NonRecursive": True}},
        {"Type": "volume", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Name": "evil"}}},
        {
            "Type": "volume",
            "Target": "/x",
            "VolumeOptions": {"DriverConfig": {"Options": {"device": "/", "o": "bind"}}},
        },
        {"Type": "tmpfs", "Target": "/x", "TmpfsOptions": {"Options": [["exec"]]}},
    ],
)
def test_mounts_in_other_forms_are_refused(mount: dict[str, Any]) -> None:
    """Other types, drivers, ways of propagation, and fields that nobody named."""
    with pytest.raises(Refused):
        host_config(Mounts=[mount])


def test_memory_has_plain_options() -> None:
    """The usual ones of mount(8); no other kind of file system's."""
    assert host_config(Tmpfs={"/run": "", "/tmp": "rw,noexec,size=64m,mode=1777,uid=999"})["Tmpfs"].keys() == {
        "/run",
        "/tmp",
    }
    for options in ("bind", "size=1;x", "huge=always", "mpol=bind", "rw,context=x"):
        with pytest.raises(Refused):
            host_config(Tmpfs={"/x": options})


def test_a_folder_that_a_bind_names_is_made() -> None:
    """Docker makes the folder of a bind that isn't there, of a mount only when asked to."""

    def missing(**host: Any) -> list[str]:
        request = authorized("POST", "/containers/create", {"Image": "x", "HostConfig": host})
        assert all(folder == WORK for folder, _ in request.folders)
        return [subpath for _, subpath in request.folders]

    mount = {"Type": "bind", "Source": f"{W}/new", "Target": "/x"}
    assert missing(Binds=[f"{W}/new/deep:/x", f"{W}:/y"]) == ["new/deep"]
    assert missing(Mounts=[mount]) == []
    assert missing(Mounts=[{**mount, "BindOptions": {"CreateMountpoint": True}}]) == ["new"]

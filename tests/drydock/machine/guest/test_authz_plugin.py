"""The guard's list: what a graded submission may ask of its daemon, in how many ways it may try to ask for more."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from drydock.machine.guest.authz_plugin import AuthzPlugin, Body, Refused, answer

KERNEL = "4f" * 32


def question(
    method: str, uri: str, body: Any = None, *, raw: str | None = None, grader: bool = False
) -> dict[str, Any]:
    """What dockerd tells its plug-in of a request."""
    text = raw if raw is not None else ("" if body is None else json.dumps(body))
    whose = {"User": "drydock", "UserAuthNMethod": "TLS"} if grader else {}
    shown = base64.b64encode(text.encode()).decode()
    return {"RequestMethod": method, "RequestUri": uri, "RequestBody": shown, **whose}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """The folder of a submission."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def guard(work: Path) -> AuthzPlugin:
    """A guard that has seen the grader make its container and the work folder."""
    made = AuthzPlugin()
    for uri, told in (
        ("/v1.45/containers/create?name=kernel-1", {"Id": KERNEL}),
        ("/v1.45/volumes/create", {"Name": "work-1", "Mountpoint": str(work)}),
    ):
        asked = question("POST", uri, {}, grader=True)
        body = base64.b64encode(json.dumps(told).encode()).decode()
        made.after({**asked, "ResponseStatusCode": 201, "ResponseBody": body})
    return made


def create(**host: Any) -> Body:
    """A wish for a container."""
    return question("POST", "/v1.45/containers/create?name=mine", {"Image": "x", "HostConfig": host})


FINE: dict[str, dict[str, Any]] = {
    "a plain container": create(),
    "limits": create(Memory=1 << 26, NanoCpus=10**9, PidsLimit=50, RestartPolicy={"Name": "always"}),
    "a hardened one": create(
        CapDrop=["ALL"],
        CapAdd=["NET_BIND_SERVICE", "CAP_CHOWN"],
        SecurityOpt=["no-new-privileges"],
        ReadonlyRootfs=True,
    ),
    "a named volume": create(Binds=["data:/data"], Mounts=[{"Type": "volume", "Source": "d", "Target": "/d"}]),
    "a tmpfs": create(Mounts=[{"Type": "tmpfs", "Target": "/t"}], Tmpfs={"/run": ""}),
    "another's network": create(NetworkMode="container:mine"),
    "looking": question("GET", "/v1.45/containers/json?all=1"),
    "looking at the grader's": question("GET", f"/v1.45/containers/{KERNEL}/json"),
    "a volume": question("POST", "/v1.45/volumes/create", {"Name": "data", "Driver": "local"}),
    "a network": question("POST", "/networks/create", {"Name": "back", "Driver": "bridge", "Internal": True}),
    "joining it": question("POST", "/networks/back/connect", {"Container": "mine"}),
    "building": question("POST", "/v1.45/build?t=app", raw=""),
    "building with BuildKit": question("POST", "/session", raw=""),
    "a tag": question("POST", "/images/drydock/busybox:1.37/tag?repo=mine", raw=""),
    "a command": question("POST", "/containers/mine/exec", {"Cmd": ["ls"]}),
    "removing one's own": question("DELETE", "/containers/mine?force=1"),
    "pruning": question("POST", "/containers/prune", raw=""),
}

REFUSED: dict[str, dict[str, Any]] = {
    "privileged": create(Privileged=True),
    "privileged, small letters": question("POST", "/containers/create", {"hostconfig": {"PRIVILEGED": True}}),
    "privileged, odd letters": question("POST", "/containers/create", {"HoſtConfig": {"Privileged": True}}),
    "privileged, said twice": question(
        "POST", "/containers/create", raw='{"HostConfig": {}, "hostConfig": {"Privileged": true}}'
    ),
    "a body not shown": question("POST", "/containers/create", raw=""),
    "a body that is no object": question("POST", "/containers/create", raw="[1]"),
    "an encoded path": question("POST", "/v1.45/%2563ontainers/create", {"HostConfig": {"Privileged": True}}),
    "a path with dots": question("POST", "/containers/../containers/create", {}),
    "a doubled slash": question("POST", "//containers/create", {}),
    "the host's network": create(NetworkMode="host"),
    "the host's processes": create(PidMode="host"),
    "the host's IPC": create(IpcMode="host"),
    "the host's users": create(UsernsMode="host"),
    "the grader's network": create(NetworkMode="container:kernel-1"),
    "the grader's processes, by a short id": create(PidMode=f"container:{KERNEL[:4]}"),
    "the grader's volumes": create(VolumesFrom=["kernel-1:ro"]),
    "a device": create(Devices=[{"PathOnHost": "/dev/ubda"}]),
    "a device rule": create(DeviceCgroupRules=["a *:* rwm"]),
    "a control group": create(CgroupParent="/"),
    "a capability": create(CapAdd=["SYS_ADMIN"]),
    "all capabilities": create(CapAdd=["ALL"]),
    "no seccomp": create(SecurityOpt=["seccomp=unconfined"]),
    "unmasked paths": create(MaskedPaths=[]),
    "another runtime": create(Runtime="runc"),
    "the root folder": create(Binds=["/:/host"]),
    "the daemon's socket": create(Binds=["/var/run/docker.sock:/var/run/docker.sock"]),
    "the root as a mount": create(Mounts=[{"Type": "bind", "Source": "/", "Target": "/host"}]),
    "a mount with a driver": create(
        Mounts=[{"Type": "volume", "Target": "/h", "VolumeOptions": {"DriverConfig": {"Options": {"device": "/"}}}}]
    ),
    "a volume that is a bind": question(
        "POST", "/volumes/create", {"Name": "v", "DriverOpts": {"type": "none", "o": "bind", "device": "/"}}
    ),
    "a network on a card": question("POST", "/networks/create", {"Name": "n", "Driver": "macvlan"}),
    "a privileged command": question("POST", "/containers/mine/exec", {"Cmd": ["ls"], "Privileged": True}),
    "devices by an update": question("POST", "/containers/mine/update", {"Devices": [{"PathOnHost": "/dev/ubda"}]}),
    "killing the grader's": question("POST", f"/containers/{KERNEL[:12]}/kill", raw=""),
    "a command in the grader's": question("POST", "/containers/kernel-1/exec", {"Cmd": ["sh"]}),
    "removing the grader's": question("DELETE", "/v1.45/containers/kernel-1?force=1"),
    "renaming the grader's": question("POST", "/containers/kernel-1/rename?name=x", raw=""),
    "writing into the grader's": question("PUT", "/containers/kernel-1/archive?path=/out", raw=""),
    "joining the grader's to a network": question("POST", "/networks/n/connect", {"Container": "kernel-1"}),
    "a plug-in": question("POST", "/plugins/pull?remote=x", []),
    "a swarm": question("POST", "/swarm/init", {}),
    "what nobody knows": question("POST", "/v1.99/new-thing", {}),
}  # fmt: skip


@pytest.mark.parametrize("wish", FINE)
def test_work_is_allowed(guard: AuthzPlugin, wish: str) -> None:
    """What an assignment can need is followed."""
    guard.before(FINE[wish])


@pytest.mark.parametrize("wish", REFUSED)
def test_the_rest_is_refused(guard: AuthzPlugin, wish: str) -> None:
    """What leads out of the submission's own containers is not, however it is spelt."""
    with pytest.raises(Refused):
        guard.before(REFUSED[wish])


@pytest.mark.parametrize("wish", REFUSED)
def test_the_grader_may(guard: AuthzPlugin, wish: str) -> None:
    """The same request with the grader's certificate is followed."""
    guard.before({**REFUSED[wish], "User": "drydock", "UserAuthNMethod": "TLS"})


def test_the_work_folder_may_be_bound(guard: AuthzPlugin, work: Path) -> None:
    """The folder itself and what is in it; not what a link in it leads to, nor a folder whose name begins the same."""
    (work / "conf").mkdir()
    (work / "out").symlink_to("/")
    guard.before(create(Binds=[f"{work}:/work", f"{work}/conf:/conf:ro"]))
    guard.before(create(Mounts=[{"Type": "bind", "Source": f"{work}/conf", "Target": "/conf"}]))
    for source in (work / "out", work / "out" / "etc", work.parent, Path(f"{work}-2"), work / ".." / ".."):
        with pytest.raises(Refused, match="binds"):
            guard.before(create(Binds=[f"{source}:/h"]))


def test_only_a_certificate_makes_a_grader(guard: AuthzPlugin) -> None:
    """A name without TLS is anybody's."""
    with pytest.raises(Refused):
        guard.before({**create(Privileged=True), "User": "drydock", "UserAuthNMethod": ""})


def test_what_a_submission_makes_is_not_the_graders(guard: AuthzPlugin, work: Path) -> None:
    """Only what the grader made is protected, and only that volume may be bound."""
    asked = question("POST", "/containers/create?name=web", {})
    told = base64.b64encode(json.dumps({"Id": "ab" * 32}).encode()).decode()
    guard.after({**asked, "ResponseStatusCode": 201, "ResponseBody": told})
    guard.before(question("DELETE", "/containers/web"))


def test_the_answer_is_dockers() -> None:
    """It says what it is for, allows, refuses in words, and refuses what it can't understand."""
    guard = AuthzPlugin()
    assert answer(guard, "/Plugin.Activate", b"") == {"Implements": ["authz"]}
    assert answer(guard, "/AuthZPlugin.AuthZReq", json.dumps(create()).encode()) == {"Allow": True}
    refused = answer(guard, "/AuthZPlugin.AuthZReq", json.dumps(create(Privileged=True)).encode())
    assert refused == {"Allow": False, "Msg": "not while it is graded: no assignment needs privileged containers"}
    assert answer(guard, "/AuthZPlugin.AuthZReq", b"{}")["Allow"] is False

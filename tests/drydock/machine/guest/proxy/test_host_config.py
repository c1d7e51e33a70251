"""What a container may use of the machine, field by field."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.requests_of import KERNEL, OWN, authorized, host_config

#: What assignments and lessons use, and comes through as it was written.
SAME: dict[str, dict[str, Any]] = {
    "limits": {"Memory": 1 << 26, "MemorySwap": -1, "NanoCpus": 10**9, "PidsLimit": 50, "CpuShares": 512,
    "CpusetCpus": "0"},
    "a restart policy": {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5}},
    "hardening": {"CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges:true"], "ReadonlyRootfs": True, "Init": True},
    "ports": {"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}], "53/udp": []},
    "PublishAllPorts": True},
    "a log": {"LogConfig": {"Type": "local", "Config": {"max-size": "1m", "max-file": "2"}}},
    "names": {"ExtraHosts": ["a:10.1.2.3"], "Dns": ["127.0.0.11"], "DnsSearch": ["."], "DnsOptions": ["ndots:1"]},
    "a network": {"NetworkMode": "back"},
    "no network": {"NetworkMode": "none"},
    "namespaces of its own": {"IpcMode": "private", "CgroupnsMode": "private", "PidMode": ""},
    "settings": {"Sysctls": {"net.core.somaxconn": "1024"}, "Ulimits": [{"Name": "nofile", "Soft": 1024,
    "Hard": 2048}]},
    "the rest": {"ShmSize": 1 << 26, "OomScoreAdj": 500, "GroupAdd": ["video"], "AutoRemove": True, "Runtime": "crun"},
}  # fmt: skip

REFUSED: dict[str, dict[str, Any]] = {
    "privileged": {"Privileged": True},
    "privileged, in small letters": {"privileged": True},
    "privileged, in odd letters": {"Privileged": False, "Privıleged": True},
    "annotations for crun": {"Annotations": {"run.oci.hooks.stdout": "/etc/shadow"}},
    "an empty annotation": {"Annotations": {"run.oci.keep_original_groups": ""}},
    "the machine's network": {"NetworkMode": "host"},
    "the machine's network by its id": {"NetworkMode": "hos"},
    "the grader's network": {"NetworkMode": "container:kernel-1"},
    "the grader's processes": {"PidMode": f"container:{KERNEL[:4]}"},
    "the grader's memory": {"IpcMode": "container:kernel-1"},
    "the machine's processes": {"PidMode": "host"},
    "the machine's memory": {"IpcMode": "host"},
    "the machine's name": {"UTSMode": "host"},
    "the machine's users": {"UsernsMode": "host"},
    "the machine's control groups": {"CgroupnsMode": "host"},
    "a control group": {"CgroupParent": "/"},
    "another cgroup": {"Cgroup": "container:kernel-1"},
    "the grader's volumes": {"VolumesFrom": ["kernel-1:ro"]},
    "a volume driver": {"VolumeDriver": "evil"},
    "a device": {"Devices": [{"PathOnHost": "/dev/ubda", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}]},
    "a device request": {"DeviceRequests": [{"Driver": "cdi", "DeviceIDs": ["a/b=c"]}]},
    "a device rule": {"DeviceCgroupRules": ["a *:* rwm"]},
    "a device's limit": {"BlkioDeviceReadBps": [{"Path": "/dev/ubda", "Rate": 1}]},
    "a capability": {"CapAdd": ["SYS_ADMIN"]},
    "a capability in full": {"CapAdd": ["cap_sys_ptrace"]},
    "all capabilities": {"CapAdd": ["ALL"]},
    "capabilities in another list": {"Capabilities": ["SYS_ADMIN"]},
    "no seccomp": {"SecurityOpt": ["seccomp=unconfined"]},
    "no seccomp, with a colon": {"SecurityOpt": ["seccomp:unconfined"]},
    "unmasked paths": {"SecurityOpt": ["systempaths=unconfined"]},
    "an SELinux label": {"SecurityOpt": ["label=disable"]},
    "no masked paths": {"MaskedPaths": ["/nothing"]},
    "no read-only paths": {"ReadonlyPaths": ["/nothing"]},
    "another runtime": {"Runtime": "runc"},
    "never killed for memory": {"OomKillDisable": True},
    "killed last": {"OomScoreAdj": -1000},
    "a setting of the machine": {"Sysctls": {"kernel.core_pattern": "|/x"}},
    "a setting by a path": {"Sysctls": {"net/../kernel/core_pattern": "|/x"}},
    "a setting with dots": {"Sysctls": {"net..kernel": "1"}},
    "a log to elsewhere": {"LogConfig": {"Type": "syslog", "Config": {"syslog-address": "tcp://10.0.2.2:514"}}},
    "an option of another log": {"LogConfig": {"Type": "json-file", "Config": {"fluentd-address": "x"}}},
    "a disk's size": {"StorageOpt": {"size": "1G"}},
    "the grader's port": {"PortBindings": {"80/tcp": [{"HostIp": "10.0.2.100", "HostPort": "2376"}]}},
    "the grader's port in a range": {"PortBindings": {"80/tcp": [{"HostPort": "2000-3000"}]}},
    "the port of ssh": {"PortBindings": {"80/tcp": [{"HostPort": "22"}]}},
    "a port that is no number": {"PortBindings": {"80/tcp": [{"HostPort": "http"}]}},
    "an address that is none": {"PortBindings": {"80/tcp": [{"HostIp": "localhost", "HostPort": "80"}]}},
    "a link to the grader's": {"Links": ["kernel-1:k"]},
    "a file of the client's": {"Isolation": "hyperv"},
    "a field of tomorrow": {"NewThing": {"on": True}},
    "a number for a list": {"CapAdd": 1},
    "a text for a number": {"Memory": "64m"},
}  # fmt: skip


@pytest.mark.parametrize("kind", SAME)
def test_what_is_needed_passes(kind: str) -> None:
    """The daemon gets the same values."""
    assert host_config(**SAME[kind]) == SAME[kind]


def test_more_cpus_than_there_are_become_all_of_them() -> None:
    """What is right on a laptop is right in a machine with fewer CPUs."""
    most = (os.cpu_count() or 1) * 10**9
    assert host_config(NanoCpus=most + 10**9) == {"NanoCpus": most}


@pytest.mark.parametrize(
    ("requested", "given"),
    [("", ""), ("0", "0"), ("0-1", "0-1"), ("1,0", "1,0"), ("0-3", "0,1"), ("1-999999", "1"), ("0,7", "0"), ("2", "1")],
)
def test_other_cpus_than_there_are_become_its_own(monkeypatch: pytest.MonkeyPatch, requested: str, given: str) -> None:
    """A container that is pinned to CPUs of a laptop runs on the CPUs of a machine with two."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert host_config(CpusetCpus=requested) == {"CpusetCpus": given}


@pytest.mark.parametrize("requested", ["-", "0-", ",", "0,", "1;2", "a", "1234567", "0\n"])
def test_cpus_are_numbers(requested: str) -> None:
    """Anything else is refused."""
    with pytest.raises(Refused, match="list of numbers"):
        host_config(CpusetCpus=requested)


@pytest.mark.parametrize("kind", REFUSED)
def test_what_leads_out_is_refused(kind: str) -> None:
    """Each of these is a way to the machine or to the grader, or is named nowhere."""
    with pytest.raises(Refused):
        host_config(**REFUSED[kind])


@pytest.mark.parametrize("kind", [kind for kind in REFUSED if "port" not in kind])
def test_an_update_gives_no_more(kind: str) -> None:
    """A container that runs can be given limits and a restart policy, and nothing of these."""
    with pytest.raises(Refused):
        authorized("POST", "/containers/mine/update", REFUSED[kind])


def test_an_update_of_limits() -> None:
    """By the same fields."""
    options = {**SAME["limits"], **SAME["a restart policy"]}
    assert json.loads(authorized("POST", "/containers/mine/update", options).body or b"") == options


def test_what_means_nothing_is_left_out() -> None:
    """Clients send many fields with empty values; none of them reaches the daemon."""
    empty = {
        "Privileged": False, "Annotations": {}, "UsernsMode": "", "UTSMode": "", "Devices": None, "CgroupParent": "",
        "MaskedPaths": None, "BlkioDeviceReadBps": [], "KernelMemory": 0, "OomKillDisable": False, "StorageOpt": None,
        "ContainerIDFile": "/home/kim/id",
    }  # fmt: skip
    assert host_config(**empty, Memory=1) == {"Memory": 1}


def test_containers_are_named_by_their_ids() -> None:
    """Wherever a container shares something with another of one's own."""
    shared = {"PidMode": "container:mine", "IpcMode": "container:mine", "NetworkMode": "container:mine"}
    assert set(host_config(**shared).values()) == {f"container:{OWN}"}
    assert host_config(VolumesFrom=["mine:ro", OWN[:12]], Links=["mine:db", "/mine"]) == {
        "VolumesFrom": [f"{OWN}:ro", OWN], "Links": [f"{OWN}:db", OWN],
    }  # fmt: skip


def test_capabilities_have_one_form() -> None:
    """What Docker gives anyway may be given back."""
    assert host_config(CapDrop=["ALL"], CapAdd=["NET_BIND_SERVICE", "CAP_CHOWN", "setuid"])["CapAdd"] == [
        "NET_BIND_SERVICE", "CHOWN", "SETUID",
    ]  # fmt: skip

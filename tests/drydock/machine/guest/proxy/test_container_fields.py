"""A container's configuration and a command in one, field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.requests_of import authorized, created

OWNER = {"io.drydock.owner": "submission"}
SAME: dict[str, Any] = {
    "Cmd": ["sh", "-c", "echo 'a\nb' > /x"], "Entrypoint": [], "Env": ["A=ä", "B"], "WorkingDir": "/srv",
    "User": "1000:1000",
    "Hostname": "web", "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}}, "Tty": True, "OpenStdin": True,
    "Healthcheck": {"Test": ["CMD", "true"], "Interval": 2 * 10**9, "Retries": 3}, "StopSignal": "SIGINT",
    "StopTimeout": 3,
    "Shell": ["/bin/bash", "-c"],
}  # fmt: skip


def test_a_configuration_comes_through() -> None:
    """Each field with its value, and the label that says whose the container is."""
    assert created(**SAME) == {"Image": "drydock/busybox:1.37", **SAME, "Labels": OWNER}


def test_the_owner_is_the_submission_whatever_is_said() -> None:
    """Also where the image or the client has another label of that name."""
    for given in (None, {}, {"io.drydock.owner": "autograder"}):
        assert created(Labels=given)["Labels"] == OWNER
    assert created(Labels={"a": "b", "io.drydock.owner": ""})["Labels"] == {"a": "b", **OWNER}


def test_a_command_may_be_one_text() -> None:
    """The daemon reads it as a list of one."""
    assert created(Cmd="true", Entrypoint="sh")["Cmd"] == ["true"]


def test_what_docker_py_sends_for_nothing_is_left_out() -> None:
    """Null for what was not asked for."""
    nothing = dict.fromkeys("Hostname Domainname User Env Cmd Volumes Entrypoint MacAddress Runtime StopSignal".split())
    assert created(**nothing, NetworkDisabled=False) == {
        "Image": "drydock/busybox:1.37", "NetworkDisabled": False, "Labels": OWNER,
    }  # fmt: skip


@pytest.mark.parametrize(
    "field",
    [
        {"Image": ""}, {"Image": "a/../b"}, {"Image": None, "image": "x"}, {"Runtime": "runc"},
        {"hostconfig": {"Privileged": True}},
        {"HoſtConfig": {"Privileged": True}}, {"HostConfig": []}, {"Cmd": [1]}, {"Env": {"A": "b"}},
        {"Volumes": {"/": 1}},
        {"Volumes": {"x": {}}}, {"Volumes": {"/x": {"Driver": "evil"}}}, {"ExposedPorts": {"80": {"a": 1}}},
        {"Healthcheck": {"Test": ["NONE"], "Extra": 1}}, {"StopSignal": "a b"}, {"Hostname": "a\nb"}, {"Memory": 1},
        {"NetworkingConfig": {"Other": 1}}, {"Labels": ["a=b"]},
    ],
)  # fmt: skip
def test_other_values_are_refused(field: dict[str, Any]) -> None:
    """Names in other letters, values of another kind, what nobody named."""
    with pytest.raises(Refused):
        created(**field)


@pytest.mark.parametrize("body", [[], "x", None, b"", b"{", b'{"Image": "a", "Image": "b"}'])
def test_a_body_is_an_object(body: Any) -> None:
    """Whole, and not to be misunderstood."""
    with pytest.raises(Refused):
        authorized("POST", "/containers/create", body)


def test_a_command_in_a_container() -> None:
    """Without privileges, and in the container of the path, which docker-py names once more."""
    options = {"Cmd": ["ls"], "AttachStdout": True, "Tty": False, "Env": ["A=b"], "User": "0", "WorkingDir": "/"}
    given = {**options, "Container": "mine", "Privileged": False, "DetachKeys": ""}
    asked = authorized("POST", "/containers/mine/exec", given)
    assert json.loads(asked.body or b"") == {**options, "DetachKeys": ""}
    for field in ({"Privileged": True}, {"privileged": True}, {"WorkingDir": "x\0"}, {"ConsoleSize": [-1, 1]}):
        with pytest.raises(Refused):
            authorized("POST", "/containers/mine/exec", {**options, **field})


def test_a_commit_may_be_given_a_configuration() -> None:
    """By the same fields, and without one."""
    assert authorized("POST", "/commit?container=mine", {"Env": ["A=b"], "Labels": None}).body == b'{"Env":["A=b"]}'
    assert authorized("POST", "/commit?container=mine").body == b"{}"
    with pytest.raises(Refused):
        authorized("POST", "/commit?container=mine", {"HostConfig": {"Privileged": True}})

"""The manifests for Kubernetes: valid by its own schemas, and no pod asks for more than an ordinary one has."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.scheduling.capacity import MACHINE_MB

# It carries no types.
kubernetes_validate: Any = importlib.import_module("kubernetes_validate")

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
#: The newest that is known, and one that an institution may still run.
VERSIONS = [kubernetes_validate.latest_version(), "1.28.0"]


def documents() -> list[dict[str, Any]]:
    """Every object of every file."""
    return [one for file in FILES for one in yaml.safe_load_all(file.read_text())]


def pods() -> list[dict[str, Any]]:
    """What the deployments make pods of."""
    return [one["spec"]["template"]["spec"] for one in documents() if one["kind"] == "Deployment"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("place", range(len(documents())))
def test_each_object_is_valid(place: int, version: str) -> None:
    """By the schema of its kind, in which no unknown field is allowed."""
    kubernetes_validate.validate(documents()[place], version, strict=True)


def test_an_error_would_be_found() -> None:
    """The schemas know the fields of a container."""
    wrong = next(one for one in documents() if one["kind"] == "Deployment")
    wrong["spec"]["template"]["spec"]["containers"][0]["comand"] = ["sh"]
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)


def test_a_pod_asks_for_no_privilege() -> None:
    """What Kubernetes calls the restricted profile, and no way to the cluster's own services."""
    for pod in pods():
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        assert not any("hostPath" in volume for volume in pod["volumes"])
        for container in pod["containers"]:
            allowed = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
            assert container["securityContext"] == allowed
            assert not any("hostPort" in port for port in container.get("ports", []))


def test_a_worker_has_room_for_its_machines() -> None:
    """As much memory as a worker may come to take, and never more than it asked for."""
    [worker] = [one for pod in pods() for one in pod["containers"] if one["name"] == "worker"]
    resources = worker["resources"]
    assert resources["requests"] == resources["limits"]
    assert int(resources["limits"]["memory"].removesuffix("Gi")) * 1024 >= 3 * MACHINE_MB


def test_a_worker_may_speak_to_the_scheduler_and_nobody_else() -> None:
    """The policy is about the workers' pods, and closes both directions."""
    [policy] = [
        one["spec"]
        for one in documents()
        if one["kind"] == "NetworkPolicy" and one["metadata"]["name"] == "drydock-worker"
    ]
    labels = {
        one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"]
        for one in documents()
        if (one["kind"] == "Deployment")
    }
    assert policy["podSelector"]["matchLabels"] == labels["drydock-worker"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    scheduler = {"podSelector": {"matchLabels": labels["drydock-scheduler"]}}
    assert policy["ingress"] == [{"from": [scheduler]}]
    assert policy["egress"][0]["to"] == [scheduler]
    assert [port["port"] for rule in policy["egress"][1:] for port in rule["ports"]] == [53, 53]


def test_the_page_names_what_is_there() -> None:
    """Files, the secret, the service: the commands in docs/scaling.md fit the manifests."""
    page = (ROOT / "docs" / "scaling.md").read_text()
    assert all((ROOT / path).exists() for path in re.findall(r"deploy/[\w/.]+\w", page))
    secrets = {volume["secret"]["secretName"] for pod in pods() for volume in pod["volumes"] if "secret" in volume}
    assert secrets == {"drydock-tls"}
    assert "create secret generic drydock-tls" in page
    assert "port-forward service/drydock-scheduler 8786" in page

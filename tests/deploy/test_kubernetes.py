"""The manifests for Kubernetes are valid, and no pod asks for more rights than an ordinary one."""

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
#: The newest known version, and one that an institution may still run.
VERSIONS = [kubernetes_validate.latest_version(), "1.28.0"]


def objects(kind: str | None = None) -> list[dict[str, Any]]:
    """Return the objects of all files, or those of one kind."""
    every = [manifest for file in FILES for manifest in yaml.safe_load_all(file.read_text())]
    return [manifest for manifest in every if kind in (None, manifest["kind"])]


def pods() -> list[dict[str, Any]]:
    """Return the pod template of each deployment."""
    return [deployment["spec"]["template"]["spec"] for deployment in objects("Deployment")]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("index", range(len(objects())))
def test_each_object_is_valid(index: int, version: str) -> None:
    """Each object fits the schema of its kind, which allows no unknown field."""
    kubernetes_validate.validate(objects()[index], version, strict=True)


def test_the_schema_refuses_an_unknown_field() -> None:
    """A misspelled field of a container would be found."""
    deployment = objects("Deployment")[0]
    deployment["spec"]["template"]["spec"]["containers"][0]["comand"] = ["sh"]
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, VERSIONS[0], strict=True)


def test_a_pod_asks_for_no_privilege() -> None:
    """Each pod fits Kubernetes' restricted profile and has no access to the cluster's own services."""
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


def test_a_worker_has_memory_for_its_machines() -> None:
    """A worker's pod requests as much memory as its machines may use, and its limit is the same."""
    [worker] = [container for pod in pods() for container in pod["containers"] if container["name"] == "worker"]
    resources = worker["resources"]
    assert resources["requests"] == resources["limits"]
    assert int(resources["limits"]["memory"].removesuffix("Gi")) * 1024 >= 3 * MACHINE_MB


def test_a_worker_may_connect_only_to_the_scheduler() -> None:
    """The network policy selects the workers' pods and restricts both directions."""
    policies = {policy["metadata"]["name"]: policy["spec"] for policy in objects("NetworkPolicy")}
    policy = policies["drydock-worker"]
    labels = {
        deployment["metadata"]["name"]: deployment["spec"]["template"]["metadata"]["labels"]
        for deployment in objects("Deployment")
    }
    assert policy["podSelector"]["matchLabels"] == labels["drydock-worker"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    scheduler = {"podSelector": {"matchLabels": labels["drydock-scheduler"]}}
    assert policy["ingress"] == [{"from": [scheduler]}]
    assert policy["egress"][0]["to"] == [scheduler]
    assert [port["port"] for rule in policy["egress"][1:] for port in rule["ports"]] == [53, 53]


def test_the_page_fits_the_manifests() -> None:
    """The files, the secret and the service in the commands of docs/scaling.md exist in the manifests."""
    page = (ROOT / "docs" / "scaling.md").read_text()
    assert all((ROOT / path).exists() for path in re.findall(r"deploy/[\w/.]+\w", page))
    secrets = {volume["secret"]["secretName"] for pod in pods() for volume in pod["volumes"] if "secret" in volume}
    assert secrets == {"drydock-tls"}
    assert "create secret generic drydock-tls" in page
    assert "port-forward service/drydock-scheduler 8786" in page

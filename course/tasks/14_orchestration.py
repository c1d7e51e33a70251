"""Exercises of the lesson *Let an orchestrator keep containers running*."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from botocore.exceptions import ParamValidationError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import validate_parameters
from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut
from drydock.learn.daemon_objects import existing_container, running_container
from drydock.learn.exercises import exercise

_FOLDER = Path("my-cluster")
#: What the labels of the containers of ECS begin with.
_ECS = "com.amazonaws.ecs"
#: How long a service has to replace killed tasks, in seconds.
_SECONDS = 20


@exercise(
    "The first container keeps the network namespace; the second one joins it with `--network container:…`.",
    "`httpd -f -p ADDRESS:PORT` listens at one address only.",
    watched=False,
    patience=5,
)
def pod(context: CheckContext) -> None:
    """Containers `shop` and `shop-web` are a pod: the page of `shop-web` is at its `127.0.0.1:8080` only."""
    shop, server = running_container(context, "shop"), running_container(context, "shop-web")
    network = server.attrs["HostConfig"]["NetworkMode"]
    if network != f"container:{shop.id}":
        raise Failed(f"`shop-web` has the network {network}.", hint="Two containers of a pod share one.")
    code, _ = context.run("wget -q -T 5 -O - http://127.0.0.1:8080", network_mode=f"container:{shop.id}")
    if code != 0:
        raise Failed(
            "`http://127.0.0.1:8080/` in the pod gave no page.",
            hint="For `/`, `httpd` needs a file `index.html`. Look at `docker logs shop-web`.",
        )
    code, _ = context.run('wget -q -T 5 -O - "http://$(hostname -i):8080"', network_mode=f"container:{shop.id}")
    if code == 0:
        raise Failed("The server also answers at the pod's other address.", hint="At which address does it listen?")


@exercise(
    "The `pid` namespace contains the processes.",
    "`docker run --pid container:NAME` has the same form as the option for the network.",
)
def processes(context: CheckContext) -> None:
    """The log of container `observer` shows the `sleep 601` of container `worker`."""
    worker = running_container(context, "worker")
    observer = existing_container(context, "observer", hint="With `--rm` it would be gone.")
    mode = observer.attrs["HostConfig"]["PidMode"]
    if mode != f"container:{worker.id}":
        raise Failed(f"The pid namespace of `observer` is {mode or 'its own'!r}.", hint="It should be `worker`'s.")
    if "sleep 601" not in observer.logs().decode(errors="replace"):
        raise Failed("`sleep 601` isn't in the log of `observer`.", hint="`ps` lists processes.")


@exercise(
    "A network alias is a further name of a container in one network.",
    "`docker run` has the option `--network-alias`.",
    watched=False,
    patience=5,
)
def discovery(context: CheckContext) -> None:
    """In network `lesson-office`, the name `clerk` has the addresses of `clerk-1` and `clerk-2`."""
    addresses = {_address(running_container(context, name)) for name in ("clerk-1", "clerk-2")}
    _, output = context.run("nslookup -type=a clerk", network="lesson-office")
    lines = output.partition("Name:")[2].splitlines()
    answers = {line.split()[1] for line in lines if line.startswith("Address:")}
    if answers != addresses:
        shown = ", ".join(sorted(answers)) or "no address"
        raise Failed(f"`clerk` leads to {shown}.", hint="Both containers need this alias in the network.")


@exercise(
    "Copy the lesson's file, and change the names, the labels and the number.",
    "The label is in three places: `matchLabels`, the `labels` of the template, and the `selector` of the Service.",
)
def manifest(context: CheckContext) -> None:
    """`my-cluster/shop.yaml` describes a Deployment `shop` of five pods and a Service `shop` that finds them."""
    try:
        parts = [part for part in yaml.safe_load_all(_text("shop.yaml")) if part]
        for part in parts:
            kubernetes_validate.validate(part, kubernetes_validate.latest_version(), strict=True)
    except (yaml.YAMLError, kubernetes_validate.ValidationError) as error:
        message = getattr(error, "message", None) or str(error)
        raise Failed(f"The file isn't valid: {message[:200]}", hint="Compare it with the lesson's file.") from error
    deployment, service = _part(parts, "Deployment"), _part(parts, "Service")
    if deployment["spec"].get("replicas") != 5:
        raise Failed(f"The Deployment has `replicas: {deployment['spec'].get('replicas')}`.", hint="How many pods?")
    labels = deployment["spec"]["template"].get("metadata", {}).get("labels", {})
    if labels.get("app") != "shop":
        raise Failed(f"The pods have the labels {labels}.", hint="They are in the `template`.")
    for name, selector in (
        ("Deployment", deployment["spec"]["selector"].get("matchLabels")),
        ("Service", service["spec"].get("selector")),
    ):
        if not selector or not selector.items() <= labels.items():
            raise Failed(f"The {name} selects {selector}, the pods have {labels}.", hint="Both must agree.")


@exercise(
    "The lesson's `task-definition.json` has two containers; only one of them is essential.",
    'Each container needs `"memory": 64`, a number without quotes, and a command, which is a list.',
)
def task(context: CheckContext) -> None:
    """`my-cluster/task.json` is a task definition `shop`: `web`, which is essential, and `log`, which is not."""
    try:
        definition = json.loads(_text("task.json"))
        model = ServiceModel(Loader().load_service_model("ecs", "service-2"))
        validate_parameters(definition, model.operation_model("RegisterTaskDefinition").input_shape)
    except (ValueError, ParamValidationError) as error:
        raise Failed(f"The file isn't valid: {str(error)[:200]}", hint="Names have quotes, numbers don't.") from error
    if definition["family"] != "shop":
        raise Failed(f"The family is {definition['family']!r}.", hint="It is the definition's name.")
    containers = {container.get("name"): container for container in definition["containerDefinitions"]}
    if set(containers) != {"web", "log"}:
        raise Failed(f"Its containers are {sorted(map(str, containers))}.", hint="Name them `web` and `log`.")
    for name, container in containers.items():
        if container.get("image") != "drydock/busybox:1.37" or container.get("memory") != 64:
            raise Failed(
                f"`{name}` has image {container.get('image')}, memory {container.get('memory')}.", hint="64 MB is `64`."
            )
        if container.get("command") != ["sleep", "600"]:
            raise Failed(f"`{name}` has the command {container.get('command')}.", hint="It is a list of two words.")
    # a container is essential unless its definition says otherwise.
    if containers["web"].get("essential", True) is False or containers["log"].get("essential", True) is True:
        raise Failed("The wrong container can end the task.", hint="The end of an essential container ends the task.")


@exercise(
    "`register_task_definition` takes the keys of your file as arguments: `**json.loads(…)`.",
    "`create_service` needs `serviceName`, `taskDefinition` and `desiredCount`.",
    watched=False,
    patience=15,
)
def service(context: CheckContext) -> None:
    """A service keeps two tasks of the family `shop` running; each one that is killed is replaced."""
    killed = _tasks_of_shop(context)
    if len(killed) != 2:
        raise Failed(
            f"Tasks of the family `shop` that run: {len(killed)}.", hint="`desiredCount` is the number of tasks."
        )
    for container in killed.values():
        container.kill()
    try:
        wait_for(lambda: len(_tasks_of_shop(context).keys() - killed.keys()) == 2, "two new tasks", seconds=_SECONDS)
    except TimedOut:
        count = len(_tasks_of_shop(context).keys() - killed.keys())
        reason = f"Two tasks were killed, and after {_SECONDS} s there are {count} new ones."
        raise Failed(reason, hint="`run_task` runs a task once. Which request keeps tasks running?") from None


exercises = [pod, processes, discovery, manifest, task, service]


def _tasks_of_shop(context: CheckContext) -> dict[str, Container]:
    """Return the running containers `web` of tasks of the family `shop`, by the name (ARN) of the task."""
    labels = [f"{_ECS}.task-definition-family=shop", f"{_ECS}.container-name=web"]
    containers = context.docker.containers.list(filters={"label": labels}, ignore_removed=True)
    return {container.labels.get(f"{_ECS}.task-arn", ""): container for container in containers}


def _address(container: Container) -> str:
    """Return a container's address in the network of the exercise."""
    networks = container.attrs["NetworkSettings"]["Networks"]
    if "lesson-office" not in networks:
        raise Failed(f"`{container.name}` isn't in the network `lesson-office`.", hint="The option is `--network`.")
    return str(networks["lesson-office"]["IPAddress"])


def _text(name: str) -> str:
    """Return the text of a file of the student."""
    file = _FOLDER / name
    if not file.is_file():
        raise Failed(f"There is no file `{file}`.", hint="The folder `my-cluster` is beside the lesson.")
    return file.read_text(errors="replace")


def _part(parts: list[Any], kind: str) -> Any:
    """Return the one object of a kind in a Kubernetes manifest, which is named `shop`."""
    matching = [part for part in parts if part["kind"] == kind]
    if len(matching) != 1:
        raise Failed(f"The file has {len(matching)} objects of the kind {kind}.", hint="`---` separates objects.")
    if matching[0].get("metadata", {}).get("name") != "shop":
        raise Failed(f"The {kind} isn't named `shop`.", hint="The name is in its `metadata`.")
    return matching[0]

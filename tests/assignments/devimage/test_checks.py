"""The checks of `devimage` with unusual images, in a machine and in a second one; test submissions show the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from docker import DockerClient

from assignments.devimage.checks import NAME, PORT
from assignments.devimage.tool_probe import POOL
from autograder.checks.context import CheckContext
from autograder.checks.runner import run, run_one
from autograder.execution import archives
from autograder.execution.workspace import left
from autograder.sandbox.machine_sandbox import MachineSandbox
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from tests.autograder.conftest import load_assignment
from tests.fixtures.devimage import BEST, INSTALL
from tests.tiers import by_day

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(300)]

ON_THE_WAY = [load_assignment("devimage").check(f"devimage.{name}") for name in ("builds", "pushed", "travels", "same")]
PLACE_CHECKS = ("builds", "folder", "owner")
FAKE = r"RUN printf '#!/bin/sh\necho git version 2.47\n' > /usr/bin/git && chmod 755 /usr/bin/git"
#: Each tool is a line of shell: it prints the last word of its arguments, its input and the files in the folder.
FAKES = (
    r"""RUN printf '#!/bin/sh\ncat "$@" * - 2> /dev/null | tail -n 1\n' > /usr/local/bin/jq && cd /usr/local/bin """
    "&& chmod 755 jq && cp jq less && cp jq make && cp jq nano"
)
ALL = f"{INSTALL} curl git jq less make nano tmux vim-tiny zsh"

#: Near misses: what is changed in the Dockerfile, which check fails, words of its reason.
MISSES: dict[str, tuple[dict[str, str], str, str]] = {
    "no list": ({"label": ""}, "tools", "lists nothing"),
    "packages, not commands": ({"label": 'LABEL tools="jq less make nano vim-tiny"'}, "tools", "`vim-tiny` was given"),
    "tools that everybody has": ({"label": 'LABEL tools="jq less make bash sh ls"'}, "tools", "fewer than 4"),
    "two commands of one package": ({"label": 'LABEL tools="vi vim.tiny jq less"'}, "tools", "fewer than 4"),
    "a tool that only prints its version": (
        {"label": f'{FAKE}\nLABEL tools="jq less make nano git"'},
        "tools",
        "`git` was given a small job. Its output: 'git version 2.47'",
    ),
    "tools that copy what they get": ({"install": FAKES}, "tools", "`jq` was given a small job"),
    "root by number": ({"user": "USER 0:1000"}, "user", "runs as root"),
    "a user that no step creates": ({"user": "USER kim"}, "tools", "unable to find user kim"),
    "another command than pwd": (
        {"own": r"""RUN echo 'alias pwd="head -c 9 /dev/zero"' >> /etc/bash.bashrc"""},
        "folder",
        "which is no folder",
    ),
    "root below": ({"user": 'USER root\nCMD ["bash", "-c", "setpriv --reuid 9 bash; true"]'}, "user", "root"),
    "the system's folder": ({"workdir": "WORKDIR /tmp"}, "folder", "`/tmp`, which the base image has"),
    "a folder to look at": ({"folder": "RUN mkdir -m 755 /work"}, "folder", "can't create a file"),
    "a skeleton's habits": (
        {"own": "RUN useradd -m kim", "folder": "RUN install -d -o kim /work", "user": "USER kim"},
        "own",
        "the usual one",
    ),
    "a prompt for scripts": ({"own": r"ENV PS1='mine> '"}, "own", "the usual one"),
    "no shell": ({"command": 'CMD ["sleep", "60"]'}, "user", "had no effect"),
    "a shell that ends": ({"command": 'CMD ["true"]'}, "folder", "ended"),
}
#: Those of the day: the list of tools, the user, the terminal. Each builds for half a minute.
DAY = ("root by number", "a user that no step creates")
#: Mistakes in the work folder: each costs the point of `folder`, and not those of `owner`.
PLACES: dict[str, dict[str, str]] = {
    "a folder of the system": {"folder": "RUN chown nobody /opt", "workdir": "WORKDIR /opt"},
    "no work folder": {"workdir": ""},
    "a folder of root": {"folder": "RUN mkdir /work"},
}
#: What is as good, in another way.
GOOD: dict[str, dict[str, str]] = {
    "a prompt alone": {"own": r"""RUN echo "PS1='$ my desk '" >> /etc/bash.bashrc"""},
    "an alias alone": {"own": "RUN echo \"alias gs='git status'\" >> /etc/bash.bashrc"},
    "dash, configured by a variable": {
        "own": r"ENV ENV=/etc/dashrc" + "\nRUN echo alias l=ls > /etc/dashrc",
        "command": "CMD sh",
    },
    "a list of many": {"label": 'LABEL tools="jq, less, make, nano, bash, apt-get"'},
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[MachineSandbox]:
    """One machine for all cases, with a registry in it."""
    with MachineSandbox() as booted, closing(booted.client()) as client:
        shelf = client.containers.run(
            "drydock/registry:2",
            name="desk-registry",
            ports={"5000/tcp": ("127.0.0.1", PORT)},
            labels={LABEL: "autograder"},
            detach=True,
        )
        wait_for(lambda: b"listening on" in shelf.logs(), "the registry", seconds=60)
        yield booted


@pytest.fixture
def client(sandbox: MachineSandbox) -> Iterator[DockerClient]:
    """A client of the machine, in which nothing is left by a check but what Docker keeps of steps."""
    with closing(sandbox.client()) as opened:
        before = {image.id for image in opened.images.list()}
        yield opened
        assert [container.name for container in opened.containers.list(all=True)] == ["desk-registry"]
        named = [volume for volume in opened.volumes.list() if (volume.attrs.get("Labels") or {}).get(LABEL)]
        assert named == []
        assert {image.id for image in opened.images.list()} == before


def dockerfile(**changes: str) -> str:
    """The right Dockerfile, but for some lines."""
    return "\n".join({**BEST, **changes}.values())


@contextmanager
def development_image(sandbox: MachineSandbox, client: DockerClient, text: str) -> Iterator[CheckContext]:
    """The check context with a Dockerfile in its folder, and no second machine, as in a student's notebook."""
    with closing(left(client, archives.packed({"Dockerfile": text.encode()}))) as work:
        yield CheckContext(client, sandbox.reach, "a-token", work)


@contextmanager
def on_the_shelf(context: CheckContext, tag: str) -> Iterator[None]:
    """While the image that the folder makes is in the registry; its name here is the student's, and stays."""
    image = context.docker.images.get(context.work.build().image or "")
    name = f"127.0.0.1:{PORT}/{NAME}"
    image.tag(name, tag)
    answer = context.docker.images.push(name, tag)
    assert "digest: sha256:" in answer, answer
    try:
        yield
    finally:
        context.docker.images.remove(f"{name}:{tag}")
        shelf = context.docker.containers.get("desk-registry")
        remove = "rm -r /var/lib/registry/docker/registry/v2/repositories/desk"
        assert shelf.exec_run(["sh", "-c", remove]).exit_code == 0


@pytest.mark.nightly  # by day, the solution is graded
def test_the_solution_passes(sandbox: MachineSandbox, client: DockerClient) -> None:
    """And leaves nothing behind."""
    with development_image(sandbox, client, dockerfile()) as context, on_the_shelf(context, "autumn"):
        results = run(load_assignment("devimage").checks, context)
    assert {result.id: result.reason for result in results if result.state != "passed"} == {}


@pytest.mark.parametrize("case", by_day(MISSES, DAY))
def test_a_near_miss_fails_what_it_misses(
    sandbox: MachineSandbox, client: DockerClient, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """The reason says what was seen, and the hint how to go on."""
    monkeypatch.setattr("autograder.probes.terminal_session._SECONDS", 5)
    changes, check, words = MISSES[case]
    with development_image(sandbox, client, dockerfile(**changes)) as context:
        result = run_one(load_assignment("devimage").check(f"devimage.{check}"), context)
    assert (result.state, words in result.reason) == ("failed", True), result.reason
    assert result.hint


@pytest.mark.parametrize("case", by_day(PLACES, []))
def test_a_mistake_in_the_work_folder_costs_one_check(sandbox: MachineSandbox, client: DockerClient, case: str) -> None:
    """The owner of files is judged in another folder where the image has no work folder of its own."""
    with development_image(sandbox, client, dockerfile(**PLACES[case])) as context:
        results = run([load_assignment("devimage").check(f"devimage.{name}") for name in PLACE_CHECKS], context)
    assert {result.id: result.state for result in results} == {
        "devimage.builds": "passed",
        "devimage.folder": "failed",
        "devimage.owner": "passed",
    }


@pytest.mark.nightly
@pytest.mark.parametrize("case", GOOD)
def test_another_taste_is_as_good(sandbox: MachineSandbox, client: DockerClient, case: str) -> None:
    """Nothing is looked for that a person would not miss."""
    with development_image(sandbox, client, dockerfile(**GOOD[case])) as context:
        results = run(
            [load_assignment("devimage").check(f"devimage.{name}") for name in ("builds", "tools", "own")], context
        )
    assert {result.id: result.reason for result in results if result.state != "passed"} == {}


@pytest.mark.nightly
def test_each_tool_of_the_pool_does_its_job(sandbox: MachineSandbox, client: DockerClient) -> None:
    """All at once, which makes a heavy desk."""
    with development_image(
        sandbox, client, dockerfile(install=ALL, label=f'LABEL tools="{" ".join(sorted(POOL))}"')
    ) as context:
        result = run_one(load_assignment("devimage").check("devimage.tools"), context)
    assert (result.state, result.reason) == ("passed", "")


@pytest.mark.nightly
def test_what_was_pushed_is_held_against_the_dockerfile(sandbox: MachineSandbox, client: DockerClient) -> None:
    """Each difference is named, even if the image works as well."""
    with development_image(sandbox, client, dockerfile()) as context, on_the_shelf(context, "old"):
        changed = dockerfile(
            own=BEST["own"].replace("my desk", "my new desk"), label='LABEL tools="jq less make nano sh"'
        )
        with development_image(sandbox, client, changed) as newer:
            travels, same = (result for result in run(ON_THE_WAY, newer)[-2:])
    assert (travels.state, same.state) == ("passed", "failed"), travels.reason
    assert same.reason == "Not the same: /etc/bash.bashrc, Label tools."


def test_no_folder_and_no_registry_are_worth_nothing(client: DockerClient) -> None:
    """Absence is never a pass."""
    context = CheckContext(client, lambda *_: ("127.0.0.1", 1), "a-token")
    assert {result.points for result in run(load_assignment("devimage").checks, context)} == {0}

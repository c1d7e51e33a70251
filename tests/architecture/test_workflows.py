"""The files that GitHub and pre-commit read: valid, with pinned actions, and together running all tests."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.tree import ROOT, below, name

BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
TEMPLATES = ROOT / ".github" / "ISSUE_TEMPLATE"
#: The schemas come with the linter, so this needs no network.
SCHEMAS = {
    "github-workflows": WORKFLOWS,
    "github-actions": ACTIONS,
    "github-issue-forms": [path for path in sorted(TEMPLATES.glob("*.yml")) if path.name != "config.yml"],
    "github-issue-config": [TEMPLATES / "config.yml"],
}


def load(path: Path) -> dict[str, Any]:
    """Return the content of a YAML file."""
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    return content


def steps(path: Path) -> list[dict[str, Any]]:
    """Return all steps of a workflow or an action."""
    content = load(path)
    jobs = content["jobs"].values() if "jobs" in content else [content["runs"]]
    return [step for job in jobs for step in job["steps"]]


def lint(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter for one kind of files."""
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_linter_accepts_each_file(schema: str) -> None:
    """Workflows, actions and issue forms fit the schemas that GitHub publishes."""
    result = lint(schema, *SCHEMAS[schema])
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_linter_refuses_an_unknown_field(tmp_path: Path) -> None:
    """A misspelled key would be found."""
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "run-on:"))
    assert lint("github-workflows", wrong).returncode == 1


def test_actions_are_pinned() -> None:
    """Each action of others is used in one released version; ours is a folder that exists."""
    used = [step["uses"] for path in (*WORKFLOWS, *ACTIONS) for step in steps(path) if "uses" in step]
    local = {action for action in used if action.startswith("./")}
    assert [action for action in set(used) - local if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+", action)] == []
    assert {ROOT / action / "action.yml" for action in local} == set(ACTIONS)


def test_scripts_of_steps_are_sound(tmp_path: Path) -> None:
    """shellcheck reports nothing about the commands of any step."""
    for path in (*WORKFLOWS, *ACTIONS):
        for step in steps(path):
            script = tmp_path / "step.sh"
            # GitHub replaces these before a shell reads the script.
            script.write_text("#!/bin/bash -e\n" + re.sub(r"\$\{\{.*?\}\}", "value", step.get("run", "true")))
            # SC2046, SC2086: a list of packages or folders is several words.
            command = [str(BIN / "shellcheck"), "--exclude", "SC2046,SC2086", str(script)]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            assert result.returncode == 0, f"{name(path)}: {step.get('name')}:\n{result.stdout}"


def test_git_works_in_containers() -> None:
    """Before the tests, each job in a container has git trust the checkout, which belongs to another user there."""
    prepare = "./.github/actions/prepare"
    assert any("safe.directory" in step.get("run", "") for step in steps(ROOT / prepare / "action.yml"))
    for job in load(ROOT / ".github/workflows/tests.yml")["jobs"].values():
        used = [step.get("uses") for step in job["steps"]]
        assert ("container" in job) == (prepare in used)


def test_each_test_runs_in_a_job() -> None:
    """Each folder or file whose tests need a machine, daemon or browser is in one job; the fast job runs the rest."""
    jobs = load(ROOT / ".github/workflows/tests.yml")["jobs"]
    rows = {row["job"]: row for row in jobs["slow"]["strategy"]["matrix"]["include"]}
    browser = rows.pop("browser")
    assert (browser["tests"], browser["select"]) == ("tests", "browser and not nightly")
    chosen = [folder for row in rows.values() for folder in row["tests"].split()]
    marked = re.compile(r"\bmark\.(?:live|host|isolation|slow)\b")
    needed = {"/".join(name(path).split("/")[:2]) for path in below("tests", "*.py") if marked.search(path.read_text())}
    assert sorted(chosen) == sorted({*chosen})
    needed = {path for path in needed if (ROOT / path).is_dir() or path.startswith("tests/test_")}
    assert needed - {"tests/architecture"} <= set(chosen)
    assert {row["select"] for row in rows.values()} == {
        "(live or host or isolation or slow) and not browser and not nightly"
    }
    assert any(step.get("run") == "make test-fast" for step in jobs["fast"]["steps"])


def test_selected_markers_exist() -> None:
    """A job selects by markers that pytest knows."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    markers = {re.split(r"\W", marker)[0] for marker in options["markers"]}
    rows = load(ROOT / ".github/workflows/tests.yml")["jobs"]["slow"]["strategy"]["matrix"]["include"]
    words = {word for row in rows for word in re.findall(r"\w+", row["select"])} - {"and", "or", "not"}
    assert words <= markers


def test_a_release_has_the_package_and_the_machine() -> None:
    """The release builds wheel, sdist and the bundle with the compiled kernel, and prints their digests."""
    commands = "\n".join(step.get("run", "") for step in steps(ROOT / ".github/workflows/release.yml"))
    for part in ("uv build", "machine build --kernel compiled", "machine export dist/drydock.bundle", "sha256sum"):
        assert part in commands


def test_commit_hooks_download_nothing() -> None:
    """Each hook is local, and its program is in the environment that `make setup-dev` makes."""
    repositories = load(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        program = hook["entry"].split()[0]
        assert hook["language"] == "system"
        assert program.startswith(".venv/bin/")
        assert (BIN / Path(program).name).is_file()


def test_the_hooks_are_valid() -> None:
    """pre-commit itself accepts its configuration."""
    command = [str(BIN / "pre-commit"), "validate-config", str(ROOT / ".pre-commit-config.yaml")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr

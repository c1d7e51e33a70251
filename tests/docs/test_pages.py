"""The documentation as a whole: what it links to and names exists, and its lines are short."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from drydock.images import recipe
from tests.architecture.tree import ROOT, files, name

PAGES = [path for path in files() if path.suffix == ".md" and path.parent in (ROOT, ROOT / "docs", ROOT / ".github")]
#: Folders that programs make, and files that a reader of a page makes; so are all of an assignment `greeting`.
MADE = ("build/", "docs/book/", ".venv/", "tls/", "work/")
EXAMPLES = {"autograder/probes/container_limits.py", "tests/autograder/probes/test_container_limits.py"}
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]*")


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub and Sphinx give to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link leads to a file of the repository, and its fragment to a heading there."""
    for link in _LINK.findall(page.read_text()):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        assert target.exists(), link
        assert not parts.fragment or parts.fragment in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_named_files_exist(page: Path) -> None:
    """Each path of the repository that a page names exists."""
    top = {path.relative_to(ROOT).parts[0] for path in files()}
    images = {image.tag.partition(":")[0] for image in recipe.recipes()}
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for path in {code for code in _CODE.findall(prose) if _PATH.fullmatch(code)} - images - EXAMPLES:
        if (
            path.split("/")[0] in top
            and not path.startswith(MADE)
            and not {"NAME", "NAME.py", "greeting", "greeting.py"} & {*path.split("/")}
        ):
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_lines_are_short(page: Path) -> None:
    """No line has more than 120 characters."""
    long = [number for number, line in enumerate(page.read_text().splitlines(), 1) if len(line) > 120]
    assert long == []


def test_modules_of_the_design_page_exist() -> None:
    """Each module in the table of a machine's parts exists, also where only the first of a folder has its folder."""
    table = (ROOT / "docs" / "design.md").read_text().partition("| part | modules |")[2].partition("\n\n")[0]
    rows = table.splitlines()[2:]
    assert rows
    for row in rows:
        modules = re.findall(r"`([^`]+)`", row.split("|")[2])
        folder = modules[0].rpartition("/")[0]
        for module in modules:
            path = module if "/" in module else f"{folder}/{module}"
            assert (ROOT / "drydock" / "machine" / path).exists(), module

"""The external links of lessons, course pages and documentation: ``python -m scripts.external_links`` checks them.

``docs/external-links.toml`` lists each link with the day on which it was last seen to be right, and what showed it: a
file of the repository that the website is made from, another page that names it, or the address itself. The command
needs a network; it writes today's date beside each address that answers, and prints the others.
"""

from __future__ import annotations

import datetime
import re
import tomllib
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from drydock.learn.pages import ledger
from scripts.lesson_reader import COURSE, LESSONS, Lesson

ROOT = COURSE.parent
LIST = ROOT / "docs" / "external-links.toml"
_HEAD = """\
# Each external link of lessons, course pages and documentation. `python -m scripts.external_links` renews it.
#
#   day      when the address was last known to be right
#   source   what showed it: a file "repository: path" in a stored copy, from which the website is made, or the address

"""
#: Seconds that a website gets to answer.
_PATIENCE = 20
_LINK = re.compile(r"https://[\w.-]+\.[a-z]+(?:/[\w./~#?=&%+-]*)?")
#: Addresses that stand for one of the reader's own.
_PLACEHOLDER = re.compile(r"\.example\b|OWNER|//example\.com")


@dataclass(frozen=True)
class Evidence:
    """The day on which an address was last known to be right, and the ``source`` that showed it."""

    day: datetime.date
    source: str


def in_text(text: str) -> set[str]:
    """Return the external addresses in a Markdown text, without placeholders."""
    links = {link.rstrip(".,:") for link in _LINK.findall(text)}
    return {link for link in links if not _PLACEHOLDER.search(link)}


def in_use() -> dict[str, list[str]]:
    """Return every external address of lessons, assignments, course pages and documentation, with its files."""
    notebooks = [*LESSONS, *map(Lesson, sorted((ROOT / "assignments").glob("*/*.ipynb")))]
    texts = {notebook.path: notebook.text for notebook in notebooks}
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), COURSE / "README.md", *COURSE.glob("[a-z]*.md")]
    texts |= {page: page.read_text() for page in sorted(pages)}
    texts |= {COURSE / ledger.NAME: "\n".join(ledger.read(COURSE).sources.values())}
    links: dict[str, list[str]] = {}
    for path, text in texts.items():
        for link in sorted(in_text(text)):
            links.setdefault(link, []).append(path.relative_to(ROOT).as_posix())
    return links


def read(path: Path = LIST) -> dict[str, Evidence]:
    """Return the listed addresses."""
    return {address: Evidence(**entry) for address, entry in tomllib.loads(path.read_text()).items()}


def write(listed: dict[str, Evidence], path: Path = LIST) -> None:
    """Write the list, sorted."""
    rows = [f'"{address}" = {{ day = {entry.day}, source = "{entry.source}" }}\n' for address, entry in listed.items()]
    path.write_text(_HEAD + "".join(sorted(rows)))


def problem(address: str) -> str:
    """Return why an address is wrong, or an empty string: it doesn't answer, or the page lacks the fragment's id."""
    try:
        with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:
            page = answer.read().decode(errors="replace")
    except (OSError, ValueError) as error:
        return str(error)
    fragment = urlsplit(address).fragment
    has_anchor = not fragment or re.search(rf"id=[\"']?{re.escape(fragment)}\b", page)
    return "" if has_anchor else f"the page has no #{fragment}"


def main() -> None:
    """Ask each address in use, renew the list, and print the addresses that are wrong."""
    listed = read()
    today = datetime.datetime.now(datetime.UTC).date()
    renewed = {}
    for address, files in in_use().items():
        reason = problem(address)
        if reason:
            print(f"{address} in {', '.join(files)}: {reason}")
        renewed[address] = Evidence(today, "the address itself") if not reason else listed.get(address)
    write({address: evidence for address, evidence in renewed.items() if evidence})


if __name__ == "__main__":
    main()

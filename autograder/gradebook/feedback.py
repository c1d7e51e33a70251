"""What is shown of a verdict: the executed notebook for formgrader, and a page for the student.

Everything here was written by a submission or about one. The notebook comes harmless out of
:mod:`autograder.execution.sanitize`; the page escapes what it is given, cleans what nbconvert renders, and forbids the
browser to run or fetch anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import bleach
import jinja2
from markupsafe import Markup
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from autograder.checks.selfcheck import SYMBOLS, Shown, coded
from autograder.execution import sanitize
from autograder.execution.bounded_call import CallFailed, bounded_call
from autograder.gradebook.grades import CellGrade, Grade
from autograder.gradebook.marking_advice import Advice, add_advice
from autograder.submission import digest
from autograder.verdict import Result, State, Verdict
from drydock.core import resources

_PAGE = resources.package_data("autograder.gradebook", "page.html")
_WORDS = set("a blockquote br code div em h1 h2 h3 h4 h5 h6 hr li ol p pre span strong ul".split())
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_ATTRIBUTES = {"a": ["href"], "div": ["class"], "span": ["class"]}
#: nbgrader's metadata of the cells that the gradebook knows, by the cell's id.
Cells = Mapping[str, Mapping[str, Any]]
_STATES: dict[State, str] = {
    "graded": "graded",
    "timed-out": "stopped, it took too long",
    "crashed": "its kernel or its Docker died",
    "unreadable": "could not be read",
    "infra-error": "could not be graded yet",
}


@dataclass(frozen=True)
class Rendered:
    """What is shown of a verdict: ``notebook`` (JSON) for formgrader, ``page`` (HTML) for the student."""

    notebook: str
    page: str


def rendered(
    verdict: Verdict,
    given: NotebookNode | None = None,
    grade: Grade | None = None,
    cells: Cells | None = None,
    advice: Advice | None = None,
) -> Rendered:
    """Render a verdict in a process that can be killed; what can't be rendered is shown without its notebook.

    ``given`` is the notebook as it was released, for a submission of which nothing came back. ``grade`` is what the
    gradebook says, with what persons gave, and ``cells`` are the cells that it knows. ``advice`` is for the person who
    gives points, and only in the notebook.
    """
    fallback = None if verdict.notebook else given
    try:
        return Rendered(*bounded_call(_render, verdict.to_json(), fallback, grade, cells, advice))
    except CallFailed as failure:
        note = f"{verdict.note} The executed notebook can't be shown: {failure}.".strip()
        plain = replace(verdict, notebook="", note=note)
        return Rendered(sanitize.text(to_mark(plain, given, cells, advice)), page(plain, grade))


def missing_cells(verdict: Verdict, wanted: set[str]) -> set[str]:
    """Return which of the ``wanted`` ids of cells the executed notebook lacks; none where there is no notebook."""
    if not verdict.notebook:
        return set()
    try:
        return wanted - set(bounded_call(_cells_of, verdict.notebook))
    except CallFailed:
        return set()


def _render(
    verdict: dict[str, Any],
    given: NotebookNode | None,
    grade: Grade | None,
    cells: Cells | None,
    advice: Advice | None,
) -> tuple[str, str]:
    read = Verdict.from_json(verdict)
    return sanitize.text(to_mark(read, given, cells, advice)), page(read, grade)


def _cells_of(notebook: str) -> list[str]:
    cells = sanitize.read(notebook.encode()).cells
    metadata = [cell.metadata.get("nbgrader") for cell in cells]
    return [str(entry.get("grade_id")) for entry in metadata if isinstance(entry, dict)]


def to_mark(
    verdict: Verdict, given: NotebookNode | None = None, cells: Cells | None = None, advice: Advice | None = None
) -> NotebookNode:
    """Return what a person grades: the executed notebook, or else the released one, with the verdict's note on top.

    With ``cells``, only a cell that the gradebook knows is one of nbgrader's, and each once. A missing one that a
    person grades is added, empty, so that it can be given its points. The ``advice`` follows the answer that it is for.
    """
    shown = with_results(verdict, given)
    if cells is not None:
        _set_metadata(shown, cells)
    add_advice(shown, advice or {})
    if verdict.note:
        shown.cells.insert(0, sanitize.prose(f"> {verdict.note}"))
    return shown


def _set_metadata(shown: NotebookNode, cells: Cells) -> None:
    missing = dict(cells)
    for cell in shown.cells:
        metadata = missing.pop(cell.metadata.pop("nbgrader", {}).get("grade_id", ""), None)
        if metadata is not None:
            cell.metadata["nbgrader"] = dict(metadata)
    for name, metadata in missing.items():
        if metadata["task"] or (metadata["grade"] and metadata["solution"]):
            shown.cells.append(sanitize.prose(f"The submission has no cell `{name}`."))
            shown.cells[-1].metadata["nbgrader"] = {**metadata, "cell_type": "markdown"}


def with_results(verdict: Verdict, fallback: NotebookNode | None = None) -> NotebookNode:
    """The executed notebook, harmless, with what each check saw under its cell."""
    ran = sanitize.read(verdict.notebook.encode()) if verdict.notebook else fallback
    shown = sanitize.harmless(ran) if ran else sanitize.empty()
    results = {result.id.replace(".", "-"): result for result in verdict.checks}
    for cell in shown.cells:
        result = results.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        if result and cell.cell_type == "code":
            cell.outputs = [_as_output(result)]
    return shown


def page(verdict: Verdict, grade: Grade | None = None) -> str:
    """The feedback as one HTML file that needs no other; ``grade`` adds what persons gave, wrote, and have still to."""
    checks = {result.id.replace(".", "-"): result for result in verdict.checks}
    by_hand = [cell for cell in grade.cells if cell.cell not in checks or _touched(cell)] if grade else []
    return _template().render(
        verdict=verdict,
        grade=grade,
        by_hand=by_hand,
        version=grade_version(grade),
        body=Markup(_rendered(with_results(verdict)) if verdict.notebook else ""),
        highlighting=Markup(HtmlFormatter().get_style_defs(".ran .highlight")),
        symbols=SYMBOLS,
        states=_STATES,
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["coded"] = lambda words: Markup(coded(words))
    return environment.from_string(_PAGE.read_text())


def grade_version(grade: Grade | None) -> str:
    """Return a hash of what the gradebook says; it stands in the page, so that an outdated page is noticed."""
    return digest([repr(grade).encode()])[:16]


def _touched(cell: CellGrade) -> bool:
    return cell.by_hand or bool(cell.extra) or bool(cell.comment)


def _rendered(shown: NotebookNode) -> str:
    """The cells as HTML, of which only the markup of plain text is left."""
    return str(_exporter().from_notebook_node(shown)[0])


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(
        template_name="basic", sanitize_html=True, exclude_anchor_links=True, filters={"clean_html": _clean}
    )


def _clean(html: str) -> str:
    return str(bleach.clean(html, tags=_WORDS | _TABLES, attributes=_ATTRIBUTES, protocols={"http", "https", "mailto"}))


def _as_output(result: Result) -> NotebookNode:
    return sanitize.printed(repr(Shown([result])) + "\n")

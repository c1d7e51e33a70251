"""What is shown of a verdict: the executed notebook for formgrader, and a page for the student.

Everything here was written by a submission or about one. The notebook comes harmless out of
:mod:`autograder.execution.sanitize`; the page escapes what it is given, cleans what nbconvert renders, and forbids the
browser to run or fetch anything.
"""

from __future__ import annotations

import bleach
import jinja2
from markupsafe import Markup
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from autograder.checks.selfcheck import MARKS, Shown, coded
from autograder.execution import sanitize
from autograder.verdict import Result, State, Verdict
from drydock.core import resources

_PAGE = resources.package_data("autograder.gradebook", "page.html")
_WORDS = set("a blockquote br code div em h1 h2 h3 h4 h5 h6 hr li ol p pre span strong ul".split())
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_ATTRIBUTES = {"a": ["href"], "div": ["class"], "span": ["class"]}
_STATES: dict[State, str] = {
    "graded": "graded",
    "timed-out": "stopped, it took too long",
    "crashed": "its kernel or its Docker died",
    "unreadable": "could not be read",
    "infra-error": "could not be graded yet",
}


def to_mark(verdict: Verdict, given: NotebookNode | None = None) -> NotebookNode:
    """What a person marks: the executed notebook (what was ``given`` out, where none came back), and why on top."""
    shown = with_results(verdict, given)
    if verdict.note:
        shown.cells.insert(0, sanitize.prose(f"> {verdict.note}"))
    return shown


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


def cells_of(verdict: Verdict) -> set[str]:
    """The ids that nbgrader knows the cells of the executed notebook by."""
    cells = sanitize.read(verdict.notebook.encode()).cells if verdict.notebook else []
    return {cell.metadata["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell.metadata}


def page(verdict: Verdict) -> str:
    """The feedback as one HTML file that needs no other."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["coded"] = lambda words: Markup(coded(words))
    return environment.from_string(_PAGE.read_text()).render(
        verdict=verdict,
        body=Markup(_rendered(with_results(verdict)) if verdict.notebook else ""),
        highlighting=Markup(HtmlFormatter().get_style_defs(".ran .highlight")),
        marks=MARKS,
        states=_STATES,
    )


def _rendered(shown: NotebookNode) -> str:
    """The cells as HTML, of which only the markup of plain text is left."""
    exporter = HTMLExporter(
        template_name="basic", sanitize_html=True, exclude_anchor_links=True, filters={"clean_html": _clean}
    )
    return str(exporter.from_notebook_node(shown)[0])


def _clean(html: str) -> str:
    return str(bleach.clean(html, tags=_WORDS | _TABLES, attributes=_ATTRIBUTES, protocols={"http", "https", "mailto"}))


def _as_output(result: Result) -> NotebookNode:
    return sanitize.printed(repr(Shown([result])) + "\n")

"""Submitted notebooks: what is read, what is run, what is shown."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from nbconvert import HTMLExporter
from nbformat import NotebookNode, v4

from autograder.errors import UnreadableNotebook
from autograder.execution import sanitize
from drydock.submit import RAW_LIMIT
from tests.autograder.conftest import notebook_named, notebook_of

#: What is no notebook, and words of the reason.
UNREADABLE = {
    "not JSON": (b"{'cells': []}", "not JSON"),
    "not text": (b"\xff\xfe\x00", "not JSON"),
    "not a notebook": (b"[]", "no cells"),
    "a number": (b"7", "no cells"),
    "empty": (b"", "empty"),
    "nested too deeply": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "metadata nested too deeply": (
        b'{"cells": [], "metadata": {"drydock": ' + b'{"a":' * 700 + b"1" + b"}" * 702,
        "nested too deeply",
    ),
    "no cells": (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "no cells"),
    "cells of text": (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ["rm -rf"]}', "cells are none"),
    "too large": (notebook_of("1") + b" " * RAW_LIMIT, "larger than 64 MB"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_is_no_notebook_is_told(kind: str) -> None:
    """Whatever the bytes are, there is one kind of error, with a reason a student can read."""
    data, reason = UNREADABLE[kind]
    with pytest.raises(UnreadableNotebook) as caught:
        sanitize.read(data)
    assert reason in caught.value.why
    assert len(caught.value.why) <= 200


def test_tags_do_not_reach_the_run() -> None:
    """A cell tagged ``skip-execution`` would be left out by nbclient."""
    runnable = sanitize.bare(sanitize.read(notebook_named("cheat-skip-execution")))
    assert all("tags" not in cell.metadata for cell in runnable.cells)


def test_the_kernel_is_not_the_submissions_choice() -> None:
    """A kernel of another name could be any program."""
    data = json.loads(notebook_of("1"))
    data["metadata"]["kernelspec"] = {"name": "evil", "display_name": "Evil"}
    assert sanitize.bare(sanitize.read(json.dumps(data).encode())).metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("made", [sanitize.empty(), sanitize.harmless(sanitize.read(notebook_of("import numpy")))])
def test_what_is_shown_has_no_kernel_that_jupyter_could_start(made: NotebookNode) -> None:
    """On opening, Jupyter starts a kernel of this name, or the only one of this language, in the student's folder."""
    assert list(made.metadata) == ["kernelspec"]
    assert made.metadata.kernelspec.keys() == {"name", "display_name"}
    assert made.metadata.kernelspec.name not in KernelSpecManager().find_kernel_specs()


def test_what_is_shown_is_highlighted_as_python() -> None:
    """Pages of nbgrader and of ours take the language from nbconvert, where the notebook names none."""
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(
        sanitize.harmless(sanitize.read(notebook_of("!docker ps\nimport numpy")))
    )
    assert '<span class="kn">import</span>' in page
    assert '<span class="o">!</span>' in page


def test_nbgraders_marks_are_kept_when_they_are_what_they_should_be() -> None:
    """Formgrader finds its cells by them; anything else in them is dropped."""
    marks = {"grade_id": "service-token", "grade": True, "points": 1, "locked": "<b>", "more": {}}
    cell = sanitize.bare(sanitize.read(notebook_of("1", nbgrader=marks))).cells[0]
    assert cell.metadata == {"nbgrader": {"grade_id": "service-token", "grade": True, "points": 1}}


def test_points_are_a_number() -> None:
    """Browsers can't read a notebook with NaN in it."""
    marks = {"grade_id": "service-token", "points": float("nan")}
    cell = sanitize.bare(sanitize.read(notebook_of("1", nbgrader=marks))).cells[0]
    assert cell.metadata == {"nbgrader": {"grade_id": "service-token"}}


def test_an_odd_grade_id_is_no_mark() -> None:
    """It would be shown and looked up."""
    assert sanitize.bare(sanitize.read(notebook_of("1", nbgrader={"grade_id": "../x"}))).cells[0].metadata == {}


def shown(output: dict[str, Any]) -> list[Any]:
    """What is left of one output."""
    data = json.loads(notebook_of("1"))
    data["cells"][0]["outputs"] = [output]
    return list(sanitize.harmless(sanitize.read(json.dumps(data).encode())).cells[0].outputs)


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "application/javascript", "text/latex", "text/markdown"]
)
def test_outputs_that_could_act_are_left_out(kind: str) -> None:
    """What a browser would run, or load something for, never reaches one."""
    data = {"text/plain": "words", kind: "<script>alert(1)</script>"}
    assert shown({"output_type": "display_data", "data": data, "metadata": {}})[0].data == {"text/plain": "words"}


def test_a_picture_is_kept_if_it_is_one() -> None:
    """Base64 and nothing else: the text goes into an attribute."""
    assert shown({"output_type": "display_data", "data": {"image/png": "aGFyYm91cg=="}, "metadata": {}})
    assert not shown({"output_type": "display_data", "data": {"image/png": '"><script>'}, "metadata": {}})


def test_control_characters_are_taken_out_of_what_was_printed() -> None:
    """All but those for lines, tabs and colours."""
    assert (
        shown({"output_type": "stream", "name": "stdout", "text": "a\x07\x00b\x1b[31mc\n"})[0].text == "ab\x1b[31mc\n"
    )


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_html_in_prose_is_shown_as_text(kind: str) -> None:
    """Neither a markdown cell nor a raw one brings elements into the page."""
    data = json.loads(notebook_of("1"))
    data["cells"] = [{"cell_type": kind, "id": "prose", "metadata": {}, "source": "hi <img src=x onerror=alert(1)>"}]
    cell = sanitize.harmless(sanitize.read(json.dumps(data).encode())).cells[0]
    assert cell.cell_type == "markdown"
    assert "<img" not in cell.source


#: Commands of TeX that MathJax would make a link of, or load a script for, and other ways to write them.
FORMULAS = [
    r"$\href{javascript:a()}{x}$",
    r"$$\mmlToken{mi}[href='javascript:a()']{x}$$",
    r"\\(\\href{javascript:a()}{x}\\)",
    r"\begin{align}\require{html}\href{javascript:a()}{x}\end{align}",
    r"$ &#92;href{javascript:a()}{x} $",
    r"$ \&#104;ref{javascript:a()}{x} $",
    r"$ &bsol;href{javascript:a()}{x} $",
    r"$\def\x{\href}\x{javascript:a()}{x}$",
]


@pytest.mark.parametrize("source", FORMULAS)
def test_a_formula_makes_no_link(source: str) -> None:
    """A browser's text of the cell has no command but those for formulas, also when the cell was sanitized twice."""
    cell = sanitize.prose(source)
    assert sanitize.prose(cell.source).source == cell.source
    text = HTMLExporter(template_name="basic").from_notebook_node(v4.new_notebook(cells=[cell]))[0]
    assert not re.search(r"\\(href|mmlToken|require|def|x)", html.unescape(text))


def test_formulas_and_common_entities_stay_as_they_are() -> None:
    """What people write in answers is shown to the person who grades."""
    source = r"$\frac{a}{b} \leq \sum_i x_i$, a &lt; b &amp; c, \*no emphasis\*, Tom & Jerry"
    assert sanitize.prose(source).source == source

"""Renders a sample page on its import: in the fork server, so that no child has to load what renders the pages.

The lexers of the highlighter, the compiled templates and selectors take 0.5 s of CPU time, and a page 0.1 s.
"""

from __future__ import annotations

from typing import Any

import nbformat

from autograder.execution import sanitize
from autograder.gradebook import feedback
from autograder.verdict import Result, Verdict

# nbformat's functions carry no types.
_v4: Any = nbformat.v4

_PROSE = (
    "# Heading\n\nSome `code`, a [link](https://docs.docker.com), $x^2$.\n\n- item\n\n| a | b |\n|---|---|\n| 1 | 2 |"
)
_CODE = '@decorated\ndef run(name: str = f\'{1}\') -> None:\n    """Text."""\n    !docker run {name} # a comment'


def render_sample() -> str:
    """Return a page with a cell of each kind, and an output of each kind."""
    outputs = [
        _v4.new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m"),
        _v4.new_output("display_data", data={"text/plain": "1"}),
        _v4.new_output("error", ename="NameError", evalue="name", traceback=["\x1b[31mNameError\x1b[0m"]),
    ]
    cells = [_v4.new_markdown_cell(_PROSE, id="prose"), _v4.new_code_cell(_CODE, id="code", outputs=outputs)]
    notebook = sanitize.text(_v4.new_notebook(cells=cells))
    checks = (Result("sample.check", "A check.", 1, "failed", "What `was` seen.", "A hint."),)
    return feedback.page(Verdict("sample", "sample", "graded", checks, 0, notebook, note="A note."))


render_sample()

"""A submitted notebook is untrusted: it is read with limits, run without its tags, and shown without active content.

Nothing is taken over that isn't named here: an allowed list is easier to trust than a list of dangers.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.execution.notebook_reader import read

__all__ = ["bare", "empty", "harmless", "printed", "prose", "read", "text"]

# nbformat's functions carry no types.
_nbformat: Any = nbformat
_v4: Any = nbformat.v4

_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
#: What is shown has a kernel that doesn't exist. JupyterLab starts a notebook's kernel when the notebook is opened, and
#: Python in a folder imports the student's files there before its own. Without an exact match, JupyterLab looks for a
#: kernel of the notebook's language, so no language is named; nbconvert highlights Python then.
_NO_KERNEL = {"name": "drydock-graded", "display_name": "None: graded work is not run here"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
# The end of a link's text, or of its name where its target is defined, unless it leads to a page.
_LINK = re.compile(r"\](?=[(:])(?![(:]\s*(?:https?://|mailto:|#))")
#: A link to a file beside the notebook, which a page doesn't have: only its words are kept.
_BESIDE = re.compile(r"\[([^\[\]]*)\]\([\w./#-]+\)")
_PICTURE = re.compile(r"!(?=\[)")
#: An entity, which may be any character that is looked for here; these few are what they are.
_ENTITY = re.compile(r"&(?=[#A-Za-z])(?!(?:lt|gt|amp|quot|nbsp);)")
#: The commands of TeX for formulas. Others make links (href), attributes (mmlToken) and new commands (def), and load
#: scripts (require): MathJax, which nbgrader's pages have, would follow them.
_FORMULA = (
    "alpha beta gamma delta epsilon lambda mu pi sigma omega Delta Omega Sigma approx begin big bigl bigr binom cap "
    "cdot cdots circ cup dots end exists exp forall frac ge geq in infty int land ldots le left leftarrow leq ll ln "
    "log lor lim mapsto mathbb mathbf mathrm max min mod neg neq not operatorname over overline pm prod quad qquad "
    "right rightarrow sim sqrt subset subseteq sum text textbf times to underline"
).split()
_COMMAND = re.compile(rf"\\(?=[A-Za-z])(?!(?:{'|'.join(_FORMULA)})(?![A-Za-z]))")
#: A character without a width: it ends a command of TeX and changes nothing for a reader.
_JOINER = "\u2060"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
#: An escape character, with the sequence that follows it, whatever it would do to a terminal.
_ESCAPE = re.compile(r"\x1b(?:\[(?P<numbers>[0-?]*)[ -/]*(?P<end>[@-~])|\][^\x07\x1b]*|.)?", re.DOTALL)
_PICTURES = ("image/png", "image/jpeg")
_NBGRADER: dict[str, type | tuple[type, ...]] = {
    "cell_type": str,
    "checksum": str,
    "grade": bool,
    "grade_id": str,
    "locked": bool,
    "points": (int, float),
    "schema_version": int,
    "solution": bool,
    "task": bool,
}


def text(notebook: NotebookNode) -> str:
    """The notebook as JSON text."""
    return str(_nbformat.writes(notebook))


def bare(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook to run: sources, ids and nbgrader's metadata; no tags, no outputs, and Python's kernel."""
    return _new([_cell(cell) for cell in notebook.cells], _KERNEL)


def harmless(notebook: NotebookNode) -> NotebookNode:
    """What is shown to people: as :func:`bare`, with outputs that can't act in a browser, and no kernel to start."""
    cells = []
    for cell in notebook.cells:
        copy = _cell(cell)
        if copy.cell_type == "markdown":
            copy.source = _tame(copy.source)
        else:
            copy.execution_count = cell.get("execution_count")
            copy.outputs = [kept for output in cell.get("outputs", []) if (kept := _output(output))]
        cells.append(copy)
    return _new(cells, _NO_KERNEL)


def _tame(prose: str) -> str:
    """Markdown that brings no elements, no pictures from elsewhere, and no link but to a page, also not in formulas."""
    words = _COMMAND.sub(rf"\\{_JOINER}", _ENTITY.sub("&amp;", _BESIDE.sub(r"\1", prose)))
    return _LINK.sub(r"]\\", _PICTURE.sub("! ", _TAG.sub("&lt;", words)))


def empty() -> NotebookNode:
    """A notebook without cells, to be shown."""
    return _new([], _NO_KERNEL)


def printed(words: str) -> NotebookNode:
    """An output as if a cell had printed these words."""
    output: NotebookNode = _v4.new_output("stream", name="stdout", text=_plain(words))
    return output


def prose(words: str) -> NotebookNode:
    """A cell with these words, as harmless as a student's."""
    cell: NotebookNode = _v4.new_markdown_cell(_tame(_plain(words)))
    return cell


def _new(cells: list[NotebookNode], kernel: dict[str, str]) -> NotebookNode:
    made: NotebookNode = _v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return made


def _cell(cell: NotebookNode) -> NotebookNode:
    copy: NotebookNode
    source = _CONTROL.sub("", cell.source).replace("\x1b", "")
    marks = _marks(cell.metadata.get("nbgrader"))
    metadata = {"nbgrader": marks} if marks else {}
    if cell.cell_type == "code":
        copy = _v4.new_code_cell(source, metadata=metadata)
    elif cell.cell_type == "raw":  # a raw cell would go into a page as it is
        copy = _v4.new_markdown_cell("\n".join(f"    {line}" for line in source.splitlines()), metadata=metadata)
    else:
        copy = _v4.new_markdown_cell(source, metadata=metadata)
    if _ID.fullmatch(str(cell.get("id", ""))):
        copy.id = cell.id
    return copy


def _marks(metadata: Any) -> dict[str, Any] | None:
    if not isinstance(metadata, dict) or not _ID.fullmatch(str(metadata.get("grade_id", ""))):
        return None
    marks = {key: metadata[key] for key, kind in _NBGRADER.items() if isinstance(metadata.get(key), kind)}
    # Python's JSON has NaN and Infinity, which browsers refuse to read.
    return {key: value for key, value in marks.items() if not isinstance(value, float) or math.isfinite(value)}


def _output(output: NotebookNode) -> Any:
    match output.output_type:
        case "stream":
            name = "stderr" if output.name == "stderr" else "stdout"
            return _v4.new_output("stream", name=name, text=_plain(output.text))
        case "error":
            traceback = [_plain(line) for line in output.traceback]
            return _v4.new_output(
                "error", ename=_plain(output.ename), evalue=_plain(output.evalue), traceback=traceback
            )
        case "display_data" | "execute_result":
            data = {kind: value for kind, value in map(_shown, output.data.items()) if value}
            return _v4.new_output("display_data", data=data) if data else None
    return None


def _shown(item: tuple[str, Any]) -> tuple[str, str | None]:
    kind, value = item
    if kind == "text/plain" and isinstance(value, str):
        return kind, _plain(value)
    if kind in _PICTURES and isinstance(value, str) and _is_base64(value):
        return kind, value
    return kind, None


def _plain(text: Any) -> str:
    """Return text whose only control characters are line ends, tabs and complete sequences for colours."""
    return _ESCAPE.sub(_colour, _CONTROL.sub("", str(text)))


def _colour(match: re.Match[str]) -> str:
    """Return a sequence that sets colours as it is; drop any other, and one whose numbers nbconvert can't read."""
    numbers = (match["numbers"] or "").split(";")
    simple = all(number.isdecimal() and len(number) <= 3 and number not in ("38", "48") for number in numbers)
    return match[0] if match["end"] == "m" and (simple or numbers == [""]) else ""


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True

"""The JSON of a notebook, as any editor and any accident leaves it.

``drydock submit`` and the autograder read with it, so what one takes, the other takes. It knows JSON only: the content
of a cell may still be of any type.
"""

from __future__ import annotations

import json
from typing import Any

#: How files begin that students take for their notebook, and what they are.
_NOT_JSON = {
    "<": "it is a web page and not the notebook itself",
    "PK\3\4": "it is an archive, whatever its name says",
    "version https://git-lfs": "it is a pointer of Git LFS and not the notebook itself",
}
_MOST_DIGITS = 400


class NoNotebookJson(ValueError):
    """These bytes are no notebook; the message gives the reason."""


def parsed(data: bytes) -> dict[str, Any]:
    """Return the JSON object in these bytes: in UTF-8, 16 or 32, with what a crash or a conflict left behind it.

    A byte that is no text becomes a replacement character, so a comment saved in another encoding costs nothing.
    Raises :class:`NoNotebookJson`.
    """
    text = data.decode(json.detect_encoding(data), errors="replace").strip("\ufeff\0 \t\r\n")
    for beginning, reason in _NOT_JSON.items():
        if text.startswith(beginning):
            raise NoNotebookJson(reason)
    if not text:
        raise NoNotebookJson("it is empty")
    try:
        raw = _DECODER.raw_decode(text)[0]
    except json.JSONDecodeError as error:
        raise NoNotebookJson(f"it is not JSON: {error}"[:200]) from None
    except RecursionError:
        raise NoNotebookJson("it is nested too deeply") from None
    if not isinstance(raw, dict):
        raise NoNotebookJson("it is not a notebook: it has no cells")
    return raw


def cells_of(raw: dict[str, Any]) -> list[Any]:
    """Return the cells of a notebook of format 4, or of all worksheets of format 3; raise :class:`NoNotebookJson`."""
    cells = raw.get("cells")
    sheets = raw.get("worksheets")
    if not isinstance(cells, list) and isinstance(sheets, list):
        inner = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for part in inner if isinstance(part, list) for cell in part] or None
    if not isinstance(cells, list):
        raise NoNotebookJson("it is not a notebook: it has no cells")
    return cells


def _number(digits: str) -> int:
    """Return a whole number; Python refuses to convert more than 4,300 digits, and no notebook needs them."""
    return int(digits) if len(digits) <= _MOST_DIGITS else 0


_DECODER = json.JSONDecoder(parse_int=_number)

"""A notebook's JSON is read in any encoding of Unicode, and what is no notebook has a reason."""

from __future__ import annotations

import json

import pytest

from drydock.core.notebook_json import NoNotebookJson, cells_of, parsed

TEXT = json.dumps({"cells": ["one"]})


@pytest.mark.parametrize(
    "data",
    [
        *(TEXT.encode(encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32")),
        f"{TEXT}\n}} the end of an older file".encode(),
        TEXT.encode() + bytes(3),
        TEXT.replace("{", '{"number": ' + "9" * 5000 + ", ", 1).encode(),
        json.dumps({"worksheets": [{"cells": ["one"]}, {"cells": []}, "none"]}).encode(),
    ],
)
def test_a_notebook_is_read(data: bytes) -> None:
    """Whatever its encoding, what follows it, and its format."""
    assert cells_of(parsed(data)) == ["one"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b" \0\n", "it is empty"),
        (b"\n<!DOCTYPE html>", "a web page"),
        (b"PK\3\4", "an archive"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (b"not JSON", "it is not JSON"),
        (b"[]", "it has no cells"),
        (b'{"cells": 3}', "it has no cells"),
        (b'{"cells":' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_none_has_a_reason(data: bytes, reason: str) -> None:
    """In words that follow the file's name."""
    with pytest.raises(NoNotebookJson, match=reason):
        cells_of(parsed(data))

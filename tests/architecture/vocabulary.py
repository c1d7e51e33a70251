"""The search for terms that this repository no longer uses: ``python -m tests.architecture.vocabulary [PATH …]``.

The terms, with what to write instead, are in ``vocabulary.toml``. The command prints one line for each hit and the
number of hits for each file; with ``--names`` also the hits in names of Python code.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.architecture import tree

LIST = Path(__file__).with_suffix(".toml")

#: Where the search does not look. Lessons and the statements of assignments have their own style tests.
LEFT_OUT = re.compile(
    r"course/|.*\.ipynb$|LICENSE$|locks/|environment\.yml$|binder/environment\.yml$|tests/fixtures/frozen/"
    r"|tests/architecture/vocabulary\.|tests/architecture/test_vocabulary\.py$|.*\.config$|.*/lock\.txt$"
)
#: What a space in a pattern matches: blanks, also across two lines of a comment, a docstring or joined strings.
_SPACE = r"(?:[ \t]+(?:[\"']\n[ \t]*[rf]?[\"'])?|[ \t]*\n[ \t]*(?:#:? ?)?)"
#: The parts of a pattern between which a space means a space: sets of characters, escapes, spaces.
_PARTS = re.compile(r"\[(?:\\.|[^\]])*\]|\\.| ")
#: Blanks in a row, mostly in the place of code: the search takes half the time without them.
_BLANKS = re.compile(r"[ \t]{2,}")
_REPLACED = re.compile(r"\{[^{}\n]*\}")


@dataclass(frozen=True)
class Term:
    """A term that is no longer used, as regular expressions, and the word to write instead."""

    term: str
    pattern: re.Pattern[str]
    allowed: tuple[re.Pattern[str], ...]
    write: str
    example: str

    def spans(self, text: str) -> Iterator[re.Match[str]]:
        """Yield each hit in a text that overlaps no legitimate use."""
        legitimate = [match.span() for pattern in self.allowed for match in pattern.finditer(text)]
        for match in self.pattern.finditer(text):
            if not any(match.start() < end and start < match.end() for start, end in legitimate):
                yield match


@dataclass(frozen=True)
class Hit:
    """One use of such a term: the file, the line number, the words found, and the term."""

    file: str
    line: int
    words: str
    term: Term

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words!r}; write: {self.term.write}"


@cache
def terms(kind: str) -> tuple[Term, ...]:
    """Return the terms of one kind of the list: ``prose`` or ``name``."""
    return tuple(
        Term(
            entry["term"],
            _compiled(entry["pattern"], kind == "name" or entry.get("case", False)),
            tuple(_compiled(pattern, False) for pattern in entry.get("allow", ())),
            entry["write"],
            entry["example"],
        )
        for entry in tomllib.loads(LIST.read_text())[kind]
    )


def _compiled(pattern: str, case: bool) -> re.Pattern[str]:
    spaced = _PARTS.sub(lambda part: _SPACE if part[0] == " " else part[0], pattern)
    return re.compile(spaced, re.MULTILINE if case else re.MULTILINE | re.IGNORECASE)


def prose_hits(file: str, text: str) -> list[Hit]:
    """Return the hits in the prose of a file; of Python code that is its comments and strings."""
    prose = _BLANKS.sub(" ", python_prose(text) if file.endswith(".py") else text)
    return [
        Hit(file, prose.count("\n", 0, match.start()) + 1, " ".join(match[0].split())[:60], term)
        for term in terms("prose")
        for match in term.spans(prose)
    ]


def python_prose(source: str) -> str:
    """Return Python source with a blank for each character that belongs neither to a comment nor to a string."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    blank = list(re.sub(r"[^\n]", " ", source))
    kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in kinds:
            start = starts[token.start[0] - 1] + token.start[1]
            # Python 3.11 has an f-string as one token, with the code in its braces.
            is_f_string = re.match(r"[rR]?[fF]", token.string) is not None and token.type == tokenize.STRING
            text = _REPLACED.sub(lambda code: " " * len(code[0]), token.string) if is_f_string else token.string
            blank[start : start + len(text)] = text
    return "".join(blank)


def name_hits(file: str, text: str) -> list[Hit]:
    """Return the hits in the names that a Python file defines."""
    if not file.endswith(".py"):
        return []
    names = _defined(ast.parse(text))
    return [Hit(file, line, name, term) for line, name in names for term in terms("name") if any(term.spans(name))]


def _defined(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield each name that a module defines, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name


def searched() -> list[Path]:
    """Return the files that are searched: all texts of the repository but those in ``LEFT_OUT``."""
    return [path for path in tree.files() if not LEFT_OUT.match(tree.name(path))]


def hits(path: Path, *, names: bool = False) -> list[Hit]:
    """Return all hits of a file, in the order of its lines."""
    text = path.read_text(errors="replace")
    file = tree.name(path)
    return sorted(prose_hits(file, text) + (name_hits(file, text) if names else []), key=lambda hit: hit.line)


def main() -> int:
    """Print the hits of the named files and folders, or of the repository; return 1 if there is one."""
    parser = argparse.ArgumentParser(prog="python -m tests.architecture.vocabulary")
    parser.add_argument("path", nargs="*", help="only files whose name begins so")
    parser.add_argument("--names", action="store_true", help="also names of Python code")
    options = parser.parse_args()
    selected = [path for path in searched() if not options.path or tree.name(path).startswith(tuple(options.path))]
    all_hits = [hit for path in selected for hit in hits(path, names=options.names)]
    for hit in all_hits:
        print(hit)
    for file, number in sorted(Counter(hit.file for hit in all_hits).items()):
        print(f"{number:5}  {file}")
    print(f"{len(all_hits):5}  in all")
    return 1 if all_hits else 0


if __name__ == "__main__":
    raise SystemExit(main())

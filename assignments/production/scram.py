"""Checks whether a word is a password, with the SCRAM verifier that PostgreSQL stores; the password stays unknown."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from autograder.checks.api import Failed

#: How PostgreSQL writes a verifier down (RFC 5802, RFC 7677).
_SCRAM = re.compile(r"SCRAM-SHA-256\$([1-9][0-9]{0,5}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):[A-Za-z0-9+/=]+")
_BETWEEN = re.compile(r"[\s\"'`=:/@,;|&(){}\[\]<>]+")
_LONGEST, _MOST_WORDS = 200, 5000
#: For how long words are tried: ten times as long as it takes with PostgreSQL's own number of iterations.
_SECONDS = 60


@dataclass(frozen=True)
class Verifier:
    """What the database stores instead of a password: enough to check a word, not enough to find the password."""

    iterations: int
    salt: bytes
    stored: bytes

    @classmethod
    def read(cls, text: str) -> Verifier | None:
        """The verifier in ``pg_authid.rolpassword``, if it is one."""
        match = _SCRAM.fullmatch(text.strip())
        if not match:
            return None
        try:
            return cls(int(match[1]), base64.b64decode(match[2]), base64.b64decode(match[3]))
        except binascii.Error:
            return None

    def knows(self, word: str) -> bool:
        """Whether this is the password."""
        salted = hashlib.pbkdf2_hmac("sha256", word.encode(), self.salt, self.iterations)
        client = hmac.digest(salted, b"Client Key", "sha256")
        return hmac.compare_digest(hashlib.sha256(client).digest(), self.stored)


def teller(
    verifiers: Sequence[Verifier], things: Iterable[tuple[str, Any]], *, seconds: float = _SECONDS
) -> str | None:
    """The name of the first thing that has one of the passwords among its words.

    No word is tried twice, and of each thing only as many as a person writes. Raises :class:`Failed` when that takes
    longer than ``seconds``: the database chooses how much work each word is.
    """
    tried, deadline = set[str](), time.monotonic() + seconds
    for name, thing in things:
        words = sorted(set(words_of(thing)) - tried)[:_MOST_WORDS]
        if any(_knows(verifier, word, deadline) for word in words for verifier in verifiers):
            return name
        tried.update(words)
    return None


def _knows(verifier: Verifier, word: str, deadline: float) -> bool:
    if time.monotonic() > deadline:
        raise Failed(
            "The database makes trying a word so slow that not all settings could be compared with its passwords. One "
            f"password has {verifier.iterations} iterations.",
            hint="PostgreSQL's own number is 4096, and few users need a password. Search for `scram_iterations`.",
        )
    return verifier.knows(word)


def words_of(thing: Any) -> Iterator[str]:
    """Every text in a thing made of lists and dictionaries: whole, what follows its first ``=``, and word by word."""
    if isinstance(thing, str):
        pieces = (thing, thing.strip(), thing.partition("=")[2], *_BETWEEN.split(thing))
        yield from (piece for text in pieces for piece in {text, unquote(text)} if 0 < len(piece) <= _LONGEST)
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from words_of(key)
            yield from words_of(value)
    elif isinstance(thing, Sequence):
        for value in thing:
            yield from words_of(value)

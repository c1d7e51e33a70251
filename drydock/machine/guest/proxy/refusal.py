"""The refusal of a request: what the client reads instead of an answer of the daemon."""

from __future__ import annotations

import json

BAD_REQUEST, FORBIDDEN, NOT_FOUND, TOO_LARGE, BAD_GATEWAY, BUSY = 400, 403, 404, 413, 502, 503
_REASONS = {
    BAD_REQUEST: "Bad Request",
    FORBIDDEN: "Forbidden",
    NOT_FOUND: "Not Found",
    TOO_LARGE: "Content Too Large",
    BAD_GATEWAY: "Bad Gateway",
    BUSY: "Service Unavailable",
}


class Refused(Exception):
    """A request that never reaches the daemon; the message names the field and the reason."""

    def __init__(self, message: str, status: int = FORBIDDEN) -> None:
        super().__init__(message)
        self.status = status

    def answer(self) -> bytes:
        """Return the HTTP response, with an error in the form of the Engine API."""
        # Clients and people know the daemon's own words for what is not there.
        before = "" if self.status == NOT_FOUND else "Refused while grading: "
        body = json.dumps({"message": f"{before}{self}"}).encode()
        head = (
            f"HTTP/1.1 {self.status} {_REASONS[self.status]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body

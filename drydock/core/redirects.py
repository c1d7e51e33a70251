"""A docker-py client follows no redirect.

requests would follow it to any address that this computer reaches, and a machine's daemon may belong to somebody who
means harm. No daemon has a reason to redirect docker-py, so a redirect is an error, also one to the daemon itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import docker
    import requests


def refuse(client: docker.DockerClient) -> None:
    """Make each redirect that the client gets a :class:`requests.TooManyRedirects`, before it is read or followed."""
    client.api.hooks["response"].append(_refuse_redirect)


def _refuse_redirect(answer: requests.Response, *_: Any, **__: Any) -> None:
    # Here, because requests would read the whole body, however long, before it counts redirects.
    if answer.is_redirect:
        from requests import TooManyRedirects  # only here: importing it takes long, and the client has done so

        answer.close()
        raise TooManyRedirects("Docker answered with a redirect", response=answer)

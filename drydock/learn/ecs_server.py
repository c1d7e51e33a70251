"""``python -m drydock.learn.ecs_server NAME``: Amazon's ECS for one lesson, emulated by ministack.

Its tasks are containers of the daemon at ``DOCKER_HOST``, with the lesson's label. It prints its port and the access
key that each request needs. It ends when its standard input does, so also when the kernel that started it is killed.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import docker
from docker.errors import APIError, NotFound
from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework

from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.learn.labelled_client import LabellingAPIClient, labelled_client

_Send = Callable[[Any], Awaitable[None]]
#: ministack's settings: ECS alone, nothing kept on disk, no further ports.
_SETTINGS = {
    "SERVICES": "ecs",
    "LOG_LEVEL": "ERROR",
    "PERSIST_STATE": "0",
    "S3_PERSIST": "0",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "AUTH": "false",
}


class EmulatorAPIClient(LabellingAPIClient):
    """The emulator's docker-py client: it lists the lesson's containers only, and asks no registry."""

    #: Whether the emulator is about to remove its containers: a service must not start new ones then.
    ending = False

    def containers(self, *args: Any, **options: Any) -> Any:
        """List containers that match the filters and carry the lesson's labels."""
        filters: Mapping[str, Any] = options.pop("filters", None) or {}
        wanted = filters.get("label", [])
        own = [f"{name}={value}" for name, value in self.labels.items()]
        labels = [*([wanted] if isinstance(wanted, str) else wanted), *own]
        containers: Any = super().containers
        return containers(*args, filters={**filters, "label": labels}, **options)

    def create_container_from_config(self, config: dict[str, Any], *args: Any, **options: Any) -> Any:
        """Create a container, except at the end."""
        if self.ending:
            raise APIError("The emulator of ECS is about to end.")
        return super().create_container_from_config(config, *args, **options)

    def pull(self, repository: str, *args: Any, **options: Any) -> Any:
        """Raise ``NotFound``: tasks run images that the daemon has."""
        raise NotFound(f"The daemon has no image {repository}, and this emulator pulls none.")

    def inspect_distribution(self, image: str, *args: Any, **options: Any) -> Any:
        """Raise ``NotFound``: the digest in a registry isn't looked up."""
        raise NotFound(f"This emulator looks up no digest of {image} in a registry.")


def emulator_client(endpoint: Endpoint, lesson: str) -> docker.DockerClient:
    """Return the emulator's client of a daemon; the caller closes it."""
    client = labelled_client(endpoint, {LABEL: lesson})
    api: Any = client.api
    api.__class__ = EmulatorAPIClient
    return client


def guarded(app: ASGIFramework, key: str, on_start: Callable[[], None]) -> ASGIFramework:
    """Return ``app`` for requests signed with an access key; a browser and other users of this computer get 403."""

    async def application(scope: Any, receive: Any, send: _Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, cast(Any, _reporting(send, on_start)))
        elif scope["type"] == "http" and _is_signed(scope["headers"], key):
            await app(scope, receive, cast(Any, send))
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"The access key is missing or wrong.\n"})

    return cast(ASGIFramework, application)


def _is_signed(headers: list[tuple[bytes, bytes]], key: str) -> bool:
    authorization = dict(headers).get(b"authorization", b"")
    given = authorization.partition(b"Credential=")[2].partition(b"/")[0]
    return secrets.compare_digest(given, key.encode())


def _reporting(send: _Send, on_start: Callable[[], None]) -> _Send:
    async def report(message: Any) -> None:
        await send(message)
        if message["type"] == "lifespan.startup.complete":
            on_start()

    return report


async def _serve(listener: socket.socket, client: docker.DockerClient) -> None:
    """Serve ECS until standard input ends."""
    port, key = listener.getsockname()[1], secrets.token_hex(16)
    config = Config()
    config.bind, config.loglevel, config.graceful_timeout = [f"fd://{listener.detach()}"], "ERROR", 1
    end, loop = asyncio.Event(), asyncio.get_running_loop()

    def wait_for_end() -> None:
        while os.read(0, 4096):
            pass
        cast(Any, client.api).ending = True
        loop.call_soon_threadsafe(end.set)

    threading.Thread(target=wait_for_end, daemon=True).start()
    app = guarded(import_module("ministack.app").app, key, lambda: print(port, key, flush=True))
    await serve(app, config, shutdown_trigger=end.wait)


def main() -> None:
    """Serve ECS for the lesson that the command names."""
    folder = os.environ.get("DOCKER_CERT_PATH") if os.environ.get("DOCKER_TLS_VERIFY") else None
    client = emulator_client(Endpoint(os.environ["DOCKER_HOST"], Path(folder) if folder else None), sys.argv[1])
    setattr(docker, "from_env", lambda **options: client)  # noqa: B010  # where ministack gets its client
    listener = socket.create_server(("127.0.0.1", 0))
    # The address is what ministack knows its own containers by.
    os.environ.update(_SETTINGS, GATEWAY_PORT=str(listener.getsockname()[1]))
    asyncio.run(_serve(listener, client))


if __name__ == "__main__":
    main()

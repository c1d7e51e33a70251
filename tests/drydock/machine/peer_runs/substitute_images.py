"""Images with the names that the suites use, built from the course's own images: none of them has to be pulled."""

from __future__ import annotations

import io

import docker
from docker.errors import APIError, ImageNotFound

#: The label of these images. What is built from them inherits it, and so does each of their containers.
LABEL = "io.drydock.peer-suites"

_ALPINE = """\
FROM drydock/busybox:1.37
RUN mkdir -p /var/opt && echo postgres:x:70: >> /etc/group && echo postgres:x:70:70::/:/bin/sh >> /etc/passwd
"""
_NGINX = """\
FROM drydock/proxy:1
USER root
RUN for applet in nc ping; do ln -s busybox /usr/bin/$applet; done
# As in the official image, since Docker 26 gives containers the address ::1, and `localhost` means that first.
RUN sed -i 's/listen 80;/listen 80; listen [::]:80;/' /etc/nginx/nginx.conf
"""
#: The names of each image, and its Dockerfile.
IMAGES = {
    ("alpine:3.10", "alpine:latest", "busybox:latest", "ubuntu:latest"): _ALPINE,
    ("hello-world:latest",): 'FROM drydock/busybox:1.37\nCMD ["echo", "Hello from Docker!"]\n',
    ("bash:latest", "debian:latest"): "FROM drydock/debian:13\n",
    ("nginx:latest", "nginx:alpine", "nginx:alpine-slim", "nginx:1.25.4-alpine-slim"): _NGINX,
    ("postgres:latest",): "FROM drydock/postgres:17\n",
    ("registry:2",): "FROM drydock/registry:2\n",
}


def build(client: docker.DockerClient) -> None:
    """Build the images that the daemon doesn't have; one with such a name that it has is used as it is."""
    for names, dockerfile in IMAGES.items():
        if missing := [name for name in names if not _exists(client, name)]:
            image, _ = client.images.build(
                fileobj=io.BytesIO(dockerfile.encode()), labels={LABEL: ""}, network_mode="none", rm=True, forcerm=True
            )
            for name in missing:
                image.tag(name)


def remove(client: docker.DockerClient) -> None:
    """Remove these images, what was built from them, and their containers."""
    ours: dict[str, str | list[str] | bool] = {"label": LABEL}
    for container in client.api.containers(all=True, filters=ours):
        client.api.remove_container(container["Id"], force=True, v=True)
    images = {image["Id"] for image in client.api.images(filters=ours)}
    while removed := {image for image in images if _remove(client, image)}:  # an image after those built from it
        images -= removed


def _exists(client: docker.DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except ImageNotFound:
        return False
    return True


def _remove(client: docker.DockerClient, image: str) -> bool:
    try:
        client.api.remove_image(image, force=True)
    except ImageNotFound:
        return True
    except APIError:  # another image was built from it
        return False
    return True

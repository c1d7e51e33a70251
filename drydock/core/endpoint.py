"""The address of a Docker daemon: what the engine's providers find, and what clients connect to."""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drydock.core import redirects
from drydock.core.files import replacing
from drydock.core.paths import cache_folder
from drydock.errors import DockerConfigDamaged

if TYPE_CHECKING:
    import docker

#: Variables by which requests, and so docker-py, prefers other certificate authorities to the client's own.
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_LOOPBACK = "127.0.0.1"
_CERTIFICATE_BEGIN = b"-----BEGIN CERTIFICATE-----"
_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
#: A version of the API that docker-py takes, for the one request that needs none.
_ANY_API = "1.41"
#: More bytes than any daemon's answer to ``docker version`` has.
_VERSION_LIMIT = 1 << 20
#: As many bytes of another answer are shown.
_SHOWN = 500
_VERSION = re.compile(r"\d+(\.\d+)+")


@dataclass(frozen=True)
class Endpoint:
    """A daemon's address (``unix://…`` or ``tcp://host:port``) and, for TLS, the folder of its certificates.

    The folder has ``ca.pem``, ``cert.pem`` and ``key.pem``, as for ``DOCKER_CERT_PATH``.
    """

    host: str
    certificates: Path | None = None

    @property
    def port_host(self) -> str:
        """The host on which ports published by its containers are: this computer for a socket, else the daemon's."""
        address = urlsplit(self.host)
        is_remote = address.scheme in ("tcp", "http", "https", "ssh")
        return address.hostname or _LOOPBACK if is_remote else _LOOPBACK

    def environment(self) -> dict[str, str]:
        """Return the variables that make the docker CLI, docker-py and compose use this daemon."""
        if self.certificates is None:
            return {"DOCKER_HOST": self.host}
        variables = {
            "DOCKER_HOST": self.host,
            "DOCKER_TLS_VERIFY": "1",
            "DOCKER_CERT_PATH": str(self.certificates),
        }
        return variables | _ca_bundle(self.certificates) | _no_proxy()

    def client(self, timeout: float = 60) -> docker.DockerClient:
        """Return a docker-py client of this daemon, with a timeout in seconds; the caller closes it.

        Raises :class:`~drydock.errors.DockerConfigDamaged`, ValueError for an address that is none, and docker-py's own
        errors.
        """
        return self._client(timeout, self.version(timeout)["ApiVersion"])

    def version(self, timeout: float = 60) -> dict[str, Any]:
        """Return the daemon's answer to ``docker version``; raises like :meth:`client`.

        What answers may be no daemon: the answer has a limit of bytes, and must have the version of an API.
        """
        from docker.errors import APIError, DockerException

        with closing(self._client(timeout, _ANY_API)) as client:
            api: Any = client.api
            with api._get(api._url("/version", versioned_api=False), stream=True) as response:
                body: bytes = response.raw.read(_VERSION_LIMIT, decode_content=True)
        answer, text = _object(body), body[:_SHOWN].decode(errors="replace").strip()
        if not response.ok:
            raise APIError(f"HTTP status {response.status_code}", response, answer.get("message") or text)
        if not _VERSION.fullmatch(str(answer.get("ApiVersion"))):
            raise DockerException(f"it has no version of Docker's API: {text}")
        return answer

    def _client(self, timeout: float, version: str) -> docker.DockerClient:
        import docker  # only here: it takes longer to import than most commands take to run
        from docker.errors import InvalidConfigFile
        from docker.tls import TLSConfig
        from docker.utils.config import find_config_file

        _ = urlsplit(self.host).port  # a number that is no port's is the address's problem, not that of the settings
        settings: dict[str, Any] = {"base_url": self.host, "timeout": timeout, "version": version}
        if self.certificates is not None:
            folder = self.certificates
            pair = (str(folder / "cert.pem"), str(folder / "key.pem"))
            settings["tls"] = TLSConfig(client_cert=pair, ca_cert=str(folder / "ca.pem"), verify=True)
        try:
            client = docker.DockerClient(**settings)
        except (TypeError, ValueError, AttributeError, RecursionError, InvalidConfigFile) as error:
            file = find_config_file()  # docker-py reads it, and its readers expect that it is right
            if file is None:
                raise
            raise DockerConfigDamaged(str(file), f"{type(error).__name__}: {error}") from error
        # A proxy or certificate authorities in the environment are for the Internet, not for this address.
        client.api.trust_env = False
        redirects.refuse(client)
        return client


def _object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in an answer; an empty one for anything else."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _ca_bundle(certificates: Path) -> dict[str, str]:
    """Return the variable for a bundle of the configured certificate authorities and the daemon's own.

    With such a variable set, requests ignores the authority that ``DOCKER_CERT_PATH`` has.
    """
    name = next((name for name in _CA_VARIABLES if os.environ.get(name)), None)
    if name is None:
        return {}
    bundle, configured = _bundle_file(certificates), Path(os.environ[name])
    authorities = _authorities(configured)
    if configured == bundle:  # a machine has a new authority after each start; the old one is the last in the bundle
        authorities = authorities.rpartition(_CERTIFICATE_BEGIN)[0]
    content = authorities.rstrip() + b"\n" + (certificates / "ca.pem").read_bytes()
    if not bundle.is_file() or bundle.read_bytes() != content:
        with replacing(bundle) as temporary:
            temporary.write_bytes(content)
    return {name: str(bundle)}


def _bundle_file(certificates: Path) -> Path:
    """Return the bundle's path: in the folder of the certificates, or in the cache for a folder of somebody else's."""
    if os.access(certificates, os.W_OK):
        return certificates / "bundle.pem"
    folder = hashlib.sha256(os.fsencode(certificates)).hexdigest()[:16]
    return cache_folder() / f"authorities-{folder}.pem"


def _authorities(configured: Path) -> bytes:
    """Return the certificates in a file, or in the files of a folder as OpenSSL has them.

    There are none where the file is the bundle of a removed machine: then only the daemon's own authority is left.
    """
    if not configured.is_dir():
        return configured.read_bytes() if configured.is_file() else b""
    # A folder has each certificate a second time, by a link whose name is a hash.
    contents = [file.read_bytes().strip() for file in sorted(configured.iterdir()) if file.is_file()]
    return b"\n".join(dict.fromkeys(content for content in contents if _CERTIFICATE_BEGIN in content))


def _no_proxy() -> dict[str, str]:
    """Return the variables that except loopback addresses from a proxy, if one is set."""
    if not any(os.environ.get(name) for name in _PROXY_VARIABLES):
        return {}
    exceptions = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    # Python knows "*" only without other words. With others only Docker's own programs know it, and go on doing so.
    if exceptions == "*" or "127.0.0.1" in [word.strip() for word in exceptions.split(",")]:
        return {}
    value = ",".join(filter(None, [exceptions, "127.0.0.1", "localhost"]))
    return {"NO_PROXY": value, "no_proxy": value}

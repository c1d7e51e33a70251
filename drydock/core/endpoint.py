"""An engine is an address: the one value that passes between those who find a daemon and those who use it."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import docker

#: Where requests, under docker-py, looks for authorities before it looks at the client's own.
_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_BEGIN = b"-----BEGIN CERTIFICATE-----"
_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@dataclass(frozen=True)
class Endpoint:
    """A daemon's address (``unix://…`` or ``tcp://host:port``) and, for TLS, the folder of its certificates.

    The folder holds ``ca.pem``, ``cert.pem`` and ``key.pem``, as ``DOCKER_CERT_PATH`` expects.
    """

    host: str
    certificates: Path | None = None

    def environment(self) -> dict[str, str]:
        """The variables that make the docker CLI, docker-py and compose use this daemon."""
        if self.certificates is None:
            return {"DOCKER_HOST": self.host}
        variables = {
            "DOCKER_HOST": self.host,
            "DOCKER_TLS_VERIFY": "1",
            "DOCKER_CERT_PATH": str(self.certificates),
        }
        return variables | self._despite_bundle(self.certificates) | _despite_proxy()

    def client(self, timeout: float = 60) -> docker.DockerClient:
        """A docker-py client of this daemon; the caller closes it."""
        with closing(self._client(timeout, "1.41")) as probe:
            version = probe.api.version(api_version=False)["ApiVersion"]
        return self._client(timeout, version)

    def _client(self, timeout: float, version: str) -> docker.DockerClient:
        import docker  # only here: it takes longer to import than most commands take to run
        from docker.tls import TLSConfig

        settings: dict[str, Any] = {"base_url": self.host, "timeout": timeout, "version": version}
        if self.certificates is not None:
            folder = self.certificates
            pair = (str(folder / "cert.pem"), str(folder / "key.pem"))
            settings["tls"] = TLSConfig(client_cert=pair, ca_cert=str(folder / "ca.pem"), verify=True)
        client = docker.DockerClient(**settings)
        # A proxy or a bundle of authorities in the environment is about the outside world, not about this address.
        client.api.trust_env = False
        return client

    def _despite_bundle(self, folder: Path) -> dict[str, str]:
        """Where a bundle of authorities is set, requests forgets the daemon's own: so a bundle with both."""
        name = next((name for name in _BUNDLE_VARIABLES if os.environ.get(name)), None)
        if name is None:
            return {}
        both, theirs = folder / "bundle.pem", Path(os.environ[name])
        # The bundle named may be gone with the machine that made it: then the daemon's own authority is all.
        known = theirs.read_bytes() if theirs.is_file() else b""
        if theirs == both:  # the last in it is the daemon's own, of before: a machine has another with each start
            known = known[: known.rfind(_BEGIN)] if _BEGIN in known else b""
        wanted = known.rstrip() + b"\n" + (folder / "ca.pem").read_bytes()
        if not both.is_file() or both.read_bytes() != wanted:
            both.write_bytes(wanted)
        return {name: str(both)}


def _despite_proxy() -> dict[str, str]:
    """Where a proxy is set, loopback must be excepted, or requests would ask the proxy for it."""
    if not any(os.environ.get(name) for name in _PROXY_VARIABLES):
        return {}
    excepted = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    if "127.0.0.1" in excepted.split(","):
        return {}
    value = ",".join(filter(None, [excepted, "127.0.0.1", "localhost"]))
    return {"NO_PROXY": value, "no_proxy": value}

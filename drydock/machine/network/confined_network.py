"""The network of an isolated machine: no connection leads out, and forwarded TCP ports lead in through a relay.

slirp4netns runs in isolation too, so its ports are on the loopback interface of the isolated network. The supervisor,
which is not isolated, listens on this computer's ports as for any machine, and connects through the relay.
"""

from __future__ import annotations

from pathlib import Path

from drydock.machine.host import bundled_programs, host_python
from drydock.machine.isolation import safe_connect
from drydock.machine.isolation.backends import IsolationBackend
from drydock.machine.isolation.sandbox_spec import SandboxSpec
from drydock.machine.network import relay
from drydock.machine.network.listener import Stream
from drydock.machine.network.slirp import Slirp

_RELAY = Path(relay.__file__)


class ConfinedSlirp(Slirp):
    """slirp4netns in isolation, pinned to ``cpu``, with the relay's socket in ``folder``. It forwards TCP only."""

    def __init__(self, folder: Path, backend: IsolationBackend, cpu: int) -> None:
        super().__init__(folder)
        self._backend = backend
        self._cpu = cpu
        self._folder = folder
        self._relay = folder / "relay"

    def command(self) -> list[str | Path]:
        """Return the command line that starts the relay and slirp4netns in isolation."""
        program, *options = super().command()
        spec = SandboxSpec(
            read_only=[*host_python.required_paths(_RELAY), *bundled_programs.required_paths(Path(program))],
            writable=[self._folder],
            cpu=self._cpu,
        )
        return [*self._backend.prefix(spec), *host_python.command(_RELAY), self._relay, program, *options]

    async def _forward_udp(self, host: tuple[str, int], guest: tuple[str, int]) -> int:
        """Refuse it: the relay carries TCP only."""
        raise RuntimeError("An isolated machine can only be reached over TCP.")

    async def _connect(self, port: int) -> Stream:
        """Return a connection through the relay to a port on which slirp4netns listens in isolation."""
        reader, writer = await safe_connect.connect(self._relay)
        writer.write(f"{port}\n".encode())
        return reader, writer

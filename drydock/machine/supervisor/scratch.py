"""The scratch machine: a temporary machine that writes to the base disk itself, while that disk is being made."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import docker

from drydock.machine.host import memory, preflight
from drydock.machine.store import artifact_cache
from drydock.machine.store.instance import Instance
from drydock.machine.store.kernel_files import KernelFiles
from drydock.machine.store.settings import Settings, machines_folder
from drydock.machine.supervisor.launcher import Launcher

#: More than the supervisor gives the guest for ``trim``.
_ANSWER_SECONDS = 90


class ScratchMachine:
    """A machine that runs on ``kernel`` and writes to ``disk``; it stops when this process ends."""

    def __init__(self, disk: Path, kernel: KernelFiles) -> None:
        self._instance = Instance(f"tmp-{secrets.token_hex(4)}")
        self._launcher = Launcher(self._instance)
        self._disk = disk
        self._kernel = kernel

    def start(self) -> None:
        """Boot the machine; if that fails, nothing of it is left."""
        preflight.check_start(machines_folder())
        settings = Settings(
            self._instance.name,
            memory_mb=memory.choose_mb(None),
            temporary=True,
            publish=False,
            base=str(self._disk),
            kernel=str(self._kernel.folder),
            raw=True,
        )
        with artifact_cache.locked(self._instance.start_lock):  # by its file, leftovers of killed processes are found
            self._instance.folder.mkdir(mode=0o700)
            try:
                settings.write(self._instance.folder)
                self._launcher.launch(owned=True)
            except BaseException:
                self._instance.remove()
                raise

    def client(self, timeout: float = 60) -> docker.DockerClient:
        """Return a docker-py client of its daemon; the caller closes it."""
        return self._instance.endpoint.client(timeout)

    def ask(self, verb: str) -> Any:
        """Send a request to its supervisor; :mod:`drydock.machine.supervisor.supervisor` lists the verbs."""
        return self._launcher.ask(verb, seconds=_ANSWER_SECONDS)

    def remove(self) -> None:
        """Halt the machine and remove its folder; the disk that it wrote to is kept."""
        if self._instance.is_running():
            self._launcher.stop()
        self._launcher.reap()
        self._instance.remove()

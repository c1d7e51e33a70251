"""Drydock machines: a Linux kernel with a Docker daemon, as an ordinary process without privileges.

>>> from drydock.machine import Machine
>>> with Machine() as machine:
...     machine.client().containers.run("drydock/busybox:1.37", "echo hello", remove=True)
"""

from typing import TYPE_CHECKING

from drydock.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from drydock.machine.artifacts.resolve import obstacles, unavailable_reason
    from drydock.machine.machine import Machine, Status
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "Machine": "drydock.machine.machine",
            "Status": "drydock.machine.machine",
            "obstacles": "drydock.machine.artifacts.resolve",
            "unavailable_reason": "drydock.machine.artifacts.resolve",
        },
    )

__all__ = ["Machine", "Status", "obstacles", "unavailable_reason"]

"""A daemon as a process: build it, boot it, use it, take it down.

>>> from drydock.machine import Machine
>>> with Machine() as machine:
...     machine.client().containers.run("drydock/busybox:1.37", "echo hello", remove=True)
"""

from drydock.machine.artifacts.resolve import why_not
from drydock.machine.machine import Machine, Status

__all__ = ["Machine", "Status", "why_not"]

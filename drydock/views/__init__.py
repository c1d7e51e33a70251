"""Pictures of a Docker daemon for notebooks; most of them update themselves while they are displayed.

>>> from drydock import views
>>> views.lifecycle(client, label="io.drydock.owner=02_containers")

Importing this package doesn't import docker, which takes time and comes with the first picture.
"""

from __future__ import annotations

from drydock.views.build_steps import steps
from drydock.views.layers import layers
from drydock.views.lifecycle import lifecycle
from drydock.views.limits import limits
from drydock.views.networks import networks
from drydock.views.progress_bar import progress
from drydock.views.volumes import volumes

__all__ = ["layers", "lifecycle", "limits", "networks", "progress", "steps", "volumes"]

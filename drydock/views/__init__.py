"""Pictures of the daemon for a notebook: each is drawn from plain values, and most keep themselves up to date.

>>> from drydock import views
>>> views.lifecycle(client, label="io.drydock.owner=01_containers")

Importing this brings no widgets: those take their time to load, and come with the first picture.
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

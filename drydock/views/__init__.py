"""Pictures of the daemon for a notebook: each is drawn from plain values, and most keep themselves up to date.

>>> from drydock import views
>>> views.life(client, label="io.drydock.owner=02_containers")

Importing this brings no widgets: those take their time to load, and come with the first picture.
"""

from __future__ import annotations

from drydock.views.layers import layers
from drydock.views.life import life
from drydock.views.limits import limits
from drydock.views.networks import networks
from drydock.views.progress import progress
from drydock.views.steps import steps
from drydock.views.volumes import volumes

__all__ = ["layers", "life", "limits", "networks", "progress", "steps", "volumes"]

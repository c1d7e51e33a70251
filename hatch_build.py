"""A step of building the wheel: nbgrader_config.py goes into the package, beside the course."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Hatchling looks for a class of this name."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file to a wheel of the ``standard`` version; an ``editable`` one reads the checkout."""
        if version == "standard":
            build_data["force_include"]["nbgrader_config.py"] = "drydock/data/nbgrader_config.py"

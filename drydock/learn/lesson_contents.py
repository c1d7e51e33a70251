"""The notebooks of a folder as Jupyter serves them: opening one changes nothing, and so none is shown as unsaved.

JupyterLab compares a notebook's metadata with what its kernel reports. A lesson in a checkout doesn't have it, since it
has the version of Python. The file itself stays as it is until the student saves it.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from drydock.learn import notebook_metadata


class LessonContents(AsyncLargeFileManager):
    """Jupyter's own files, with the metadata of the language added to a Python notebook that lacks it."""

    async def get(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Return a file, notebook or folder, as Jupyter does."""
        model: dict[str, Any] = await super().get(*args, **options)  # type: ignore[no-untyped-call]
        if model["type"] == "notebook" and model["content"]:
            _complete(model["content"]["metadata"])
        return model


def _complete(metadata: dict[str, Any]) -> None:
    kernel = metadata.get("kernelspec")
    if isinstance(kernel, dict) and kernel.get("language") == "python":  # a file may have anything in its place
        metadata.setdefault("language_info", notebook_metadata.language_info())

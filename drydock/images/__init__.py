"""The images of the course: their recipes, and building them in a daemon. Nothing is pulled from a registry."""

from typing import TYPE_CHECKING

from drydock.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from drydock.images.builder import DIGEST_LABEL, KEY_LABEL, ImageStatus, build, key, ls
    from drydock.images.recipe import Image, recipes
else:
    _BUILDER = dict.fromkeys(
        ("DIGEST_LABEL", "KEY_LABEL", "ImageStatus", "build", "key", "ls"), "drydock.images.builder"
    )
    __getattr__, __dir__ = lazy_exports(
        __name__, _BUILDER | dict.fromkeys(("Image", "recipes"), "drydock.images.recipe")
    )

__all__ = ["DIGEST_LABEL", "KEY_LABEL", "Image", "ImageStatus", "build", "key", "ls", "recipes"]

"""The images of the course: what they are, whether a daemon has them, and building them in it. Nothing is pulled."""

from typing import TYPE_CHECKING

from drydock.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from drydock.images.builder import DIGEST_LABEL, KEY_LABEL, Present, build, key, ls
    from drydock.images.recipe import Image, recipes
else:
    _BUILDER = dict.fromkeys(("DIGEST_LABEL", "KEY_LABEL", "Present", "build", "key", "ls"), "drydock.images.builder")
    __getattr__, __dir__ = lazy_exports(
        __name__, _BUILDER | dict.fromkeys(("Image", "recipes"), "drydock.images.recipe")
    )

__all__ = ["DIGEST_LABEL", "KEY_LABEL", "Image", "Present", "build", "key", "ls", "recipes"]

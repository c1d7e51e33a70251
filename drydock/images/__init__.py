"""The images of the course: what they are, whether a daemon has them, and building them in it. Nothing is pulled."""

from drydock.images.builder import DIGEST_LABEL, KEY_LABEL, Present, build, key, ls
from drydock.images.recipe import Image, recipes

__all__ = ["DIGEST_LABEL", "KEY_LABEL", "Image", "Present", "build", "key", "ls", "recipes"]

"""One submission, one temporary machine: sandboxes, a second one, and pre-booted ones."""

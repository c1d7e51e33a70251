"""The artifacts that machines are made of: kernel, root file system, base disk, and bundles of them."""

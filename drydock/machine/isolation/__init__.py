"""Isolation of a machine that runs untrusted code: bubblewrap, or a locked-down Docker container."""

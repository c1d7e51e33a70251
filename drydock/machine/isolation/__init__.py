"""Isolation of a machine that runs hostile work: bubblewrap or a locked-down container."""

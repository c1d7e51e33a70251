"""The guest's own files, and the host's side of what talks to it: agent, seed, TLS certificates."""

"""The base of all other parts: running commands, waiting, folders, addresses of daemons, progress output."""

"""A machine's network: slirp4netns, forwarded ports, and the only way into an isolated machine."""

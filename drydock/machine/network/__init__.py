"""A machine's network: slirp4netns, forwarded ports, and the connections into an isolated machine."""

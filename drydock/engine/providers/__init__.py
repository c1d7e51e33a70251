"""The places that may have a Docker daemon, in the order in which they are asked."""

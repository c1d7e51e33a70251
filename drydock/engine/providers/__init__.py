"""The five places that may have a Docker daemon, a module for each."""

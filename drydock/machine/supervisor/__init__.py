"""The process that owns a machine: it boots the kernel, forwards ports, and ends all of it."""

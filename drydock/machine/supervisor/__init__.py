"""The process that owns a machine: it boots the kernel, forwards ports, and stops all of the machine's processes."""

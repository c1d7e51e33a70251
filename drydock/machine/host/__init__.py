"""What a machine needs from this computer: programs, memory, disk space, child processes."""

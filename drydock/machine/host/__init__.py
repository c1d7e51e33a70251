"""The computer as a machine needs it: programs, memory, disk, child processes."""

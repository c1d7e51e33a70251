"""Running a submitted notebook: the kernel container, archives in and out, sanitizing."""

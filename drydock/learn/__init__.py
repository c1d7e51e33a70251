"""What lessons use while a student works: a terminal on a container, errors that help."""

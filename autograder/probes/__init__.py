"""What authors of checks look with: containers, images, health checks, compose services, load."""

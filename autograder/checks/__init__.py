"""What a check is, what it gets, and how checks are run."""

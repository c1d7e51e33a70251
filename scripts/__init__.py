"""What the people who work on Drydock run: setting up, locking, formatting."""

"""What runs in a machine or talks to it: its files, its agent, its certificates."""

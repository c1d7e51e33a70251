"""What is kept on the disk: machines' folders and settings, and the cache of built artifacts."""

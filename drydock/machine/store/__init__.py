"""What is stored on disk: each machine's folder and settings, and the cache of built artifacts."""

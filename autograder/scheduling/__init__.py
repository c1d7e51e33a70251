"""Who grades, and how many at once: this process, a pool of processes, or a Dask cluster."""

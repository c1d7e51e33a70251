"""Commands for the developers of Drydock: formatting, locks, benchmarks, and the book."""

"""Takes four megabytes of memory at a time, prints how many it has, and never gives any back."""

taken = []
while True:
    taken.append(b"x" * 4_000_000)
    print(4 * len(taken), "MB", flush=True)

"""Prints a poster. It takes Python to make one, and none to look at it."""

import textwrap

NEWS = "Every container runs on the kernel of its host, and brings everything else along."

for line in textwrap.wrap(NEWS, 30):
    print(f"| {line:^30} |")

"""Print a poster. That takes Python; to show the poster, no Python is needed."""

import textwrap

NEWS = "Every container runs on the kernel of its host, and brings everything else along."

for line in textwrap.wrap(NEWS, 30):
    print(f"| {line:^30} |")

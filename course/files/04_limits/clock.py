"""Looks at the clock for 0.6 seconds, and draws when it ran: 60 signs, each for 10 ms."""

from time import monotonic, process_time

drawing = ["."] * 60
start, before = monotonic(), process_time()
while (passed := monotonic() - start) < 0.6:
    drawing[int(passed * 100)] = "#"
print("".join(drawing))
print(f"{process_time() - before:.2f}")

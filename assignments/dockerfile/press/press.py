"""Prints an almanac of high waters: python3 press.py TABLES ALMANAC.

TABLES is a folder with a text file for each harbour, ALMANAC the file to
write. The levels of the whole year go to /tmp/press, for people who check
the almanac; the board doesn't need them.
"""

import calendar
import json
import math
import secrets
import sys
import time
from pathlib import Path

#: Degrees an hour.
SPEEDS = {"M2": 28.984104, "S2": 30.0, "N2": 28.43973, "K1": 15.041069, "O1": 13.943036}
LEVELS = Path("/tmp/press")


def waves(table: Path) -> list[tuple[float, float, float]]:
    """Return height, speed and phase of each wave in a table."""
    rows = [line.split() for line in table.read_text().splitlines() if line and not line.startswith("#")]
    return [(float(height), math.radians(SPEEDS[name]), math.radians(float(phase))) for name, height, phase in rows]


def harbour(table: Path) -> dict[str, list[str]]:
    """Return the times of high water for each day of this year."""
    parts = waves(table)
    begin = calendar.timegm((time.gmtime().tm_year, 1, 1, 0, 0, 0))
    levels = [sum(h * math.cos(s * n / 10 - p) for h, s, p in parts) for n in range(366 * 240)]
    times = [time.strftime("%m-%d %H:%M", time.gmtime(begin + 360 * n)) for n in range(366 * 240)]
    lines = "".join(f"{moment}  {level:+.3f} m\n" for moment, level in zip(times, levels, strict=True))
    (LEVELS / f"{table.stem}.levels").write_text(lines)
    days: dict[str, list[str]] = {moment[:5]: [] for moment in times}
    for n in range(1, len(levels) - 1):
        if levels[n - 1] < levels[n] >= levels[n + 1]:
            days[times[n][:5]].append(times[n][6:])
    return days


def main(tables: Path, almanac: Path) -> None:
    """Write the almanac of all harbours. No two almanacs have the same edition."""
    LEVELS.mkdir(parents=True, exist_ok=True)
    harbours = {table.stem.title(): harbour(table) for table in sorted(tables.glob("*.txt"))}
    almanac.write_text(json.dumps({"edition": secrets.token_hex(4), "harbours": harbours}))
    print(f"Printed {len(harbours)} harbours; the levels are in {LEVELS}.")


main(Path(sys.argv[1]), Path(sys.argv[2]))

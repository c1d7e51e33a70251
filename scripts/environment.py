"""Writes environment.yml and binder/environment.yml from the runtime's lock: ``python -m scripts.environment``.

Both have the same bytes. repo2docker looks into ``binder/`` only, conda users take the one in the root, and a path in
them would mean two different things; so they list the lock's versions one by one.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: The places that hold the one environment.
PLACES = (ROOT / "environment.yml", ROOT / "binder" / "environment.yml")

_HEAD = """\
# The one environment. Written by `make lock` from locks/runtime.txt; binder/environment.yml has the same bytes.
name: drydock
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pip
  - pip:
"""


def pins(lock: str) -> list[str]:
    """The lock's requirements, ``name==version`` with its marker if it has one, without their hashes."""
    return [line.removesuffix("\\").strip() for line in lock.splitlines() if line[:1].isalnum()]


def environment(lock: str) -> str:
    """The environment file that a lock asks for."""
    return _HEAD + "".join(f"      - {pin}\n" for pin in pins(lock))


def main() -> None:
    """Write the environment to each of its places."""
    text = environment((ROOT / "locks" / "runtime.txt").read_text())
    for place in PLACES:
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)


if __name__ == "__main__":
    main()

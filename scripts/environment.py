"""Writes environment.yml and binder/environment.yml from the runtime's lock: ``python -m scripts.environment``.

Both files have the same content: repo2docker reads only the one in ``binder/``, conda users take the one in the top
folder. They list the versions one by one, because a path to the lock would be different in each.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: The two files.
FILES = (ROOT / "environment.yml", ROOT / "binder" / "environment.yml")

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
    """Return a lock's requirements without their hashes: ``name==version``, with a marker if there is one."""
    return [line.removesuffix("\\").strip() for line in lock.splitlines() if line[:1].isalnum()]


def environment(lock: str) -> str:
    """Return the environment file for a lock."""
    return _HEAD + "".join(f"      - {pin}\n" for pin in pins(lock))


def main() -> None:
    """Write both files."""
    text = environment((ROOT / "locks" / "runtime.txt").read_text())
    for file in FILES:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


if __name__ == "__main__":
    main()

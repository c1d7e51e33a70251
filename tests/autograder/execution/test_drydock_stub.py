"""What stands in for ``drydock`` beside a graded notebook."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from pathlib import Path

from autograder.execution import archives


def test_a_notebooks_imports_work_from_what_is_brought_along(tmp_path: Path) -> None:
    """With nothing but the packages that are put into the container, and no engine to be looked for."""
    with tarfile.open(fileobj=io.BytesIO(archives.sources("/lib/drydock", "/out"))) as archive:
        # Debian 12's Python 3.11.2 has no filters, and ignores this attribute.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(tmp_path)
    cell = "import drydock; from autograder import check, token; drydock.start(); print(drydock.__file__, token())"
    done = subprocess.run(
        [sys.executable, "-c", cell],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "lib/drydock"), "DRYDOCK_TOKEN": "a-token"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(tmp_path / "lib/drydock/drydock/__init__.py"), "a-token"]

"""JupyterLab as a program that exits when its server has ended: ``python -m drydock.lab_server``.

After SIGTERM or Ctrl-C Jupyter closes its terminals and kernels, and stops its event loop. anyio has threads that read
files for requests. It ends a thread when the task that started it has ended, and a task of a stopped loop never ends:
Python would wait for the thread forever.
"""

from __future__ import annotations

import os
import sys

from jupyterlab.labapp import main


def run() -> None:
    """Serve until the server has ended, then exit without waiting for threads; options that are wrong exit with 1."""
    main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    run()

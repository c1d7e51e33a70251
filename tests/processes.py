"""Child processes of tests: what `subprocess.Popen` needs so that they behave the same however the tests are run."""

from __future__ import annotations

import ctypes
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def ends_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when its parent ends; for ``preexec_fn``."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def heeds_interrupt() -> None:
    """Give SIGINT its usual effect in this process; for ``preexec_fn``.

    A shell starts a background job with SIGINT ignored, and every child inherits that.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)

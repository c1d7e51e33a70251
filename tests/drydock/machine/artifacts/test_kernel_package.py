"""Which of Debian's packages has the kernel's source."""

from __future__ import annotations

import pytest

from drydock.errors import KernelSourceMissing
from drydock.machine.artifacts import kernel_package


@pytest.mark.parametrize(
    ("names", "package"),
    [
        (["linux-source-6.12", "linux-source-7.2"], "linux-source-7.2"),
        (["linux-source-6.16", "linux-source-6.9"], "linux-source-6.16"),
        (["linux-source-7.10", "linux-source-7.9", "linux-source-6.12"], "linux-source-7.10"),
        (["linux-source-7.2", "linux-source-7.2-dbg", "linux-source-8"], "linux-source-7.2"),
    ],
)
def test_the_newest_is_chosen(names: list[str], package: str) -> None:
    """Versions are compared as numbers, and packages that are no source are left out."""
    assert kernel_package.choose(names) == package


@pytest.mark.parametrize("names", [[], ["linux-source"], ["linux-source-6.12", "linux-source-6.15"]])
def test_without_a_new_one(names: list[str]) -> None:
    """The error names the versions that there are, and the kernel that needs none."""
    with pytest.raises(KernelSourceMissing, match=r"version 6\.16 or later") as caught:
        kernel_package.choose(names)
    assert all(name in caught.value.why for name in names if name != "linux-source")
    assert "--kernel debian" in caught.value.next


@pytest.mark.nightly
def test_debian_has_one_today() -> None:
    """The suite's package lists, with its backports, have a source that is new enough."""
    assert kernel_package.choose(kernel_package.listed()).startswith("linux-source-")

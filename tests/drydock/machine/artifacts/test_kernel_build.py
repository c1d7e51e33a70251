"""The compiled kernel: what can be known of it without the minutes that compiling takes, and the kernel itself."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from drydock.errors import KernelOptionDropped, ToolsMissing
from drydock.machine.artifacts import kernel_build, kernel_source
from drydock.machine.artifacts.kernel_build import CompiledKernel
from drydock.machine.store import artifact_cache

_CONFIG = Path(kernel_build.__file__).with_name("kernel.config")


def test_the_same_configuration_gives_the_same_key() -> None:
    """The key depends on what would be built and on nothing else."""
    assert CompiledKernel().key() == CompiledKernel().key()


def test_another_configuration_gives_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One option more, and it is another kernel."""
    before = CompiledKernel().key()
    changed = tmp_path / "kernel.config"
    changed.write_text(_CONFIG.read_text() + "CONFIG_SOUND=y\n")
    monkeypatch.setattr(kernel_build, "_CONFIG", changed)
    assert CompiledKernel().key() != before


def test_every_line_of_the_configuration_is_an_option_once() -> None:
    """No option is asked for twice or spelt as none could be."""
    lines = [line for line in _CONFIG.read_text().splitlines() if "CONFIG_" in line]
    names = [re.sub(r"^# | is not set$|=y$", "", line) for line in lines]
    assert all(re.fullmatch(r"CONFIG_[A-Z0-9_]+", name) for name in names)
    assert len(names) == len(set(names))


def test_a_missing_compiler_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every package that is needed to compile is named at once, before anything is fetched."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolsMissing) as missing:
        CompiledKernel().build(tmp_path, tmp_path)
    assert {"bison", "flex", "gcc", "xz-utils"} <= set(missing.value.packages)
    assert list(tmp_path.iterdir()) == []


def test_an_option_that_did_not_survive_fails_by_name(tmp_path: Path) -> None:
    """A kernel that drops an option without a word is caught, and the option is named."""
    source, config = _a_source_that_knows(tmp_path, "CONFIG_NET=y"), tmp_path / "wanted"
    config.write_text("CONFIG_NET=y\nCONFIG_SPELT_WRONG=y\n# CONFIG_MODULES is not set\n")
    with pytest.raises(KernelOptionDropped) as lost:
        kernel_build.configure(source, config)
    assert "CONFIG_SPELT_WRONG=y" in lost.value.what
    assert "CONFIG_NET" not in lost.value.what


def test_an_option_that_is_on_though_unwanted_fails(tmp_path: Path) -> None:
    """What was asked to be off and came out on is as lost as the other way round."""
    source, config = _a_source_that_knows(tmp_path, "CONFIG_MODULES=y"), tmp_path / "wanted"
    config.write_text("# CONFIG_MODULES is not set\n")
    with pytest.raises(KernelOptionDropped):
        kernel_build.configure(source, config)


def _a_source_that_knows(folder: Path, taken: str) -> Path:
    """A source tree whose configuration always comes out as ``taken``, whatever it is asked."""
    merge = folder / "scripts" / "kconfig" / "merge_config.sh"
    merge.parent.mkdir(parents=True)
    merge.write_text("#!/bin/sh\n")
    merge.chmod(0o755)
    (folder / "Makefile").write_text(f"tinyconfig:\nolddefconfig:\n\t@echo '{taken}' > .config\n")
    return folder


@pytest.mark.live
@pytest.mark.timeout(900)
def test_a_machine_on_it_knows_seccomp_and_needs_no_modules() -> None:
    """Where it has been compiled, machines boot it by default and all of Docker's firewall is built in."""
    from drydock.machine import Machine

    if artifact_cache.find(kernel_source.cache_name("compiled")) is None:
        pytest.skip("it is not compiled here: `drydock machine build --kernel compiled` takes 10 minutes")
    assert kernel_source.default() == "compiled"
    assert kernel_source.find_or_build("compiled").modules is None
    with Machine(memory_mb=512) as machine, closing(machine.client()) as client:
        assert client.info()["KernelVersion"].startswith("7.")

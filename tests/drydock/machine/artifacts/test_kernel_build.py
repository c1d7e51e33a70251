"""The compiled kernel: its configuration and key, which need no compiler, and a machine that boots it."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from drydock.errors import KernelOptionDropped, KernelOptionUnknown, ToolsMissing
from drydock.machine.artifacts import kernel_build, kernel_source
from drydock.machine.artifacts.kernel_build import CompiledKernel
from drydock.machine.store import artifact_cache

_CONFIG = Path(kernel_build.__file__).with_name("kernel.config")


def test_the_same_configuration_gives_the_same_key() -> None:
    """The key is the same for each call."""
    assert CompiledKernel().key() == CompiledKernel().key()


def test_another_configuration_gives_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one more option it is another kernel."""
    before = CompiledKernel().key()
    changed = tmp_path / "kernel.config"
    changed.write_text(_CONFIG.read_text() + "CONFIG_SOUND=y\n")
    monkeypatch.setattr(kernel_build, "_CONFIG", changed)
    assert CompiledKernel().key() != before


def test_each_option_is_listed_once() -> None:
    """Each line with an option has a possible name, and no name is listed twice."""
    lines = [line for line in _CONFIG.read_text().splitlines() if "CONFIG_" in line]
    names = [re.sub(r"^# | is not set$|=y$", "", line) for line in lines]
    assert all(re.fullmatch(r"CONFIG_[A-Z0-9_]+", name) for name in names)
    assert len(names) == len(set(names))


def test_a_missing_compiler_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All missing packages are named at once, before anything is downloaded."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolsMissing) as missing:
        CompiledKernel().build(tmp_path, tmp_path)
    assert {"bison", "flex", "gcc", "xz-utils"} <= set(missing.value.packages)
    assert list(tmp_path.iterdir()) == []


def test_a_dropped_option_is_named(tmp_path: Path) -> None:
    """When Kconfig silently drops an option, the build fails and names it."""
    source, config = _source_tree(tmp_path, "CONFIG_NET=y"), tmp_path / "wanted"
    config.write_text("CONFIG_NET=y\nCONFIG_SPELT_WRONG=y\n# CONFIG_MODULES is not set\n")
    with pytest.raises(KernelOptionDropped) as error:
        kernel_build.configure(source, config)
    assert "CONFIG_SPELT_WRONG=y" in error.value.what
    assert "CONFIG_NET" not in error.value.what


def test_an_unknown_option_is_named(tmp_path: Path) -> None:
    """Options that the source defines nowhere, or for other processors only, are named before it is configured."""
    for name, text in {
        "net/Kconfig": "menuconfig NET\n\tbool\n\nif NET\n\n  config INET\n\tbool\n",
        "arch/um/Kconfig": "config STDERR_CONSOLE\n\tbool\n",
        "arch/arm/Kconfig": "config ARM_ONLY\n\tbool\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    config = tmp_path / "wanted"
    config.write_text("CONFIG_NET=y\nCONFIG_INET=y\nCONFIG_STDERR_CONSOLE=y\n# CONFIG_GONE_TOO is not set\n")
    kernel_build.fit(tmp_path, config)
    config.write_text("CONFIG_NET=y\nCONFIG_ARM_ONLY=y\nCONFIG_GONE=y\n")
    with pytest.raises(KernelOptionUnknown, match="CONFIG_ARM_ONLY, CONFIG_GONE"):
        kernel_build.fit(tmp_path, config)


def test_an_option_of_older_sources_is_left_out(tmp_path: Path) -> None:
    """An option that only older sources have is merged where the source defines it, and left out elsewhere."""
    config = tmp_path / "wanted"
    config.write_text("CONFIG_NET=y\nCONFIG_PROC_SYSCTL=y\n")
    for name, text, expected in (
        ("newer", "config NET\n", "CONFIG_NET=y\n"),
        ("older", "config NET\nconfig PROC_SYSCTL\n", "CONFIG_NET=y\nCONFIG_PROC_SYSCTL=y\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Kconfig").write_text(text)
        assert kernel_build.fit(tmp_path / name, config).read_text() == expected


def test_an_option_that_must_be_off_is_checked(tmp_path: Path) -> None:
    """The build also fails when an option that must be off is on."""
    source, config = _source_tree(tmp_path, "CONFIG_MODULES=y"), tmp_path / "wanted"
    config.write_text("# CONFIG_MODULES is not set\n")
    with pytest.raises(KernelOptionDropped):
        kernel_build.configure(source, config)


def _source_tree(folder: Path, result: str) -> Path:
    """Return a source tree whose final configuration is always ``result``."""
    merge = folder / "scripts" / "kconfig" / "merge_config.sh"
    merge.parent.mkdir(parents=True)
    merge.write_text("#!/bin/sh\n")
    merge.chmod(0o755)
    (folder / "Makefile").write_text(f"tinyconfig:\nolddefconfig:\n\t@echo '{result}' > .config\n")
    return folder


@pytest.mark.live
@pytest.mark.timeout(900)
def test_a_machine_boots_the_compiled_kernel() -> None:
    """Once compiled, it is the default; it has no modules, because everything that Docker needs is built in."""
    from drydock.machine import Machine

    if artifact_cache.find(kernel_source.cache_name("compiled")) is None:
        pytest.skip("it has not been compiled: `drydock machine build --kernel compiled` takes 10 minutes")
    assert kernel_source.default() == "compiled"
    assert kernel_source.find_or_build("compiled").modules is None
    with Machine(memory_mb=512) as machine, closing(machine.client()) as client:
        assert client.info()["KernelVersion"].startswith("7.")

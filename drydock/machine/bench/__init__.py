"""How fast is a machine, beside this computer's own daemon and beside QEMU: medians, taken in turns in one run.

=============  ========================================================================
``measure``    the whole run: who takes part, rounds in turns, the figures
``sides``      who is measured: our machine on either kernel, the host's daemon, QEMU
``work``       what is timed: run, exec, build, network
``archive``    image load, with an archive that no daemon has seen yet
``usage``      memory and processor time of a family of processes
``emulator``   the machine's own disk booted in QEMU's software emulation
``initramfs``  what that needs: Debian's cloud kernel, and the few steps before the disk's init
``table``      rows, ratios, and how they are shown
=============  ========================================================================
"""

from drydock.machine.bench.measure import bench
from drydock.machine.bench.results_table import show

__all__ = ["bench", "show"]

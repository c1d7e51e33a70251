"""Benchmarks of a machine beside this computer's own Docker daemon and QEMU: medians, measured in turns in one run.

==================  =============================================================================
``measure``         the whole run: which daemons are measured, rounds in turns, the medians
``daemons``         the measured daemons: machines on both kernels, the host's daemon, QEMU
``workload``        the measured tasks: run, exec, build, network
``port_traffic``    a published port: many connections at once, and a stream in each direction
``traffic_server``  the server in the container that publishes that port
``file_copy``       ``docker cp`` in each direction
``image_archive``   loading an image archive that no daemon has loaded before
``qemu``            the machine's own disk, booted in QEMU's software emulation
``initramfs``       Debian's cloud kernel and an initramfs, with which QEMU boots that disk
``results_table``   rows, ratios, and the printed table
==================  =============================================================================
"""

from drydock.machine.bench.measure import bench
from drydock.machine.bench.results_table import show

__all__ = ["bench", "show"]

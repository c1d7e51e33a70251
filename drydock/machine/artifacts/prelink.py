"""Prelinking: relocate a program once, when the base disk is made, instead of at each start.

Debian's dockerd is a position-independent executable. At each start the dynamic loader writes 340,000 addresses into
31 MB of its data, which copies 7,700 pages. Natively that takes 30 ms; in User Mode Linux, where every page fault is a
round trip between processes, 300 ms. And dockerd starts itself again for each container. So the file is changed to a
position-dependent executable with a fixed load address, in which these addresses are already written; its pages are
then shared.

Names and layout are those of the System V ABI (gABI, chapters 4 and 5, and the x86-64 supplement).
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

#: The usual load address of position-dependent programs on x86-64.
BASE = 0x400000

_ET_EXEC, _ET_DYN = 2, 3
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP, _PT_GNU_STACK = 1, 2, 3, 0x6474E551
_DT_RELASZ, _DT_RELA, _DT_JMPREL, _DT_PLTRELSZ, _DT_RELACOUNT, _DT_FLAGS_1 = 8, 7, 23, 2, 0x6FFFFFF9, 0x6FFFFFFB
#: Tags of the dynamic section's entries whose values are addresses.
_ADDRESS_TAGS = {3, 4, 5, 6, 7, 12, 13, 23, 25, 26, 32, 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFC, 0x6FFFFFFE}
_DF_1_PIE = 0x08000000
_R_JUMP_SLOT, _R_RELATIVE, _R_IRELATIVE = 7, 8, 37
_SHT_DYNSYM, _SHF_ALLOC, _STT_TLS = 11, 2, 6


@dataclass(frozen=True)
class _Segment:
    kind: int
    offset: int
    address: int
    size: int


class _Program:
    """An ELF file mapped into memory; integers are read and written at offsets in the file."""

    def __init__(self, image: mmap.mmap) -> None:
        self.image = image
        self.segments = [self._segment(offset) for offset in self.program_headers()]

    def program_headers(self) -> list[int]:
        """Return the offset of each program header."""
        start, size, count = self.read_64(32), self.read_16(54), self.read_16(56)
        return [start + size * number for number in range(count)]

    def section_headers(self) -> list[int]:
        """Return the offset of each section header."""
        start, size, count = self.read_64(40), self.read_16(58), self.read_16(60)
        return [start + size * number for number in range(count)]

    def read_64(self, offset: int) -> int:
        return int(struct.unpack_from("<Q", self.image, offset)[0])

    def read_32(self, offset: int) -> int:
        return int(struct.unpack_from("<I", self.image, offset)[0])

    def read_16(self, offset: int) -> int:
        return int(struct.unpack_from("<H", self.image, offset)[0])

    def write_64(self, offset: int, value: int) -> None:
        struct.pack_into("<Q", self.image, offset, value)

    def add_base(self, offset: int) -> None:
        """Add the load address to the address that is stored at an offset."""
        self.write_64(offset, self.read_64(offset) + BASE)

    def offset_of(self, address: int) -> int:
        """Return the offset in the file of the byte that is loaded at an address."""
        for segment in self.segments:
            if segment.kind == _PT_LOAD and segment.address <= address < segment.address + segment.size:
                return address - segment.address + segment.offset
        raise ValueError(f"no byte of the file is loaded at {address:#x}")

    def _segment(self, offset: int) -> _Segment:
        return _Segment(
            self.read_32(offset), self.read_64(offset + 8), self.read_64(offset + 16), self.read_64(offset + 32)
        )


def prelink(file: Path) -> bool:
    """Give a position-independent program a fixed load address; return False, with no change, for any other file."""
    with file.open("r+b") as stream, mmap.mmap(stream.fileno(), 0) as image:
        if image[:5] != b"\x7fELF\x02":
            return False
        program = _Program(image)
        kinds = {segment.kind for segment in program.segments}
        if program.read_16(16) != _ET_DYN or not {_PT_INTERP, _PT_DYNAMIC} <= kinds:
            return False
        dynamic = _dynamic_section(program)
        _relocate(program, dynamic)
        _move_symbols(program)
        _move_headers(program, dynamic)
    return True


def _dynamic_section(program: _Program) -> dict[int, int]:
    """Return, by tag, the offset of each value in the dynamic section."""
    section = next(segment for segment in program.segments if segment.kind == _PT_DYNAMIC)
    offsets = range(section.offset, section.offset + section.size, 16)
    return {program.read_64(offset): offset + 8 for offset in offsets if program.read_64(offset)}


def _relocate(program: _Program, dynamic: dict[int, int]) -> None:
    """Apply the relative relocations, and leave to the loader only the relocations that depend on other files."""
    start, size = program.read_64(dynamic[_DT_RELA]), program.read_64(dynamic[_DT_RELASZ])
    relative = program.read_64(dynamic[_DT_RELACOUNT]) if _DT_RELACOUNT in dynamic else 0
    table = program.offset_of(start)
    for offset in range(table, table + relative * 24, 24):
        address, kind, addend = struct.unpack_from("<QQq", program.image, offset)
        if kind != _R_RELATIVE:
            raise ValueError("the relative relocations do not come first")
        program.write_64(program.offset_of(address), addend + BASE)
    _move_relocations(program, table + relative * 24, table + size)
    if _DT_JMPREL in dynamic:
        jumps = program.offset_of(program.read_64(dynamic[_DT_JMPREL]))
        _move_relocations(program, jumps, jumps + program.read_64(dynamic[_DT_PLTRELSZ]))
    program.write_64(dynamic[_DT_RELA], start + relative * 24)
    program.write_64(dynamic[_DT_RELASZ], size - relative * 24)
    if relative:
        program.write_64(dynamic[_DT_RELACOUNT], 0)


def _move_relocations(program: _Program, start: int, end: int) -> None:
    """Add the load address to the addresses in the relocations that the loader will still apply."""
    for offset in range(start, end, 24):
        kind = program.read_32(offset + 8)
        if kind == _R_JUMP_SLOT:  # until the symbol is bound, the slot has an address in the program itself
            slot = program.offset_of(program.read_64(offset))
            program.write_64(slot, program.read_64(slot) + BASE if program.read_64(slot) else 0)
        if kind in (_R_RELATIVE, _R_IRELATIVE):
            program.add_base(offset + 16)
        program.add_base(offset)


def _move_symbols(program: _Program) -> None:
    for header in program.section_headers():
        if program.read_32(header + 4) != _SHT_DYNSYM:
            continue
        start, size = program.read_64(header + 24), program.read_64(header + 32)
        for offset in range(start, start + size, 24):
            defined, tls = program.read_16(offset + 6) != 0, program.image[offset + 4] & 15 == _STT_TLS
            if defined and not tls:
                program.add_base(offset + 8)


def _move_headers(program: _Program, dynamic: dict[int, int]) -> None:
    for tag, offset in dynamic.items():
        if tag in _ADDRESS_TAGS:
            program.add_base(offset)
    if _DT_FLAGS_1 in dynamic:
        program.write_64(dynamic[_DT_FLAGS_1], program.read_64(dynamic[_DT_FLAGS_1]) & ~_DF_1_PIE)
    for header in program.section_headers():
        if program.read_64(header + 8) & _SHF_ALLOC:
            program.add_base(header + 16)
    for header in program.program_headers():
        if program.read_32(header) != _PT_GNU_STACK:
            program.add_base(header + 16)
            program.add_base(header + 24)
    program.add_base(24)
    struct.pack_into("<H", program.image, 16, _ET_EXEC)

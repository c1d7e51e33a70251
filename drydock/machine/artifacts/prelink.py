"""Big programs made to start fast: relocated once, when the disk is made, and not at every start.

Debian's dockerd is a position-independent executable. At each start the loader writes 340,000 addresses into 31 MB
of its data, which copies 7,700 pages. Natively that takes 30 ms; in User Mode Linux, where every page fault is a
round trip between processes, 300 ms. And dockerd starts itself again for every container. So the file gets the
address it shall live at, with those words already written: a position-dependent executable, whose pages are shared.

Layout and names are those of the System V ABI (gABI, chapters 4 and 5, and the x86-64 supplement).
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

#: Where position-dependent programs of this architecture live.
BASE = 0x400000

_ET_EXEC, _ET_DYN = 2, 3
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP, _PT_GNU_STACK = 1, 2, 3, 0x6474E551
_DT_RELASZ, _DT_RELA, _DT_JMPREL, _DT_PLTRELSZ, _DT_RELACOUNT, _DT_FLAGS_1 = 8, 7, 23, 2, 0x6FFFFFF9, 0x6FFFFFFB
#: Entries of the dynamic section that are addresses.
_ADDRESSES = {3, 4, 5, 6, 7, 12, 13, 23, 25, 26, 32, 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFC, 0x6FFFFFFE}
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
    """An ELF file mapped into memory, with 64-bit words by offset."""

    def __init__(self, image: mmap.mmap) -> None:
        self.image = image
        self.segments = [self._segment(at) for at in self.program_headers()]

    def program_headers(self) -> list[int]:
        start, size, count = self.word(32), self.half(54), self.half(56)
        return [start + size * number for number in range(count)]

    def section_headers(self) -> list[int]:
        start, size, count = self.word(40), self.half(58), self.half(60)
        return [start + size * number for number in range(count)]

    def word(self, offset: int) -> int:
        return int(struct.unpack_from("<Q", self.image, offset)[0])

    def half(self, offset: int) -> int:
        return int(struct.unpack_from("<H", self.image, offset)[0])

    def kind(self, offset: int) -> int:
        return int(struct.unpack_from("<I", self.image, offset)[0])

    def put(self, offset: int, value: int) -> None:
        struct.pack_into("<Q", self.image, offset, value)

    def raise_(self, offset: int) -> None:
        """Add the base to the address at an offset."""
        self.put(offset, self.word(offset) + BASE)

    def place(self, address: int) -> int:
        """Where in the file the byte of an address lies."""
        for part in self.segments:
            if part.kind == _PT_LOAD and part.address <= address < part.address + part.size:
                return address - part.address + part.offset
        raise ValueError(f"no byte of the file is at {address:#x}")

    def _segment(self, at: int) -> _Segment:
        return _Segment(self.kind(at), self.word(at + 8), self.word(at + 16), self.word(at + 32))


def prelink(file: Path) -> bool:
    """Give a position-independent program its place for good; False, and unchanged, when it isn't one."""
    with file.open("r+b") as stream, mmap.mmap(stream.fileno(), 0) as image:
        if image[:5] != b"\x7fELF\x02":
            return False
        program = _Program(image)
        kinds = {part.kind for part in program.segments}
        if program.half(16) != _ET_DYN or not {_PT_INTERP, _PT_DYNAMIC} <= kinds:
            return False
        dynamic = _dynamic(program)
        _relocate(program, dynamic)
        _raise_symbols(program)
        _raise_headers(program, dynamic)
    return True


def _dynamic(program: _Program) -> dict[int, int]:
    """Where in the file the value of each entry of the dynamic section lies."""
    part = next(part for part in program.segments if part.kind == _PT_DYNAMIC)
    offsets = range(part.offset, part.offset + part.size, 16)
    return {program.word(at): at + 8 for at in offsets if program.word(at)}


def _relocate(program: _Program, dynamic: dict[int, int]) -> None:
    """Write what the loader would write everywhere, and leave it only what depends on other files."""
    start, size = program.word(dynamic[_DT_RELA]), program.word(dynamic[_DT_RELASZ])
    relative = program.word(dynamic[_DT_RELACOUNT]) if _DT_RELACOUNT in dynamic else 0
    table = program.place(start)
    for at in range(table, table + relative * 24, 24):
        address, kind, addend = struct.unpack_from("<QQq", program.image, at)
        if kind != _R_RELATIVE:
            raise ValueError("the relative relocations do not come first")
        program.put(program.place(address), addend + BASE)
    _raise_relocations(program, table + relative * 24, table + size)
    if _DT_JMPREL in dynamic:
        jumps = program.place(program.word(dynamic[_DT_JMPREL]))
        _raise_relocations(program, jumps, jumps + program.word(dynamic[_DT_PLTRELSZ]))
    program.put(dynamic[_DT_RELA], start + relative * 24)
    program.put(dynamic[_DT_RELASZ], size - relative * 24)
    if relative:
        program.put(dynamic[_DT_RELACOUNT], 0)


def _raise_relocations(program: _Program, start: int, end: int) -> None:
    """What the loader will still do, it shall do at the new addresses."""
    for at in range(start, end, 24):
        kind = program.kind(at + 8)
        if kind == _R_JUMP_SLOT:  # before it is bound, a slot leads back into the program
            slot = program.place(program.word(at))
            program.put(slot, program.word(slot) + BASE if program.word(slot) else 0)
        if kind in (_R_RELATIVE, _R_IRELATIVE):
            program.raise_(at + 16)
        program.raise_(at)


def _raise_symbols(program: _Program) -> None:
    for header in program.section_headers():
        if program.kind(header + 4) != _SHT_DYNSYM:
            continue
        start, size = program.word(header + 24), program.word(header + 32)
        for at in range(start, start + size, 24):
            defined, tls = program.half(at + 6) != 0, program.image[at + 4] & 15 == _STT_TLS
            if defined and not tls:
                program.raise_(at + 8)


def _raise_headers(program: _Program, dynamic: dict[int, int]) -> None:
    for tag, at in dynamic.items():
        if tag in _ADDRESSES:
            program.raise_(at)
    if _DT_FLAGS_1 in dynamic:
        program.put(dynamic[_DT_FLAGS_1], program.word(dynamic[_DT_FLAGS_1]) & ~_DF_1_PIE)
    for header in program.section_headers():
        if program.word(header + 8) & _SHF_ALLOC:
            program.raise_(header + 16)
    for header in program.program_headers():
        if program.kind(header) != _PT_GNU_STACK:
            program.raise_(header + 16)
            program.raise_(header + 24)
    program.raise_(24)
    struct.pack_into("<H", program.image, 16, _ET_EXEC)

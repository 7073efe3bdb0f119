"""The MicroPythons that run a board's firmware here, and what of a heap is not the firmware's.

A board has one of 32 bits. Debian's package `micropython` for i386 is such a one; fetch_32bit.sh
beside this file unpacks it, and MICROPYTHON32 names it.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple


class BoardError(Exception):
    """There is no MicroPython for a board, or it does not come up; the text says why."""


class Interpreter(NamedTuple):
    """stand_ins_kb: what device/*.py take of a heap; on a board they are C in flash."""

    path: str
    bits: int
    stand_ins_kb: int

    def heap_bytes(self, firmware_kb: int, mapped_kb: int = 0) -> int:
        """A heap with so much for the firmware: `heapsize` of a board, its tables included.

        mapped_kb: of flash that is mapped into memory. It lies in the heap here, and so has a part
        of the heap's tables: three bits for each block of four words.
        """
        mapped = mapped_kb * 1024
        return (firmware_kb + self.stand_ins_kb) * 1024 + mapped + mapped * 3 // self.bits // 4


# stand-ins: 29.3 and 18.6 KB, measured; rounded down, so that a firmware has less rather than more
_STAND_INS_KB = {64: 29, 32: 18}


def usual() -> Interpreter:
    """The 64-bit one of the 'bench' extra; BoardError if there is none."""
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if not found:
        raise BoardError("no micropython found; install the 'bench' extra")
    return Interpreter(found, 64, _STAND_INS_KB[64])


def narrow() -> Interpreter | None:
    """The 32-bit one, where MICROPYTHON32 names it."""
    named = os.environ.get("MICROPYTHON32")
    return Interpreter(named, 32, _STAND_INS_KB[32]) if named else None

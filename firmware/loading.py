"""Reads a stream back from its folder: at the start, and after an error of the flash.

Loaded for that only. Nothing that is read is trusted.
"""

import os

from firmware.stream import BASE_BYTES, RECORD_BYTES, read, read_base

_NO_END = 1 << 32


def load(stream):
    """Find out what is in the folder of a firmware.stream.Stream."""
    bases = sorted([int(base, 16) for base in os.listdir(stream.path)])
    for base, end in zip(bases, bases[1:] + [_NO_END]):
        stream.torn = _load_segment(stream, base, end)
        stream.damaged = stream.damaged or stream.torn


def _load_segment(stream, base, end):
    """Read a segment into the state. True when its end is unreadable."""
    name, readable = stream.file_name(base), BASE_BYTES
    size = os.stat(name)[6]
    with open(name, "rb") as file:
        before = read_base(file)
        hole = bool(stream.segments) and base != stream.next
        rift = bool(stream.segments) and before != stream.chain
        stream.next = max(base, stream.next)
        file.seek(0)
        for number, _, payload, value in read(file, base, end):
            if number == base:
                stream.segments.append((base, before))
            readable += RECORD_BYTES + len(payload)
            stream.next, stream.chain = number + 1, value
    stream.damaged = stream.damaged or hole
    if readable == BASE_BYTES and size <= readable:
        os.remove(name)  # begun, and never flushed
        return hole
    stream.damaged = stream.damaged or rift
    stream.size = size
    return size != readable

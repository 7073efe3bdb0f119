"""One numbered chain of records in a folder of segments: what the journal is made of.

A segment is a file named by its first number, in hexadecimal:

    segment = chain u32 (see protocol.chain; the value before the first record), then records
    record  = length u16 | kind u8 | flags u8 = 0 | number u32 | chain u32 | payload

All little-endian. Numbers rise by one, without exception. Nothing read back is trusted.
"""

import os
import struct

from protocol import chain
from protocol.chain import CORRUPT, GAP, OVERFLOW

LONGEST_PAYLOAD = 512  # bytes

_BASE, _BASE_BYTES = "<I", 4
_RECORD, _RECORD_BYTES = "<HBBII", 12
_TORN_NUMBERS = 256  # declared lost when the end is unreadable: nobody knows how many it were
_NO_END = 1 << 32


class Stream:
    """The records in a folder, which must exist; `name` is the stream's 8 bytes.

    `next` is the number of the next record, `kept` the first that is not flushed, `chain` the
    chain value at `next` - 1. `torn`: the end is unreadable; `damaged`: that, or numbers are
    missing; then nothing may be added, but `copy` what is readable.
    """

    def __init__(self, path, name, segment_bytes, most_segments):
        self._path = path
        self._segment_bytes = segment_bytes
        self._most_segments = most_segments
        self._file = None
        self._segments = []  # of (first number, chain value before it), oldest first
        self._size = segment_bytes  # of the last one: no room yet
        self.next, self.chain = 1, chain.start(name)
        self.acked = 0  # not on flash: after a restart the hub says it again
        self.overflows = 0
        self.damaged = self.torn = False
        self._load()
        self.kept = self.next

    @property
    def first(self):
        """The lowest number held; `next` when there is none."""
        return self._segments[0][0] if self._segments else self.next

    def put(self, kind, payload):
        """Add a record; its number. After an OSError this object is of no more use."""
        file = self._with_room(_RECORD_BYTES + len(payload))
        return self._write(file, kind, payload)

    def flush(self):
        if self._file is None or self.kept == self.next:
            return
        self._file.flush()
        self.kept = self.next

    def close(self):
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            file.close()
        except OSError:
            pass  # what was flushed is there; the rest was never promised

    def records(self, first, most, most_bytes):
        """[(number, kind, payload)] of what is flushed; at least one if there is any."""
        found = []
        for index in range(len(self._segments)):
            base, end = self._bounds(index)
            if end <= first:
                continue
            with open(self._file_name(base), "rb") as file:
                for number, kind, payload, _ in _read(file, base, min(end, self.kept)):
                    if number < first:
                        continue
                    most_bytes -= len(payload)
                    if found and (len(found) == most or most_bytes < 0):
                        return found
                    found.append((number, kind, payload))
        return found

    def chain_at(self, number):
        """The chain value at a number still held, or at the last one dropped; else None."""
        if number == self.next - 1:
            return self.chain
        for index in range(len(self._segments)):
            base, end = self._bounds(index)
            if number == base - 1:
                return self._segments[index][1]
            if base <= number < end:
                return self._chain_within(base, number)
        return None

    def drop(self, upto):
        """Whole segments go, as far as `upto`; never the last, which knows the next number."""
        self.acked = max(self.acked, upto)
        while len(self._segments) > 1 and self._bounds(0)[1] - 1 <= self.acked:
            self._drop_oldest()

    def copy(self, other):
        """Add everything readable to another stream, and GAP records for the rest."""
        for index in range(len(self._segments)):
            base, end = self._bounds(index)
            with open(self._file_name(base), "rb") as file:
                for _, kind, payload, _ in _read(file, base, end):
                    other.put(kind, payload)
                    base += 1
            if base < end:
                other.put(GAP, _gap(base, end - base, CORRUPT))
        if self.torn:
            other.put(GAP, _gap(self.next, _TORN_NUMBERS, CORRUPT))

    # Writing.

    def _write(self, file, kind, payload):
        number = self.next
        self.chain = chain.link(self.chain, number, kind, payload)
        head = chain.header(number, kind, payload)
        file.write(head + struct.pack(_BASE, self.chain) + payload)
        self._size += _RECORD_BYTES + len(payload)
        self.next += 1
        return number

    def _with_room(self, size):
        if self._size + size > self._segment_bytes:
            return self._roll()
        if self._file is None:
            self._file = open(self._file_name(self._segments[-1][0]), "ab")  # noqa: SIM115
        return self._file

    def _roll(self):
        self.flush()
        self.close()
        self._file = file = open(self._file_name(self.next), "wb")  # noqa: SIM115
        file.write(struct.pack(_BASE, self.chain))
        self._size = _BASE_BYTES
        self._segments.append((self.next, self.chain))
        self.drop(self.acked)
        if len(self._segments) > self._most_segments:
            self._give_up_oldest(file)
        return file

    def _give_up_oldest(self, file):
        base, end = self._bounds(0)
        first = max(base, self.acked + 1)
        lost = end - first
        with open(self._file_name(base), "rb") as oldest:
            for number, kind, payload, _ in _read(oldest, base, end):
                if kind == GAP and number >= first:  # it goes as well: declare what it declared
                    lost += _declared(payload) - 1
        self._write(file, GAP, _gap(first, lost, OVERFLOW))
        self.flush()  # first declared, then gone
        self._drop_oldest()
        self.overflows += 1

    def _drop_oldest(self):
        os.remove(self._file_name(self._segments.pop(0)[0]))

    # Reading back.

    def _file_name(self, base):
        return "%s/%08x" % (self._path, base)

    def _bounds(self, index):
        """The first number of a segment, and the first behind it."""
        behind = index + 1
        end = self._segments[behind][0] if behind < len(self._segments) else self.next
        return self._segments[index][0], end

    def _chain_within(self, base, wanted):
        value = None
        with open(self._file_name(base), "rb") as file:
            for record in _read(file, base, wanted + 1):
                value = record[3]
        return value

    def _load(self):
        bases = sorted([int(base, 16) for base in os.listdir(self._path)])
        for base, end in zip(bases, bases[1:] + [_NO_END]):
            self.torn = self._load_segment(base, end)
            self.damaged = self.damaged or self.torn

    def _load_segment(self, base, end):
        """Read a segment into the state. True when its end is unreadable."""
        name, readable = self._file_name(base), _BASE_BYTES
        size = os.stat(name)[6]
        with open(name, "rb") as file:
            before = _read_base(file)
            hole = bool(self._segments) and base != self.next
            rift = bool(self._segments) and before != self.chain
            self.next = max(base, self.next)
            file.seek(0)
            for number, _, payload, value in _read(file, base, end):
                if number == base:
                    self._segments.append((base, before))
                readable += _RECORD_BYTES + len(payload)
                self.next, self.chain = number + 1, value
        self.damaged = self.damaged or hole
        if readable == _BASE_BYTES and size <= readable:
            os.remove(name)  # begun, and never flushed
            return hole
        self.damaged = self.damaged or rift
        self._size = size
        return size != readable


def _read_base(file):
    """The chain value before a segment's first record; None when even that is missing."""
    head = file.read(_BASE_BYTES)
    return struct.unpack(_BASE, head)[0] if len(head) == _BASE_BYTES else None


def _read(file, first, end):
    """(number, kind, payload, chain value) of a segment's records, from `first` to below `end`.

    Stops before the first that is not what was written. Leaves the file to its opener: one that
    a collected generator had to close would write to flash from within the collector.
    """
    value = _read_base(file)
    while value is not None and first < end:
        head = file.read(_RECORD_BYTES)
        if len(head) < _RECORD_BYTES:
            return
        length, kind, flags, number, claimed = struct.unpack(_RECORD, head)
        if length > LONGEST_PAYLOAD or flags or number != first:
            return
        payload = file.read(length)
        if len(payload) != length:
            return
        value = chain.link(value, number, kind, payload)
        if value != claimed:
            return
        yield number, kind, payload, value
        first += 1


def _gap(first, count, reason):
    return struct.pack(chain.GAP_FORMAT, first, first + count - 1, reason)


def _declared(payload):
    """How many numbers a gap's payload declares as lost."""
    first, last, _ = struct.unpack(chain.GAP_FORMAT, payload)
    return last - first + 1

"""One numbered chain of records in a folder of segments: what the journal is made of.

A segment is a file named by its first number, in hexadecimal:

    segment = chain u32 (see protocol.chain; the value before the first record), then records
    record  = length u16 | kind u8 | flags u8 = 0 | number u32 | chain u32 | payload

All little-endian. Numbers rise by one, without exception. Nothing read back is trusted.
"""

import os
import struct

from firmware.unload import forget
from protocol import chain

LONGEST_PAYLOAD = 512  # bytes

BASE_BYTES, RECORD_BYTES = 4, 12
_BASE, _RECORD = "<I", "<HBBII"
TORN_NUMBERS = 256  # declared lost when the end is unreadable: nobody knows how many it were


class Stream:
    """The records in a folder, which must exist; `name` is the stream's 8 bytes.

    `next` is the number of the next record, `kept` the first that is not flushed, `chain` the
    chain value at `next` - 1. `torn`: the end is unreadable; `damaged`: that, or numbers are
    missing; then nothing may be added, but `copy` what is readable.
    """

    def __init__(self, path, name, segment_bytes, most_segments):
        self.path = path
        self._segment_bytes = segment_bytes
        self._most_segments = most_segments
        self._file = None
        self.segments = []  # of (first number, chain value before it), oldest first
        self.size = segment_bytes  # of the last one: no room yet
        self.next, self.chain = 1, chain.start(name)
        self.acked = 0  # not on flash: after a restart the hub says it again
        self.overflows = 0
        self.damaged = self.torn = False
        from firmware.loading import load  # most of its time a board has no use for it

        load(self)
        forget("firmware.loading")
        self.kept = self.next

    @property
    def first(self):
        """The lowest number held; `next` when there is none."""
        return self.segments[0][0] if self.segments else self.next

    def put(self, kind, payload):
        """Add a record; its number. After an OSError this object is of no more use."""
        file = self._with_room(RECORD_BYTES + len(payload))
        return self.write(file, kind, payload)

    def flush(self):
        if self._file is None or self.kept == self.next:
            return
        self._file.flush()
        self.kept = self.next

    @property
    def before(self):
        """The chain value at `first` - 1."""
        return self.segments[0][1] if self.segments else self.chain

    def give_up(self, most):
        """Declare the oldest segments lost, then remove them; never the last. False for none."""
        from firmware.overflow import give_up

        given = give_up(self, most)
        forget("firmware.overflow")
        return given

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
        for index in range(len(self.segments)):
            base, end = self.bounds(index)
            if end <= first:
                continue
            with open(self.file_name(base), "rb") as file:
                for number, kind, payload, _ in read(file, base, min(end, self.kept)):
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
        for index in range(len(self.segments)):
            base, end = self.bounds(index)
            if number == base - 1:
                return self.segments[index][1]
            if base <= number < end:
                return self._chain_within(base, number)
        return None

    def drop(self, upto):
        """Whole segments go, as far as `upto`; never the last, which knows the next number."""
        self.acked = max(self.acked, upto)
        try:
            while len(self.segments) > 1 and self.bounds(0)[1] - 1 <= self.acked:
                self.drop_oldest()
        except OSError:
            pass  # it goes with the next one

    # Writing.

    def write(self, file, kind, payload):
        number = self.next
        self.chain = chain.link(self.chain, number, kind, payload)
        head = chain.header(number, kind, payload)
        file.write(head + struct.pack(_BASE, self.chain) + payload)
        self.size += RECORD_BYTES + len(payload)
        self.next += 1
        return number

    def _with_room(self, size):
        if self.size + size > self._segment_bytes:
            return self.roll()
        return self.open_last()

    def open_last(self):
        if self._file is None:
            self._file = open(self.file_name(self.segments[-1][0]), "ab")  # noqa: SIM115
        return self._file

    def roll(self):
        """Begin a new segment."""
        self.flush()
        self.close()
        self._file = file = open(self.file_name(self.next), "wb")  # noqa: SIM115
        file.write(struct.pack(_BASE, self.chain))
        self.size = BASE_BYTES
        self.segments.append((self.next, self.chain))
        self.drop(self.acked)
        if len(self.segments) > self._most_segments:
            self.give_up(1)
        return file

    def drop_oldest(self):
        os.remove(self.file_name(self.segments[0][0]))
        self.segments.pop(0)

    # Reading back.

    def file_name(self, base):
        return "%s/%08x" % (self.path, base)

    def bounds(self, index):
        """The first number of a segment, and the first behind it."""
        behind = index + 1
        end = self.segments[behind][0] if behind < len(self.segments) else self.next
        return self.segments[index][0], end

    def _chain_within(self, base, wanted):
        value = None
        with open(self.file_name(base), "rb") as file:
            for record in read(file, base, wanted + 1):
                value = record[3]
        return value


def read_base(file):
    """The chain value before a segment's first record; None when even that is missing."""
    head = file.read(BASE_BYTES)
    return struct.unpack(_BASE, head)[0] if len(head) == BASE_BYTES else None


def read(file, first, end):
    """(number, kind, payload, chain value) of a segment's records, from `first` to below `end`.

    Stops before the first that is not what was written. Leaves the file to its opener: one that
    a collected generator had to close would write to flash from within the collector.
    """
    value = read_base(file)
    while value is not None and first < end:
        head = file.read(RECORD_BYTES)
        if len(head) < RECORD_BYTES:
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

"""The device's log of events the hub has not taken over yet: bounded, and safe at any power cut.

A folder holds one stream, in a folder named by 8 random bytes. Numbers are never reused with other
content: when the past is damaged, or the hub knows another one, what is held moves to a new stream.

    journal = Journal("/journal", os.urandom)
    journal.append(payload)
    journal.flush()                                     # from here on it is kept, and may be sent
    batch = journal.records(journal.first_unacked)
    journal.ack(upto, chain)                            # the hub has it on its own disk

A method that raises OSError (flash full, or worn) leaves what had been flushed.
"""

import os
from binascii import hexlify, unhexlify

from firmware.stream import LONGEST_PAYLOAD, Stream
from protocol.chain import EVENT


class Journal:
    """Events in a folder, numbered from 1 in each stream; `random(n)` gives n bytes."""

    def __init__(self, folder, random, segment_bytes=4096, most_segments=16):
        self._folder = folder
        self._random = random
        self._limits = segment_bytes, most_segments
        self._overflows = 0
        self._name = ""
        self._held = self._load()
        if self._held.damaged:
            self._renumber()

    @property
    def stream(self):
        """The name of the stream, 8 bytes."""
        return unhexlify(self._name)

    @property
    def next(self):
        """The number the next event gets."""
        return self._held.next

    @property
    def chain(self):
        """The chain value (see protocol.chain) at `next` - 1."""
        return self._held.chain

    @property
    def first_unacked(self):
        """The lowest number that is held and not acknowledged; `next` when there is none."""
        return max(self._held.acked + 1, self._held.first)

    @property
    def overflows(self):
        """How many segments were given up since the start because the hub was away too long."""
        return self._overflows + self._held.overflows

    def waiting(self):
        """How many records are not acknowledged."""
        return self.next - self.first_unacked

    def append(self, payload):
        """Add an event of at most LONGEST_PAYLOAD bytes; its number. Kept only after `flush`."""
        if len(payload) > LONGEST_PAYLOAD:
            raise ValueError("an event of %d bytes is too long" % len(payload))
        try:
            return self._held.put(EVENT, payload)
        except OSError:
            self._reload()
            raise

    def flush(self):
        """The durability point: what was appended now outlives a power cut."""
        try:
            self._held.flush()
        except OSError:
            self._reload()
            raise

    def records(self, first, most=8, most_bytes=1024):
        """[(number, kind, payload)] of what is flushed, from number `first` on.

        Consecutive; at least one if there is any, else within `most` and `most_bytes` of payload.
        """
        return self._held.records(first, most, most_bytes)

    def chain_at(self, number):
        """The chain value at a number still held, or at the last one dropped; else None."""
        return self._held.chain_at(number)

    def ack(self, upto, chain):
        """The hub has everything up to a number: whole segments of it go. Rewrites nothing.

        False, and nothing goes, when its chain value shows another past than ours: say hello again.
        """
        if self._held.chain_at(upto) != chain:
            return False
        self._held.drop(upto)
        return True

    def welcome(self, upto, chain):
        """What the hub says it has of this stream. False: it is not so, a new stream is open.

        The new stream holds the same events under new numbers; the hub tells by what is in them
        which it has seen already.
        """
        if upto >= self.first_unacked - 1 and self.ack(upto, chain):
            return True
        self.flush()
        self._renumber()
        return False

    def close(self):
        self._held.close()

    def _load(self):
        self._clear()
        streams = [name for name in _listing(self._folder) if len(name) == 16]
        if len(streams) > 1:  # just moved, or cut while moving: both hold the same events
            left = self._name if self._name in streams else streams[0]
            streams.remove(left)
            self._retire(left)
        self._name = streams[0] if streams else self._new_name()
        return self._stream(self._folder + "/" + self._name, self._name)

    def _reload(self):
        self._overflows += self._held.overflows
        self._held.close()
        self._held = self._load()

    def _renumber(self):
        """Move to a new stream. The old one stays until the new one is whole."""
        self._clear()
        new, name = self._folder + "/new", self._new_name()
        fresh = self._stream(new, name)
        try:
            self._held.copy(fresh)
            fresh.flush()
        finally:
            fresh.close()
        self._held.close()
        os.rename(new, self._folder + "/" + name)
        self._reload()

    def _stream(self, path, name):
        _listing(path)
        return Stream(path, unhexlify(name), *self._limits)

    def _new_name(self):
        return hexlify(self._random(8)).decode()

    def _clear(self):
        for name in _listing(self._folder):
            if name in ("new", "old"):  # a power cut left them
                _remove(self._folder + "/" + name)

    def _retire(self, name):
        # Renamed first: a stream found under its own name is always whole.
        os.rename(self._folder + "/" + name, self._folder + "/old")
        _remove(self._folder + "/old")


def _listing(folder):
    """The names in a folder; it is made if there is none."""
    try:
        return os.listdir(folder)
    except OSError:
        os.mkdir(folder)
        return []


def _remove(folder):
    for name in os.listdir(folder):
        os.remove(folder + "/" + name)
    os.rmdir(folder)

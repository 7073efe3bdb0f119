"""The device's log of events the hub has not taken over yet: bounded, and safe at any power cut.

A folder holds one stream, in a folder named by 8 random bytes. Numbers are never reused with other
content: when the past is damaged, or the hub knows another one, what is held moves to a new stream.
When there are too many segments, or flash is full, the oldest segment goes: a gap says so, and the
totals of its visits stay.

    journal = Journal("/journal", os.urandom)
    journal.append(payload)
    journal.flush()                                     # from here on it is kept, and may be sent
    batch = journal.records(journal.first_unacked)
    journal.ack(upto, chain)                            # the hub has it on its own disk

A method that raises OSError (flash worn, or full of other things) leaves what had been flushed;
what had not been is tried again by the next flush.
"""

from binascii import unhexlify

from firmware.stream import BASE_BYTES, LONGEST_PAYLOAD
from firmware.unload import forget
from protocol.chain import EVENT

_ENOSPC = 28  # flash is full
_MOST_UNKEPT = 16  # events in RAM; flash that took none of them is broken
_AT_ONCE = 2  # segments that make room for the spare again


class Journal:
    """Events in a folder, numbered from 1 in each stream; `random(n)` gives n bytes.

    It takes `segment_bytes` * (`most_segments` + 3) of flash at most: 64 KB.
    """

    def __init__(self, folder, random, segment_bytes=4096, most_segments=13):
        self.made = folder, random, (segment_bytes, most_segments)
        self._unkept = []
        self._failed = None  # the numbers that were being written when flash failed
        with _Lent(self) as streams:
            self._name, self._held = streams.open()
            self._lacks_spare = not streams.keep_spare()

    @property
    def stream(self):
        """The name of the stream, 8 bytes."""
        return unhexlify(self._name)

    @property
    def path(self):
        """The folder of the stream."""
        return self._held.path

    @property
    def next(self):
        """The number the next event gets."""
        return self._held.next

    @property
    def chain(self):
        """The chain value (see protocol.chain) at `next` - 1."""
        return self._held.chain

    @property
    def first(self):
        """The lowest number that is held; `next` when there is none."""
        return self._held.first

    @property
    def before(self):
        """The chain value at `first` - 1."""
        return self._held.before

    @property
    def first_unacked(self):
        """The lowest number that is held and not acknowledged; `next` when there is none."""
        return max(self._held.acked + 1, self._held.first)

    @property
    def overflows(self):
        """How many segments were given up since the start because the hub was away too long."""
        return self._held.overflows

    def waiting(self):
        """How many records are not acknowledged."""
        return self.next - self.first_unacked

    def append(self, payload):
        """Add an event of at most LONGEST_PAYLOAD bytes; kept only after `flush`."""
        if len(payload) > LONGEST_PAYLOAD:
            raise ValueError("an event of %d bytes is too long" % len(payload))
        self._unkept.append(payload)
        if len(self._unkept) == _MOST_UNKEPT:
            try:
                self.flush()
            except OSError:
                del self._unkept[0]  # flash that takes nothing for so long is broken
                raise

    def flush(self):
        """The durability point: what was appended now outlives a power cut."""
        tries = 2
        while self._unkept:
            try:
                self._put_unkept()
            except OSError as error:
                tries -= 1
                if not (error.errno == _ENOSPC and self.make_room()) and tries <= 0:
                    raise
        if self._lacks_spare:
            with _Lent(self) as streams:
                self._lacks_spare = not streams.keep_spare()

    def make_room(self):
        """Flash is full: give up the oldest events. False where there are none, or that fails."""
        try:
            self._recover()
            self._lacks_spare = True
            with _Lent(self) as streams:
                streams.drop_spare()
            return self._held.give_up(_AT_ONCE)
        except OSError:
            self._failed = self._failed or []
            return False

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
        overflows = self._held.overflows
        self._lacks_spare = True  # it may have been in the way
        try:
            with _Lent(self) as streams:
                self._name, self._held = streams.move(self._name, self._held)
        except OSError:
            self._failed = self._failed or []
            raise
        self._held.overflows += overflows
        return False

    def renew(self):
        """What the hub has leaves flash: a new segment takes the place of the last one, too."""
        if not self.waiting() and self._held.size > BASE_BYTES:
            self._held.roll()

    def close(self):
        self._held.close()

    def _put_unkept(self):
        self._recover()
        self._failed = []
        for payload in self._unkept:
            self._failed.append(self._held.put(EVENT, payload))
        self._held.flush()
        self._failed, self._unkept = None, []

    def _recover(self):
        """After an error: begin anew with what is on flash."""
        if self._failed is None:
            return
        stream = self._name
        self._reload()
        if stream == self._name:
            kept = [number for number in self._failed if number < self._held.next]
            del self._unkept[: len(kept)]
        self._failed = None

    def _reload(self):
        left, name = self._held, self._name
        left.close()
        with _Lent(self) as streams:
            self._name, self._held = streams.open(name)
        self._held.overflows += left.overflows
        if name == self._name:
            self._held.acked = left.acked


class _Lent:
    """The module firmware.streams, for as long as it is needed."""

    def __init__(self, journal):
        self._made = journal.made

    def __enter__(self):
        from firmware.streams import Streams

        return Streams(*self._made)

    def __exit__(self, *_):
        forget("firmware.streams", "firmware.overflow")

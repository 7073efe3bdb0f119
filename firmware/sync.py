"""The device's side of an exchange that loses nothing and counts nothing twice.

Sans-I/O: told when the link came up, what the hub said and that time has passed; sends through
`send(kind, payload) -> bool`. Only flushed records leave, in order, one message at a time; they are
dropped only when the hub has acknowledged them after its own commit, and its digest of everything
before equals ours.
"""

from firmware.unload import forget
from protocol import messages, topics
from protocol.errors import ProtocolError
from protocol.packed import FORM, pack

_RESEND_MS = 5_000


class Sync:
    def __init__(self, journal, product, boot, send, revision, people=None):
        """journal: firmware.journal.Journal; revision: of the last Person or Forget kept."""
        self._journal, self._product, self._boot, self._send = journal, product, boot, send
        self._people = people
        self.revision = self._told = revision  # _told: up to where the hub was told so
        self.welcomed = False  # the hub and we agree on where the journal stands
        self.refused = 0  # messages that were none
        self.wiping: object = None  # a Forget that is not done yet; what follows comes again
        self.life = 0  # how often this device was reset, see firmware/reset.py
        self._sent_upto = 0
        self._sent_ms = 0
        self._packs = False  # the hub reads packed events

    def joined(self, now_ms):
        """The broker is there: say who we are."""
        self.welcomed = False
        self._sent_ms = now_ms
        journal = self._journal
        self._stream = journal.stream
        hello = messages.Hello(
            self._product.name,
            self._product.version,
            journal.stream,
            self._boot,
            journal.next,
            journal.chain,
            self.revision,
            self.refused,
            (journal.first, journal.before, journal.overflows),
            self.life or None,
        )
        self._send(topics.HELLO, messages.encode(hello))

    def heard(self, kind, payload, now_ms):
        """A message for us; returns it if it is one that others have to act on, else None."""
        try:
            message = messages.decode(kind, payload)
        except ProtocolError as error:
            self.refused += 1
            if self.refused == 1:
                print("sync: refused:", error)
            return None
        if kind == topics.WELCOME:
            return self._welcomed(message, now_ms)
        if kind == topics.ACK:
            self._acked(message, now_ms)
            return None
        if kind == topics.DEFAULTS:
            return message
        if self.wiping:
            return None
        if message.since > self.revision:  # something before it is missing: ask again
            self.joined(now_ms)
            return None
        if message.revision <= self.revision:  # said twice: an old Person must not undo a Forget
            self._tell()
            return None
        return message

    def kept(self, revision):
        """A Person or Forget is in flash."""
        if revision > self.revision:
            self.revision = revision
            self._tell()

    def wipe(self):
        """Go on leaving nothing in flash of who was forgotten, see firmware/wipe.py."""
        if self.wiping:
            for _ in self.wiping:  # type: ignore[attr-defined]
                return
            self.wiping = None
            forget("firmware.wipe")

    def passed(self, now_ms):
        """Time has passed, or there are new records: send what is due."""
        people = self._people
        if self._told != self.revision:
            self._tell()
        elif self.welcomed and people and people.unlike and not self._journal.waiting():
            self._compare(people, now_ms)
        if now_ms - self._sent_ms < _RESEND_MS:
            if self.welcomed and self._sent_upto < self._journal.first_unacked:
                self._pump(now_ms)
            return
        if not self.welcomed:
            self.joined(now_ms)
        elif self._journal.waiting():
            self._pump(now_ms)

    def _compare(self, people, now_ms):
        """All is quiet: tell the hub, of one person, what it must know as well."""
        if self._stream != self._journal.stream:
            return self.joined(now_ms)  # an empty one, of which the hub has not heard
        subject = people.unlike.pop()
        self._tell((subject, self._journal.chain, people.digest(subject)))

    def _tell(self, alike=None):
        told = messages.Told(self.revision, alike)
        if self._send(topics.TOLD, messages.encode(told)):
            self._told = self.revision

    def _welcomed(self, message, now_ms):
        journal = self._journal
        if message.boot != self._boot or self.welcomed:
            return None  # an answer to an earlier hello
        if message.stream == journal.stream:
            journal.welcome(message.upto, message.chain)
        self.welcomed = True
        self._packs = (message.packed or 0) >= FORM
        if self._people:
            self._people.unlike = self._people.shared()
        self._sent_upto = 0
        self._pump(now_ms)
        return message

    def _acked(self, message, now_ms):
        journal = self._journal
        if message.stream != journal.stream or not self.welcomed:
            return
        if message.upto < journal.first_unacked - 1:  # the hub has less than it said before
            self.joined(now_ms)
            return
        if not journal.ack(message.upto, message.chain):
            journal.welcome(message.upto, message.chain)  # they differ: a new stream, sent anew
        self._pump(now_ms)

    def _pump(self, now_ms):
        journal = self._journal
        first = journal.first_unacked
        records = journal.records(first, messages.MOST_RECORDS)
        if not records:
            return
        again, self._sent_upto, self._sent_ms = first <= self._sent_upto, records[-1][0], now_ms
        batch = [(kind, payload) for _, kind, payload in records]
        data = messages.encode(messages.Events(journal.stream, first, batch))
        if self._packs and not again:
            self._send(topics.PACKED, pack(data))
        else:  # in full: the hub may be one now that reads nothing else
            self._send(topics.EVENTS, data)

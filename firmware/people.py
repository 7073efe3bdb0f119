"""Everyone this device may recognise: kept in flash, looked up by pairwise subject.

RAM holds little more than who there is: sixteen windows of visits would not fit beside TLS.
"""

from binascii import hexlify, unhexlify

from firmware.identifiers import Identifiers
from firmware.person import (
    carrier,
    credential,
    read_keys,
    read_known,
    write_keys,
    write_known,
)
from firmware.unload import forget
from protocol import cbor, presence
from protocol.messages import GUEST, OWNER, USER
from protocol.rules import FULL, LOCAL, STRANGER

MOST_PEOPLE = 16
_CLOCKLESS_MS = 1_577_836_800_000  # before 2020: said by a board that never knew the time
UNTOUCHED_DAYS = 400  # what is known of a person goes after so long without a visit; 0: never

_TABLE_MS = 240_000  # how long a table is good for, at most
_KNOWN, _KEYS = "u", "k"  # what a file's name begins with
_MODES, _NO_MODES = "modes", b"\xa0"  # {subject: mode} of those who are not known in full


class People:
    def __init__(self, memory):
        """memory: firmware.memory.Memory."""
        self._memory = memory
        self.subjects = [
            unhexlify(name[1:]) for name in memory.names() if name[0] == _KEYS and len(name) == 17
        ]
        self._modes: dict = cbor.loads(memory.load(_MODES) or _NO_MODES)  # type: ignore
        self.table_ms = _TABLE_MS
        self._one_with = {}  # subject -> the first of a person's who has several
        self.unlike = []  # subjects of whom the hub is to be told what we know, see digest

    def known(self, subject):
        """What is known of a person; empty if nothing is."""
        known = read_known(self._memory.load(_name(_KNOWN, subject)))
        known.local = self.mode(subject) == LOCAL
        return known

    def mode(self, subject):
        """How well a person wants to be known here: rules.STRANGER, LOCAL or FULL."""
        return self._modes.get(subject, FULL)

    def choose(self, subject, mode):
        """A person chose a mode."""
        self._modes.pop(subject, None)
        if mode != FULL:
            self._modes[subject] = mode
        self._memory.save(_MODES, cbor.dumps(self._modes))

    def keep(self, subject, known):
        if subject in self.subjects:
            self._memory.save(_name(_KNOWN, subject), write_known(known))
            if subject not in self.unlike and not known.local:
                self.unlike.append(subject)

    def shared(self):
        """Of whom the hub is to know what we know."""
        return [subject for subject in self.subjects if self.mode(subject) != LOCAL]

    def digest(self, subject):
        """What the hub compares with what it knows of a person."""
        from protocol.alike import digest

        found = digest(self.known(subject))
        forget("protocol.alike")
        return found

    def welcome(self, subject, keys):
        """Begin to recognise a person, or renew their keys; False if there is no room."""
        if subject not in self.subjects:
            if len(self.subjects) >= MOST_PEOPLE:
                return False
            self.subjects.append(subject)
        own = self._keys(subject)
        if own and own.hint == keys.hint and own.epoch > keys.epoch:
            keys = keys[:3] + own[3:5] + keys[5:]  # a session's chain never turns back
        self._memory.save(_name(_KEYS, subject), write_keys(keys))
        return True

    def forget(self, subject):
        """Nothing of a person is left when this returns."""
        self.lock_out(subject)
        self._memory.forget(_name(_KNOWN, subject))
        if subject in self._modes:
            self.choose(subject, FULL)

    def lock_out(self, subject):
        """Their keys open nothing any more; what is known of them waits for new ones."""
        self._memory.forget(_name(_KEYS, subject))
        if subject in self.subjects:
            self.subjects.remove(subject)
        if subject in self.unlike:
            self.unlike.remove(subject)

    def expire(self, now_ms, present):
        """Let go of what is known of who was not here for long, now that the time is certain."""
        oldest_ms = now_ms - UNTOUCHED_DAYS * 86_400_000
        for subject in self.subjects if UNTOUCHED_DAYS else ():
            if subject != present and _CLOCKLESS_MS < self.known(subject).touched_ms() < oldest_ms:
                self._memory.forget(_name(_KNOWN, subject))

    def role(self, subject):
        """What somebody is here: messages.GUEST, USER or OWNER; None for a stranger."""
        keys = self._keys(subject)
        return None if keys is None else (keys.right or (USER,))[0]

    def owner(self):
        """Whose device it is, or b""."""
        owners = [subject for subject in self.subjects if self.role(subject) == OWNER]
        return owners[0] if owners else b""

    def choosable(self):
        """Who may be chosen by hand, without a carrier: the household, but who is against it."""
        return [subject for subject in self.subjects if self._may_be_chosen(self._keys(subject))]

    def _may_be_chosen(self, keys):
        right = (keys and keys.right) or (USER, 0)
        return right[0] != GUEST and right[2:3] != (0,)

    def holds(self, subject, hint):
        """True if this hint (of Keys) is what somebody is known by: no phone was lost."""
        own = self._keys(subject)
        return own is not None and own.hint == hint

    def same(self, one, other):
        """True if two subjects are carriers of one person, a phone and a tag perhaps."""
        return self._one_with.get(one, one) == self._one_with.get(other, other)

    def table(self, time_s, exact=True):
        """The Identifiers of who may be heard at this time; exact: it is certain."""
        found = Identifiers()
        self.table_ms = _TABLE_MS
        self._one_with = {}
        for subject in self._willing():
            keys = self._keys(subject)
            if keys and keys.right and keys.right[3:]:
                self._one_with[subject] = keys.right[3]
            if keys and _stands(keys.right, time_s // 3600 if exact else 0, exact):
                self.table_ms = min(self.table_ms, 500 << keys.rotation)  # half a step
                found.add(presence.table([carrier(subject, keys)], time_s))
        return found

    def seek(self, identifier, floor_s):
        """(subject, time_s) of an identifier heard while the time is unknown, or None."""
        for subject in self._willing():
            keys = self._keys(subject)
            if keys:
                time_s = presence.seek(carrier(subject, keys), identifier, floor_s)
                if time_s is not None:
                    return subject, time_s
        return None

    def credentials(self, least_h=0, exact=True):
        """Each Credential for a session, one at a time: whose hint matches is who asks.

        least_h: hours since 1970 that have surely passed; exact: the time is certain.
        """
        for subject in self.subjects:
            keys = self._keys(subject)
            if keys and _stands(keys.right, least_h, exact):
                yield credential(subject, keys)

    def advance(self, used):
        """A session succeeded: this Credential's chain never turns back."""
        keys = self._keys(used.tag)
        if keys and used.epoch > keys.epoch:
            renewed = keys[:3] + (used.chain, used.epoch, keys.right)
            self._memory.save(_name(_KEYS, used.tag), write_keys(renewed))

    def _willing(self):
        return [subject for subject in self.subjects if self.mode(subject) != STRANGER]

    def _keys(self, subject):
        data = self._memory.load(_name(_KEYS, subject))
        return None if data is None else read_keys(data)


def _stands(right, least_h, exact):
    """A guest is known only while the time is certain: nothing else ends a pass in time."""
    return right is None or (least_h < right[1] and (exact or right[0] != GUEST))


def _name(kind, subject):
    return kind + hexlify(subject).decode()

"""Everyone this device may recognise: kept in flash, looked up by pairwise subject.

RAM holds little more than who there is: sixteen windows of visits would not fit beside TLS.
"""

from binascii import hexlify, unhexlify

from firmware.person import (
    carrier,
    credential,
    read_keys,
    read_known,
    write_keys,
    write_known,
)
from protocol import presence

MOST_PEOPLE = 16

_KNOWN, _KEYS = "u", "k"  # what a file's name begins with


class People:
    def __init__(self, memory):
        """memory: firmware.memory.Memory."""
        self._memory = memory
        self.subjects = [
            unhexlify(name[1:]) for name in memory.names() if name[0] == _KEYS and len(name) == 17
        ]

    def known(self, subject):
        """What is known of a person; empty if nothing is."""
        return read_known(self._memory.load(_name(_KNOWN, subject)))

    def keep(self, subject, known):
        if subject in self.subjects:
            self._memory.save(_name(_KNOWN, subject), write_known(known))

    def welcome(self, subject, keys):
        """Begin to recognise a person, or renew their keys; False if there is no room."""
        if subject not in self.subjects:
            if len(self.subjects) >= MOST_PEOPLE:
                return False
            self.subjects.append(subject)
        own = self._keys(subject)
        if own and own.hint == keys.hint and own.epoch > keys.epoch:
            keys = keys[:3] + own[3:]  # a session's chain never turns back
        self._memory.save(_name(_KEYS, subject), write_keys(keys))
        return True

    def forget(self, subject):
        """Nothing of a person is left when this returns."""
        self._memory.forget(_name(_KEYS, subject))
        self._memory.forget(_name(_KNOWN, subject))
        if subject in self.subjects:
            self.subjects.remove(subject)

    def table(self, time_s):
        """{identifier: subject} of who may be heard at this time."""
        found = {}
        for subject in self.subjects:
            keys = self._keys(subject)
            if keys:
                found.update(presence.table([carrier(subject, keys)], time_s))
        return found

    def seek(self, identifier, floor_s):
        """(subject, time_s) of an identifier heard while the time is unknown, or None."""
        for subject in self.subjects:
            keys = self._keys(subject)
            if keys:
                time_s = presence.seek(carrier(subject, keys), identifier, floor_s)
                if time_s is not None:
                    return subject, time_s
        return None

    def credentials(self):
        """Each Credential for a session, one at a time: whose hint matches is who asks."""
        for subject in self.subjects:
            keys = self._keys(subject)
            if keys:
                yield credential(subject, keys)

    def advance(self, used):
        """A session succeeded: this Credential's chain never turns back."""
        keys = self._keys(used.tag)
        if keys and used.epoch > keys.epoch:
            renewed = keys[:3] + (used.chain, used.epoch)
            self._memory.save(_name(_KEYS, used.tag), write_keys(renewed))

    def _keys(self, subject):
        data = self._memory.load(_name(_KEYS, subject))
        return None if data is None else read_keys(data)


def _name(kind, subject):
    return kind + hexlify(subject).decode()

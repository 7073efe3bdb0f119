"""Whose identifiers may be heard at this time, in few bytes: a dict of 48 takes four kilobytes."""

_BYTES = 8  # of an identifier


class Identifiers:
    def __init__(self):
        self._known, self._subjects = b"", []

    def add(self, found):
        """found: {identifier: subject}."""
        for identifier in found:
            self._known += identifier
            self._subjects.append(found[identifier])

    def get(self, identifier):
        """The subject of an identifier, or None; called in the interrupt."""
        at = self._known.find(identifier)
        while at > 0 and at % _BYTES:  # across two of them
            at = self._known.find(identifier, at + 1)
        return self._subjects[at // _BYTES] if at >= 0 else None

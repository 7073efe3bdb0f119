"""What the two ends of a session say after the handshake (see session.py), sealed."""

from protocol.crypto import ccm_open, ccm_seal

MOST_RECORDS = 0xFFFF

_RECORD = 0x40


class Records:
    """Sealed records after the handshake; each direction counts its own, none may be missing."""

    def __init__(self, send_key, receive_key, iv, direction):
        self._send_key, self._receive_key, self._iv = send_key, receive_key, iv
        self._direction = direction
        self._sent = self._received = 0

    def seal(self, kind, plaintext):
        """A record of a kind (0 to 63)."""
        if self._sent > MOST_RECORDS:
            return None
        header = bytes((_RECORD | kind,)) + self._sent.to_bytes(2, "big")
        nonce = self._nonce(self._direction, self._sent)
        self._sent += 1
        return header + ccm_seal(self._send_key, nonce, header, plaintext)

    def open(self, record):
        """(kind, plaintext), or None: then the session is over."""
        if len(record) < 11 or record[0] & 0xC0 != _RECORD or self._received > MOST_RECORDS:
            return None
        if int.from_bytes(record[1:3], "big") != self._received:
            return None
        nonce = self._nonce(1 - self._direction, self._received)
        plaintext = ccm_open(self._receive_key, nonce, record[:3], record[3:])
        if plaintext is None:
            return None
        self._received += 1
        return record[0] & 0x3F, plaintext

    def _nonce(self, direction, number):
        mask = bytes((direction,)) + bytes(8) + number.to_bytes(4, "big")
        return bytes([a ^ b for a, b in zip(self._iv, mask)])

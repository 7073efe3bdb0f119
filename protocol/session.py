"""The authenticated session between a person's carrier and a device, sans-I/O (suite 1).

    M1  carrier -> device  0x11 | epoch(2) | hint(8) | nonce(16)
    M2  device -> carrier  0x21 | nonce(16) | tag(16)
    M3  carrier -> device  0x30 | tag(16)
    then records: 0x40|type (1) | number(2) | AES-CCM, 8-byte tag

Both hold a chain key that moves on each day (epoch: days since 2024-01-01) and is never turned
back, so yesterday's key opens nothing. The hint says whose chain it is without a stable byte on the
air. The device commits its chain only after M3. After ACE/OSCORE (RFC 9203) in spirit.
"""

from protocol.crypto import (
    ccm_open,
    ccm_seal,
    cmac,
    equal,
    hkdf_expand,
    hkdf_extract,
    hmac_sha256,
    sha256,
)

SUITE = 1
EPOCH_START_S = 1704067200  # 2024-01-01
MOST_EPOCHS = 400
NONCE_BYTES = 16
MOST_RECORDS = 0xFFFF

# Kinds of record: what a person asks of a device (see firmware/conversation.py)
ABOUT, SAY, LEAVE, ERROR = 1, 2, 3, 63

_M1, _M2, _M3 = 0x10 | SUITE, 0x20 | SUITE, 0x30
_M1_BYTES, _M2_BYTES, _M3_BYTES = 27, 33, 17
_RECORD = 0x40
_CARRIER, _DEVICE = 0, 1  # directions


def epoch(time_s):
    """Days since 2024-01-01."""
    return max(time_s - EPOCH_START_S, 0) // 86400


def pairwise_id(device):
    """The 8 bytes by which a device shows itself to those who know it."""
    return sha256(b"rapport/1 device", device.encode())[:8]


def hint_key(ticket):
    return hkdf_expand(ticket, b"rapport/1 hint", 16)


def first_chain_key(ticket):
    return hkdf_expand(ticket, b"rapport/1 chain0", 32)


def chain_key(key, days):
    """The chain key some days on."""
    for _ in range(days):
        key = hkdf_expand(key, b"rapport/1 chain", 32)
    return key


class Credential:
    """One end's share of a relationship; the tag is whatever tells its holder whose it is."""

    def __init__(self, tag, hint, chain, epoch):
        self.tag = tag
        self.hint = hint
        self.chain = chain
        self.epoch = epoch

    def at(self, epoch):
        """The chain key of an epoch, or None if it is past or too far ahead."""
        if not self.epoch <= epoch <= self.epoch + MOST_EPOCHS:
            return None
        return chain_key(self.chain, epoch - self.epoch)

    def commit(self, chain, epoch):
        self.chain, self.epoch = chain, epoch


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


class Carrier:
    """The person's end. device: the 8-byte pairwise id that the device tells in its info."""

    def __init__(self, credential, device, epoch, random):
        self._credential, self._device, self._epoch = credential, device, epoch
        self._nonce = random(NONCE_BYTES)
        self.records = None

    def hello(self):
        """M1."""
        hint = _hint(self._credential.hint, self._nonce)
        self._m1 = bytes((_M1,)) + self._epoch.to_bytes(2, "big") + hint + self._nonce
        return self._m1

    def answer(self, m2):
        """M3, after which `records` is ready; None if the device does not know the key."""
        chain = self._credential.at(self._epoch)
        if len(m2) != _M2_BYTES or m2[0] != _M2 or chain is None:
            return None
        head = m2[:17]
        keys = _Keys(chain, self._device, self._m1, head, self._nonce, head[1:])
        if not equal(m2[17:], keys.tag(b"D")):
            return None
        self._credential.commit(chain, self._epoch)
        self.records = Records(keys.carrier, keys.device, keys.iv, _CARRIER)
        return bytes((_M3,)) + keys.tag(b"C")


class Device:
    """The device's end of one connection.

    credentials: each Credential that it knows; gone through once for each who asks.
    """

    def __init__(self, credentials, device, random):
        self._credentials, self._device, self._random = credentials, device, random
        self._waiting = None
        self.records = None

    def answer(self, m1):
        """M2, or None if nobody known asks. One handshake at a time."""
        self._waiting = None
        if len(m1) != _M1_BYTES or m1[0] != _M1:
            return None
        asked, nonce = int.from_bytes(m1[1:3], "big"), m1[11:]
        credential = self._whose(m1[3:11], nonce)
        chain = credential.at(asked) if credential else None
        if credential is None or chain is None:
            return None
        head = bytes((_M2,)) + self._random(NONCE_BYTES)
        keys = _Keys(chain, self._device, m1, head, nonce, head[1:])
        self._waiting = (credential, chain, asked, keys)
        return head + keys.tag(b"D")

    def finish(self, m3):
        """The Credential that proved itself, after which `records` is ready; or None."""
        waiting, self._waiting = self._waiting, None
        if waiting is None or len(m3) != _M3_BYTES or m3[0] != _M3:
            return None
        credential, chain, asked, keys = waiting
        if not equal(m3[1:], keys.tag(b"C")):
            return None
        credential.commit(chain, asked)
        self.records = Records(keys.device, keys.carrier, keys.iv, _DEVICE)
        return credential

    def _whose(self, hint, nonce):
        found = None
        for credential in self._credentials:  # no early exit: the time tells nothing
            if equal(_hint(credential.hint, nonce), hint):
                found = credential
        return found


class _Keys:
    def __init__(self, chain, device, m1, m2_head, carrier_nonce, device_nonce):
        self._transcript = sha256(b"rapport/1 th", device, m1, m2_head)
        secret = hkdf_extract(carrier_nonce + device_nonce, chain)
        out = hkdf_expand(secret, b"rapport/1 key" + self._transcript, 77)
        self.carrier, self.device, self.iv, self._mac = out[:16], out[16:32], out[32:45], out[45:]

    def tag(self, who):
        return hmac_sha256(self._mac, who, self._transcript)[:16]


def _hint(key, nonce):
    return cmac(key, b"1" + nonce)[:8]

"""The authenticated session between a person's carrier and a device, sans-I/O.

    M1  carrier -> device  0x10|suite | epoch(2) | hint(8) | nonce(16) [| shown(32)]
    M2  device -> carrier  0x20|suite | nonce(16) [| shown(32)] | tag(16)
    M3  carrier -> device  0x30 | tag(16)
    then records: 0x40|type (1) | number(2) | AES-CCM, 8-byte tag

Suite 1 has the keys of a day; suite 2 adds an X25519 secret (`shown` is its public half), so that
whoever learns the day's key later opens no session that was recorded. Both are in the transcript.

Both hold a chain key that moves on each day (epoch: days since 2024-01-01) and is never turned
back, so yesterday's key opens nothing. The hint says whose chain it is without a stable byte on the
air. The device commits its chain only after M3. After ACE/OSCORE (RFC 9203) in spirit.
"""

from protocol.crypto import (
    cmac,
    equal,
    hkdf_expand,
    hkdf_extract,
    hmac_sha256,
    sha256,
)
from protocol.records import Records

SUITE, SECRET_SUITE = 1, 2
EPOCH_START_S = 1704067200  # 2024-01-01
MOST_EPOCHS = 400
NONCE_BYTES = 16

# Kinds of record: what a person asks of a device (see firmware/conversation.py)
ABOUT, SAY, LEAVE, RULE, UNDO, MODE, BULLETIN, ERROR = 1, 2, 3, 4, 5, 6, 7, 63
CLAIM, RESET, TASTE, VISIT = 16, 17, 18, 19

_M1, _M2, _M3 = 0x10, 0x20, 0x30
_M1_BYTES, _M2_BYTES, _M3_BYTES = 27, 33, 17
_SHOWN_BYTES = 32  # more in M1 and M2 of suite 2
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

    last = 0xFFFF  # the last epoch in which it opens anything
    least_suite = SUITE

    def __init__(self, tag, hint, chain, epoch):
        self.tag = tag
        self.hint = hint
        self.chain = chain
        self.epoch = epoch

    def at(self, epoch):
        """The chain key of an epoch, or None if it is past or too far ahead."""
        if not self.epoch <= epoch <= min(self.epoch + MOST_EPOCHS, self.last):
            return None
        return chain_key(self.chain, epoch - self.epoch)

    def commit(self, chain, epoch):
        self.chain, self.epoch = chain, epoch


class Carrier:
    """The person's end. device: the 8-byte pairwise id that the device tells in its info."""

    def __init__(self, credential, device, epoch, random, suite=SUITE):
        self._credential, self._device, self._epoch = credential, device, epoch
        self._suite = suite
        self._nonce = random(NONCE_BYTES)
        self._secret = random(_SHOWN_BYTES) if suite == SECRET_SUITE else b""
        self.records = None

    def hello(self):
        """M1."""
        hint = _hint(self._credential.hint, self._nonce)
        head = bytes((_M1 | self._suite,)) + self._epoch.to_bytes(2, "big")
        self._m1 = head + hint + self._nonce
        if self._secret:
            from protocol import x25519  # loaded for this suite only

            self._m1 += x25519.x25519(self._secret)
        return self._m1

    def answer(self, m2):
        """M3, after which `records` is ready; None if the device does not know the key."""
        chain = self._credential.at(self._epoch)
        if not _is(m2, _M2, self._suite, _M2_BYTES) or chain is None:
            return None
        head, shared = m2[:-16], b""
        if self._secret:
            from protocol import x25519

            shared = x25519.x25519(self._secret, head[17:])
            if x25519.zero(shared):
                return None
        keys = _Keys(chain + shared, self._device, self._m1, head)
        if not equal(m2[-16:], keys.tag(b"D")):
            return None
        self._credential.commit(chain, self._epoch)
        self.records = Records(keys.carrier, keys.device, keys.iv, _CARRIER)
        return bytes((_M3,)) + keys.tag(b"C")


class Device:
    """The device's end of one connection.

    credentials: each Credential that it knows; gone through once for each who asks. least_suite:
    of those it takes; who asks for less gets no answer.
    """

    def __init__(self, credentials, device, random, least_suite=SUITE):
        self._credentials, self._device, self._random = credentials, device, random
        self._least_suite = least_suite
        self._waiting = None
        self.records = None

    def answer(self, m1):
        """M2, or None if nobody known asks. One handshake at a time."""
        pieces = list(self.answering(m1))
        return pieces[-1] if pieces else None

    def answering(self, m1):
        """The same in small pieces, for suite 2 takes long on a board: None, ..., M2.

        Who is not known costs no such work.
        """
        self._waiting = None
        suite = m1[0] & 0x0F if m1 else 0
        known = self._least_suite <= suite <= SECRET_SUITE
        if not known or not _is(m1, _M1, suite, _M1_BYTES):
            return
        asked = int.from_bytes(m1[1:3], "big")
        credential = self._whose(m1[3:11], m1[11:27])
        chain = credential.at(asked) if credential else None
        if credential is None or chain is None or suite < credential.least_suite:
            return
        head = bytes((_M2 | suite,)) + self._random(NONCE_BYTES)
        shown = shared = b""
        if suite == SECRET_SUITE:
            from protocol import x25519  # loaded for this suite only

            secret = self._random(_SHOWN_BYTES)
            for shown in x25519.steps(secret):  # noqa: B007  the last is the result
                yield None
            for shared in x25519.steps(secret, m1[27:]):  # noqa: B007
                yield None
            if x25519.zero(shared):
                return
        head += shown
        keys = _Keys(chain + shared, self._device, m1, head)
        self._waiting = (credential, chain, asked, keys)
        yield head + keys.tag(b"D")

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
    def __init__(self, secret, device, m1, m2_head):
        self._transcript = sha256(b"rapport/1 th", device, m1, m2_head)
        secret = hkdf_extract(m1[11:27] + m2_head[1:17], secret)
        out = hkdf_expand(secret, b"rapport/1 key" + self._transcript, 77)
        self.carrier, self.device, self.iv, self._mac = out[:16], out[16:32], out[32:45], out[45:]

    def tag(self, who):
        return hmac_sha256(self._mac, who, self._transcript)[:16]


def _is(message, kind, suite, length):
    more = _SHOWN_BYTES if suite == SECRET_SUITE else 0
    return len(message) == length + more and message[0] == kind | suite


def _hint(key, nonce):
    return cmac(key, b"1" + nonce)[:8]

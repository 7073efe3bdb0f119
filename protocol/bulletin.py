"""What a phone carries to a device that hears nothing of its hub: who may still be known there.

    sealed = nonce (13) | AES-CCM(key, nonce, pairwise id, text, 8-byte tag)
    text = CBOR [revision of the hub, its time in ms, known]; known = subject (8) | hint (16) | ...

The key is the device's own, known to its hub and nobody else (Welcome in messages.py): so who
carries it can read nothing of it, change nothing, and make none.
"""

from protocol import cbor
from protocol.crypto import ccm_open, ccm_seal
from protocol.errors import ProtocolError
from protocol.fields import count, word

KEY_BYTES, NONCE_BYTES = 16, 13
_SUBJECT_BYTES, _ONE_BYTES = 8, 24
_LATEST_MS = 1 << 43


def seal(key, pairwise, nonce, revision, hub_ms, known):
    """Bytes of a bulletin; known: {subject: hint}, nonce: never the same again with this key."""
    people = b"".join([subject + known[subject] for subject in sorted(known)])
    text = cbor.dumps([revision, hub_ms, people])
    return nonce + ccm_seal(key, nonce, pairwise, text)


def unseal(key, pairwise, sealed):
    """(revision, hub_ms, {subject: hint}), or ProtocolError for what our hub did not seal."""
    nonce = sealed[:NONCE_BYTES]
    text = ccm_open(key, nonce, pairwise, sealed[NONCE_BYTES:])
    if text is None:
        raise ProtocolError("bulletin: not sealed by the hub of this device")
    revision, hub_ms, people = cbor.load_list(text, 3)[:3]
    known = {}
    for at in range(0, len(people), _ONE_BYTES):
        known[people[at : at + _SUBJECT_BYTES]] = people[at + _SUBJECT_BYTES : at + _ONE_BYTES]
    return word(revision), count(hub_ms, _LATEST_MS), known

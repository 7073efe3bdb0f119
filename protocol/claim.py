"""How a device becomes somebody's: the secret of its label, and the receipt of a press on it.

The label's code is known to the hub by its SHA-256 only, and to the device as this secret. A
session opened with it can do nothing but ask for a press; what the device answers proves to the hub
that somebody who has the label pressed the button, for this customer, now.
"""

from protocol.crypto import hkdf_expand, hmac_sha256, sha256
from protocol.session import Credential, first_chain_key, hint_key

CHALLENGE_BYTES, SECRET_BYTES = 16, 32
CLAIMER = b""  # the tag of whoever has only the label


def secret(device, code):
    """The 32 bytes a device of this id is flashed with; code: 16 letters, as on its label."""
    key = sha256(b"rapport/1 label", device.encode(), b" ", code.encode())
    return hkdf_expand(key, b"rapport/1 claim", SECRET_BYTES)


def credential(secret):
    """What opens a session to claim a device. Its chain does not move: a label has no days."""
    made = Credential(CLAIMER, hint_key(secret), first_chain_key(secret), 0)
    made.last = 0
    return made


def receipt(secret, device, challenge):
    """32 bytes that only the device can answer to a hub's challenge; device: its pairwise id."""
    return hmac_sha256(secret, b"rapport/1 claimed", device, challenge)

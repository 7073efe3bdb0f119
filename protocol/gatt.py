"""Rapport on the air: UUIDs, the presence advert, and how a message is cut to fit a link.

A fragment is one byte (bit 7 first, bit 6 last, bits 5-0 index) and at most MTU - 4 bytes. ATT is
reliable and ordered, so a fragment out of order is a fault, never a loss to be repaired.
"""

from protocol.errors import ProtocolError

SERVICE_UUID = "7a1e0001-5f3b-4a6c-9d2e-0b1c2d3e4f50"
RX_UUID = "7a1e0002-5f3b-4a6c-9d2e-0b1c2d3e4f50"  # write: person to device
TX_UUID = "7a1e0003-5f3b-4a6c-9d2e-0b1c2d3e4f50"  # notify: device to person
INFO_UUID = "7a1e0004-5f3b-4a6c-9d2e-0b1c2d3e4f50"  # read: versions, suites, pairwise id

# A build setting: a manufacturer puts the 16-bit UUID here that the Bluetooth SIG assigned to them.
PRESENCE_UUID16 = 0xFCF0
MAX_MESSAGE = 1100  # bytes, whole
SMALLEST_MTU = 23

_FLAGS = b"\x02\x01\x06"  # general discoverable, no classic Bluetooth
_PRESENCE = bytes((0x0E, 0x16, PRESENCE_UUID16 & 0xFF, PRESENCE_UUID16 >> 8, 0x10))
_FIRST, _LAST, _INDEX = 0x80, 0x40, 0x3F


def presence_advert(identifier, mask):
    """The 18 bytes a phone or tag advertises: 8-byte identifier, 2-byte masked power and flags."""
    return _FLAGS + _PRESENCE + identifier + mask


def find_presence(advert):
    """The 8-byte identifier in an advert, or None; `advert` is bytes-like."""
    data = bytes(advert)
    at = data.find(_PRESENCE)
    if at < 0 or len(data) < at + 15:
        return None
    return data[at + 5 : at + 13]


def fragments(message, mtu):
    """Cut a message for a link of this MTU: a list of fragments to be sent in order."""
    if len(message) > MAX_MESSAGE:
        raise ProtocolError("message of %d bytes, the limit is %d" % (len(message), MAX_MESSAGE))
    room = max(mtu, SMALLEST_MTU) - 4
    count = max(1, -(-len(message) // room))
    cut = []
    for index in range(count):
        first = _FIRST if index == 0 else 0
        last = _LAST if index == count - 1 else 0
        piece = message[index * room : (index + 1) * room]
        cut.append(bytes((first | last | index & _INDEX,)) + piece)
    return cut


class Reassembler:
    """Puts fragments of one link together again; one message at a time, bounded."""

    def __init__(self):
        self._message = None
        self._next = 0

    def feed(self, fragment):
        """The whole message after its last fragment, else None; ProtocolError if out of order."""
        message, self._message = self._message, None
        if not fragment:
            raise ProtocolError("empty fragment")
        header = fragment[0]
        if header & _FIRST:
            message, self._next = b"", 0
        if message is None or header & _INDEX != self._next & _INDEX:
            raise ProtocolError("fragment %d came out of order" % (header & _INDEX))
        message += bytes(fragment[1:])
        if len(message) > MAX_MESSAGE:
            raise ProtocolError("message over %d bytes" % MAX_MESSAGE)
        if header & _LAST:
            return message
        self._message = message
        self._next += 1
        return None

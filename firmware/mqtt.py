"""The packets of MQTT 3.1.1 that a device needs (OASIS mqtt-v3.1.1, section 3). No I/O in here.

What comes from the broker is not trusted: LinkError for whatever is too large or makes no sense.
"""

import struct

PUBACK, PINGRESP = 0x40, 0xD0  # first bytes of what a broker may send once connected
CONNACK, SUBACK = 0x20, 0x90
PINGREQ = b"\xc0\x00"

MOST_PACKET_BYTES = 4096

_CONNECT, _PUBLISH, _SUBSCRIBE = 0x10, 0x30, 0x82
_RETAIN, _QOS_1, _QOS_BITS = 0x01, 0x02, 0x06
_CLEAN_SESSION, _WILL, _WILL_QOS_1, _WILL_RETAIN = 0x02, 0x04, 0x08, 0x20


class LinkError(Exception):
    """The broker broke the protocol or a limit. The text is one word: large, malformed, refused."""


def connect(client_id, keepalive_s, will=None):
    """CONNECT with a clean session; `will` is (topic, payload), retained, QoS 1."""
    flags, last = _CLEAN_SESSION, b""
    if will:
        topic, payload = will
        flags |= _WILL | _WILL_QOS_1 | _WILL_RETAIN
        last = _text(topic) + _text(payload)
    head = b"\x00\x04MQTT\x04" + struct.pack(">BH", flags, keepalive_s)
    return _packet(_CONNECT, head, _text(client_id), last)


def subscribe(packet_id, topics):
    """SUBSCRIBE to some topics with QoS 0: see docs/decisions/0016."""
    wanted = b"".join([_text(topic) + b"\x00" for topic in topics])
    return _packet(_SUBSCRIBE, struct.pack(">H", packet_id), wanted)


def publish(packet_id, topic, payload, retain=False):
    """PUBLISH with QoS 1."""
    head = _PUBLISH | _QOS_1 | (_RETAIN if retain else 0)
    return _packet(head, _text(topic), struct.pack(">H", packet_id), payload)


def puback(packet_id):
    return _packet(PUBACK, struct.pack(">H", packet_id))


def is_publish(head):
    return head & 0xF0 == _PUBLISH


def message(head, body):
    """(topic: str, payload: bytes, packet id or None with QoS 0) of a PUBLISH."""
    qos = head & _QOS_BITS
    if len(body) < 2 or qos not in (0, _QOS_1):
        raise LinkError("malformed")
    end = 2 + (body[0] << 8 | body[1])
    start = end + 2 if qos else end
    if start > len(body):
        raise LinkError("malformed")
    try:
        topic = body[2:end].decode()
    except UnicodeError:
        raise LinkError("malformed")
    packet_id = body[end] << 8 | body[end + 1] if qos else None
    return topic, body[start:], packet_id


class Packets:
    """Cuts what is read into packets."""

    def __init__(self):
        self._unread = b""

    def feed(self, chunk):
        self._unread += chunk

    def take(self):
        """(first byte, body) of the next packet; None when it is not all there."""
        data, length, at = self._unread, 0, 1
        while True:
            if at > 4:
                raise LinkError("malformed")
            if at >= len(data):
                return None
            length |= (data[at] & 0x7F) << 7 * (at - 1)
            if length > MOST_PACKET_BYTES:
                raise LinkError("large")
            at += 1
            if data[at - 1] < 0x80:
                break
        end = at + length
        if end > len(data):
            return None
        self._unread = data[end:]
        return data[0], data[at:end]


def _packet(head, *parts):
    body = b"".join(parts)
    length, lengths = len(body), b""
    while length > 0x7F:
        lengths += bytes([length & 0x7F | 0x80])
        length >>= 7
    return bytes([head]) + lengths + bytes([length]) + body


def _text(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data

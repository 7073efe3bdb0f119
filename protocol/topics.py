"""Where messages travel on the broker: rapport/<device>/up/<kind> and rapport/<device>/down/<kind>.

A device may write its own `up` and read its own `down`, nothing else. Only `up/online` is retained.
"""

from protocol.errors import ProtocolError

ONLINE = "online"
HELLO = "hello"
EVENTS = "events"
PACKED = "e"  # the same, see packed.py: most of what is ever said, so its name is short
WELCOME = "welcome"
ACK = "ack"
PERSON = "person"
FORGET = "forget"
TOLD = "told"
DEFAULTS = "defaults"
OFFER = "offer"
CHUNK = "chunk"
FETCH = "fetch"
PROGRESS = "progress"

UPDATE_KINDS = (OFFER, CHUNK)  # of an update of the application, see update.py
UP_KINDS = (ONLINE, HELLO, EVENTS, PACKED, TOLD, FETCH, PROGRESS)
DOWN_KINDS = (WELCOME, ACK, PERSON, FORGET, DEFAULTS) + UPDATE_KINDS
EVERY_UP = "rapport/+/up/+"

_LONGEST_DEVICE = 32


def up(device, kind):
    return "rapport/%s/up/%s" % (device, kind)


def down(device, kind):
    return "rapport/%s/down/%s" % (device, kind)


def parse(topic):
    """(device, "up" or "down", kind) of a topic, or ProtocolError."""
    parts = topic.split("/")
    if len(parts) != 4 or parts[0] != "rapport" or parts[2] not in ("up", "down"):
        raise ProtocolError("topic %r is not rapport/<device>/up|down/<kind>" % (topic[:80],))
    if not is_device(parts[1]):
        raise ProtocolError("topic %r names no device" % (topic[:80],))
    if parts[3] not in (UP_KINDS if parts[2] == "up" else DOWN_KINDS):
        raise ProtocolError("topic %r has an unknown kind" % (topic[:80],))
    return parts[1], parts[2], parts[3]


def is_device(name):
    """True for a device id: 1 to 32 of a-z, 0-9 and hyphen."""
    if not 1 <= len(name) <= _LONGEST_DEVICE:
        return False
    return not name.strip("abcdefghijklmnopqrstuvwxyz0123456789-")

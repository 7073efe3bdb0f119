"""docs: every message between device and hub, from protocol/messages.py and its neighbours."""

from protocol import down, messages, topics, up, update
from tools.reference.table import table

_TITLE = """# Every message

Made from the code. MQTT 3.1.1, quality of service 1. A message is a CBOR array: the version
({version}), and then its fields in this order; at most {most} bytes. What they mean is in
[the protocol](protocol.md#topics).

"""


def page() -> str:
    shapes = down.SHAPES | up.SHAPES | update.SHAPES
    rows = [
        (topics.up("<device>", kind), "device", _fields(shapes, kind)) for kind in topics.UP_KINDS
    ]
    rows += [
        (topics.down("<device>", kind), "hub", _fields(shapes, kind)) for kind in topics.DOWN_KINDS
    ]
    shown = [(f"`{topic}`", f"the {who}", fields) for topic, who, fields in rows]
    title = _TITLE.format(version=messages.VERSION, most=messages.MAX_BYTES)
    return title + table(("topic", "sent by", "fields"), shown)


def _fields(shapes: dict, kind: str) -> str:
    if kind == topics.ONLINE:
        return "no array: `1`, or `0` by its last will; retained"
    if kind == topics.PACKED:
        return "no array: `events`, packed"
    return ", ".join(f"`{name}`" for name, _ in shapes[kind][1])

"""Every message between device and hub: positional arrays of deterministic CBOR, version first.

    up    Hello   who I am, what my journal holds, how far I was told
          Events  accepted records of the journal, in order
          Told    everything up to this revision is in my flash
    down  Welcome how far the hub has my journal, and what time it is
          Ack     the same, after each durable commit
          Person  whom to know, and what is new of them
          Forget  whom to forget, for ever

`decode` returns a message or raises ProtocolError, nothing else. Fields after those known here are
ignored, so that a newer peer can say more.
"""

from collections import namedtuple

from protocol import VERSION, cbor
from protocol.errors import ProtocolError
from protocol.registers import Entry
from protocol.schema import is_int
from protocol.topics import ACK, EVENTS, FORGET, HELLO, PERSON, TOLD, WELCOME
from protocol.window import MOST_ROWS, NO_DAYPART, Row

MAX_BYTES = 4096
MOST_RECORDS = 8
SUBJECT_BYTES = UID_BYTES = STREAM_BYTES = 8
_MOST_SETTINGS = 16
_INT_LIMIT = 1 << 62

# product: name; version: of product.json; stream, boot: bytes; next: first number not yet used;
# chain: digest of all records before it; revision: of the last Person or Forget kept
Hello = namedtuple(
    "Hello", ("product", "version", "stream", "boot", "next", "chain", "revision", "dropped")
)
Welcome = namedtuple("Welcome", ("stream", "boot", "upto", "chain", "hub_ms", "local_minutes"))
# records: [(kind, payload)], the first of which has number `first`
Events = namedtuple("Events", ("stream", "first", "records"))
Ack = namedtuple("Ack", ("stream", "upto", "chain"))
Told = namedtuple("Told", ("revision",))
# since: the revision this follows; keys: Keys or None; rows: [Row]; entries: {index: Entry}
Person = namedtuple(
    "Person", ("revision", "since", "subject", "generation", "keys", "rows", "entries", "frozen")
)
# presence: [(period, key)]; hint, chain, epoch: of the session ticket (see session.py)
Keys = namedtuple("Keys", ("rotation", "presence", "hint", "chain", "epoch"))
Forget = namedtuple("Forget", ("revision", "since", "subject", "generation"))


def encode(message):
    """The bytes of a message."""
    fields = list(message)
    if isinstance(message, Person):
        fields[4] = None if message.keys is None else list(message.keys)
        fields[5] = [row_fields(row) for row in message.rows]
        fields[6] = {index: entry_fields(message.entries[index]) for index in message.entries}
    data = cbor.dumps([VERSION] + fields)
    if len(data) > MAX_BYTES:
        raise ProtocolError("message of %d bytes, the limit is %d" % (len(data), MAX_BYTES))
    return data


def decode(kind, data):
    """The message of a kind (see topics), or ProtocolError naming the field."""
    if kind not in _SHAPES:
        raise ProtocolError("unknown kind of message %r" % (kind,))
    if len(data) > MAX_BYTES:
        raise ProtocolError("%s of %d bytes, the limit is %d" % (kind, len(data), MAX_BYTES))
    fields = cbor.load_list(data, 1)
    if fields[0] != VERSION:
        raise ProtocolError("%s: not of version %d" % (kind, VERSION))
    message, shape = _SHAPES[kind]
    if len(fields) <= len(shape):
        raise ProtocolError("%s: %d fields, %d are wanted" % (kind, len(fields) - 1, len(shape)))
    return message(*[_read(kind, shape[at], fields[at + 1]) for at in range(len(shape))])


def _read(kind, field, value):
    name, check = field
    try:
        return check(value)
    except ProtocolError as error:
        raise ProtocolError("%s.%s: %s" % (kind, name, error))


def row_fields(row):
    """A Row as it travels and is stored."""
    return [row.uid, list(row.stamp), row.daypart, [list(value) for value in row.values]]


def read_row(fields):
    uid, stamp, daypart, values = _parts(fields, 4)
    _count(daypart, NO_DAYPART)
    _list(values, _MOST_SETTINGS)
    return Row(_uid(uid), _stamp(stamp), daypart, tuple([_row_value(value) for value in values]))


def entry_fields(entry):
    """A register Entry as it travels and is stored."""
    base = None if entry.base is None else list(entry.base)
    return [list(entry.stamp), base, entry.value, entry.author]


def read_entry(fields):
    stamp, base, value, author = _parts(fields, 4)
    if value is not None:
        _integer(value)
    base = None if base is None else _node_stamp(base)
    return Entry(_node_stamp(stamp), base, value, _text(author))


# Checks: each returns the value as the program uses it, or raises ProtocolError


def _parts(fields, count):
    if not isinstance(fields, list) or len(fields) < count:
        raise ProtocolError("a list of %d is wanted" % count)
    return fields[:count]


def _list(value, most):
    if not isinstance(value, list) or len(value) > most:
        raise ProtocolError("a list of at most %d is wanted" % most)
    return value


def _integer(value):
    if not is_int(value) or abs(value) > _INT_LIMIT:
        raise ProtocolError("%r is no whole number" % (value,))
    return value


def _count(value, most=_INT_LIMIT):
    if not is_int(value) or not 0 <= value <= most:
        raise ProtocolError("%r is no number from 0 to %d" % (value, most))
    return value


def _word(value):
    return _count(value, 0xFFFFFFFF)


def _text(value, longest=64):
    if not isinstance(value, str) or len(value) > longest:
        raise ProtocolError("a text of at most %d letters is wanted" % longest)
    return value


def _exactly(length):
    def check(value):
        if not isinstance(value, bytes) or len(value) != length:
            raise ProtocolError("%d bytes are wanted" % length)
        return value

    return check


_uid = _exactly(UID_BYTES)
_boot = _exactly(4)
_key16 = _exactly(16)
_key32 = _exactly(32)


def _stamp(value):
    wall_ms, count = _parts(value, 2)
    return _count(wall_ms), _count(count, 0xFFFF)


def _node_stamp(value):
    wall_ms, count, node = _parts(value, 3)
    return _count(wall_ms), _count(count, 0xFFFF), _text(node)


def _row_value(value):
    index, code, corrected = _parts(value, 3)
    return _count(index, _MOST_SETTINGS - 1), _integer(code), _count(corrected, 1)


def _records(value):
    return [_record(record) for record in _list(value, MOST_RECORDS)]


def _record(value):
    kind, payload = _parts(value, 2)
    if not isinstance(payload, bytes):
        raise ProtocolError("a record's payload is bytes")
    return _count(kind, 255), payload


def _keys(value):
    if value is None:
        return None
    rotation, presence, hint, chain, epoch = _parts(value, 5)
    periods = [_parts(item, 2) for item in _list(presence, 16)]
    return Keys(
        _count(rotation, 16),
        [(_word(number), _key16(key)) for number, key in periods],
        _key16(hint),
        _key32(chain),
        _count(epoch, 0xFFFF),
    )


def _rows(value):
    return [read_row(row) for row in _list(value, MOST_ROWS)]


def _entries(value):
    if not isinstance(value, dict) or len(value) > _MOST_SETTINGS:
        raise ProtocolError("a map of at most %d is wanted" % _MOST_SETTINGS)
    return {_count(index, _MOST_SETTINGS - 1): read_entry(value[index]) for index in value}


def _indexes(value):
    return [_count(index, _MOST_SETTINGS - 1) for index in _list(value, _MOST_SETTINGS)]


def _local_minutes(value):
    return None if value is None else _count(value, 1439)


_SHAPES = {
    HELLO: (
        Hello,
        (
            ("product", _text),
            ("version", _word),
            ("stream", _uid),
            ("boot", _boot),
            ("next", _word),
            ("chain", _word),
            ("revision", _word),
            ("dropped", _word),
        ),
    ),
    EVENTS: (Events, (("stream", _uid), ("first", _word), ("records", _records))),
    TOLD: (Told, (("revision", _word),)),
    WELCOME: (
        Welcome,
        (
            ("stream", _uid),
            ("boot", _boot),
            ("upto", _word),
            ("chain", _word),
            ("hub_ms", _count),
            ("local_minutes", _local_minutes),
        ),
    ),
    ACK: (Ack, (("stream", _uid), ("upto", _word), ("chain", _word))),
    PERSON: (
        Person,
        (
            ("revision", _word),
            ("since", _word),
            ("subject", _uid),
            ("generation", _word),
            ("keys", _keys),
            ("rows", _rows),
            ("entries", _entries),
            ("frozen", _indexes),
        ),
    ),
    FORGET: (
        Forget,
        (("revision", _word), ("since", _word), ("subject", _uid), ("generation", _word)),
    ),
}

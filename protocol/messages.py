"""Every message between device and hub: positional arrays of deterministic CBOR, version first.

    up    Hello   who I am, what my journal holds, how far I was told
          Events  accepted records of the journal, in order
          Told    everything up to this revision is in my flash
    down  Welcome how far the hub has my journal, what time it is, and what the hub can read
          Ack     the same, after each durable commit
          Person  whom to know, and what is new of them
          Forget  whom to forget, for ever
          Defaults  how a product's learner begins: preset and prior of each setting

`decode` returns a message or raises ProtocolError, nothing else. Fields after those known here are
ignored, so that a newer peer can say more. What may stand in which field is said in down.py and
up.py: a device never loads the second, which is about messages that it only writes. Those of an
update of the application are in update.py.
"""

from collections import namedtuple

from protocol import VERSION, cbor
from protocol.errors import ProtocolError
from protocol.topics import DOWN_KINDS, HELLO, PERSON, TOLD, UP_KINDS, UPDATE_KINDS, WELCOME

MAX_BYTES = 4096
MOST_RECORDS = 8
SUBJECT_BYTES = UID_BYTES = STREAM_BYTES = 8
_LEAST = {PERSON: 8, HELLO: 8, TOLD: 1, WELCOME: 6}  # fields of the first version, where more came

# product: name; version: of product.json; stream, boot: bytes; next: first number not yet used;
# chain: digest of all records before it; revision: of the last Person or Forget kept;
# held: (first number that is still there, chain before it, segments given up since the start), or
# None for a peer that does not say; life: how often it was reset to nobody's, None for never
Hello = namedtuple(
    "Hello",
    ("product", "version", "stream", "boot", "next", "chain", "revision", "dropped", "held")
    + ("life",),
)
# own: the device's key for bulletins (see bulletin.py), None from peers that know none; packed: the
# newest form of packed events (see packed.py) that the hub reads, with all before; None: it reads
# none
Welcome = namedtuple(
    "Welcome", ("stream", "boot", "upto", "chain", "hub_ms", "local_minutes", "own", "packed")
)
# records: [(kind, payload)], the first of which has number `first`
Events = namedtuple("Events", ("stream", "first", "records"))
Ack = namedtuple("Ack", ("stream", "upto", "chain"))
# alike: (subject, chain, digest) of what is known of a person (see alike.py) once all before the
# chain is told, or None
Told = namedtuple("Told", ("revision", "alike"))
# since: the revision this follows; keys: Keys or None; rows: [Row]; entries: {index: Entry};
# frozen: [index] under a rule, for peers that know no rules; rules: {index: Rule}; undone:
# [Undone]; carried: {index: Carried}; of these three None says nothing; whole: all that is known
# of the person begins with this, if our journal still is at this chain; None where it does not
Person = namedtuple(
    "Person",
    ("revision", "since", "subject", "generation", "keys", "rows", "entries", "frozen")
    + ("rules", "undone", "carried", "whole"),
)
# version: of the norms; norms: {index: (preset, prior)} for a product, see norm.py
Defaults = namedtuple("Defaults", ("version", "norms"))
# presence: [(period, key)]; hint, chain, epoch: of the session ticket (see session.py); right:
# (role, hours since 1970 at which all of it ends), or None from peers that know no rights; and
# where it is so, 0: is not to be chosen by hand, and the subject of whom they are one person with
Keys = namedtuple("Keys", ("rotation", "presence", "hint", "chain", "epoch", "right"))
GUEST, USER, OWNER = 0, 1, 2
Forget = namedtuple("Forget", ("revision", "since", "subject", "generation"))


def encode(message):
    """The bytes of a message."""
    fields = (VERSION,) + tuple(message)
    if isinstance(message, Person) and message.keys and message.keys.right is None:
        fields = fields[:5] + (message.keys[:5],) + fields[6:]
    if isinstance(message, (Person, Hello, Told, Welcome)):
        while fields[-1] is None and len(fields) != 7:  # the seventh of a Welcome was always said
            fields = fields[:-1]
    data = cbor.dumps(fields)
    if len(data) > MAX_BYTES:
        raise ProtocolError("message of %d bytes, the limit is %d" % (len(data), MAX_BYTES))
    return data


def decode(kind, data):
    """The message of a kind (see topics), or ProtocolError naming the field."""
    if len(data) > MAX_BYTES:
        raise ProtocolError("%s of %d bytes, the limit is %d" % (kind, len(data), MAX_BYTES))
    record, shape = _shape(kind)
    fields = cbor.load_list(data, 1)
    if fields[0] != VERSION:
        raise ProtocolError("%s: not of version %d" % (kind, VERSION))
    if len(fields) > _LEAST.get(kind, len(shape)):
        fields += [None] * (len(shape) + 1 - len(fields))
    if len(fields) <= len(shape):
        raise ProtocolError("%s: %d fields, %d are wanted" % (kind, len(fields) - 1, len(shape)))
    for at, (name, check) in enumerate(shape):
        try:
            fields[at + 1] = check(fields[at + 1])
        except ProtocolError as error:
            raise ProtocolError("%s.%s: %s" % (kind, name, error))
    return record(*fields[1 : len(shape) + 1])


def _shape(kind):
    """(record, ((name of a field, check), ...)) of a kind of message."""
    if kind in UPDATE_KINDS:
        from protocol.update import SHAPES
    elif kind in DOWN_KINDS:
        from protocol.down import SHAPES
    elif kind in UP_KINDS:
        from protocol.up import SHAPES
    else:
        SHAPES = {}
    if kind not in SHAPES:
        raise ProtocolError("unknown kind of message %r" % (kind,))
    return SHAPES[kind]

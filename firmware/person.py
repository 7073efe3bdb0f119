"""How a person is written to flash: what is known of them, and the keys that recognise them.

Two records a person, each at most 2 KB of deterministic CBOR: the first changes with every visit,
the second once in days.
"""

from protocol import cbor
from protocol.errors import ProtocolError
from protocol.fields import read_entry, read_rows
from protocol.fold import Known
from protocol.messages import Keys
from protocol.registers import Registers


def write_known(known):
    """Bytes of a Known."""
    words = known.registers
    return cbor.dumps(
        [words.generation, known.rows, words.entries, words.conflicts, sorted(known.frozen)]
    )


def read_known(data):
    """The Known in these bytes; an empty one for None or what cannot be read."""
    if data is None:
        return Known()
    try:
        generation, rows, entries, conflicts, frozen = cbor.load_list(data, 5)[:5]
        words = Registers(generation)
        words.entries = {index: read_entry(entries[index]) for index in entries}
        words.conflicts = {index: read_entry(conflicts[index]) for index in conflicts}
        return Known(read_rows(rows), words, frozen)
    except (ProtocolError, ValueError, TypeError):
        return Known()


def write_keys(keys):
    """Bytes of messages.Keys."""
    return cbor.dumps(list(keys))


def read_keys(data):
    """The Keys in these bytes, or None."""
    try:
        rotation, presence, hint, chain, epoch = cbor.load_list(data, 5)[:5]
        return Keys(rotation, [tuple(item) for item in presence], hint, chain, epoch)
    except (ProtocolError, ValueError, TypeError):
        return None


def carrier(subject, keys):
    """What protocol.presence.table wants of a person."""
    return subject, keys.rotation, dict(keys.presence)


def credential(subject, keys):
    """What a session wants of a person."""
    from protocol.session import Credential  # loaded for the session only

    return Credential(subject, keys.hint, keys.chain, keys.epoch)

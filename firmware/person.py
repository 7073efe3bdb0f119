"""How a person is written to flash: what is known of them, and the keys that recognise them.

Two records a person, each at most 2 KB of deterministic CBOR: the first changes with every visit,
the second once in days.
"""

from firmware.packing import Window, kept
from protocol import cbor
from protocol.errors import ProtocolError
from protocol.fields import read_carried, read_entry, read_rules, read_totals, read_undone
from protocol.fold import Known
from protocol.messages import Keys
from protocol.registers import Registers


def write_known(known):
    """Bytes of a Known."""
    rows = known.rows if isinstance(known.rows, Window) else kept(lambda: known.rows)
    words = known.registers
    return cbor.dumps(
        [words.generation, rows.data, words.entries, words.conflicts]
        + [known.rules, known.undone, known.carried, known.totals, known.anchored]
    )


def read_known(data):
    """The Known in these bytes; an empty one for None or what cannot be read. It stays small."""
    if data is None:
        return Known(kept=kept)
    try:
        fields = cbor.load_list(data, 7) + [None, None]
        generation, rows, entries, conflicts, rules, undone, carried, count, anchored = fields[:9]
        words = Registers(generation)
        words.entries = {index: read_entry(entries[index]) for index in entries}
        words.conflicts = {index: read_entry(conflicts[index]) for index in conflicts}
        known = Known(
            Window(rows),
            words,
            read_rules(rules),
            read_undone(undone),
            read_carried(carried),
            read_totals(count) if count else (),
            kept,
        )
        known.anchored = anchored
        return known
    except (ProtocolError, ValueError, TypeError, IndexError, OverflowError):
        return Known(kept=kept)


def write_keys(keys):
    """Bytes of messages.Keys."""
    return cbor.dumps(list(keys))


def read_keys(data):
    """The Keys in these bytes, or None."""
    try:
        rotation, presence, hint, chain, epoch, right = (cbor.load_list(data, 5) + [None])[:6]
        presence = [tuple(item) for item in presence]
        return Keys(rotation, presence, hint, chain, epoch, right and tuple(right))
    except (ProtocolError, ValueError, TypeError):
        return None


def carrier(subject, keys):
    """What protocol.presence.table wants of a person."""
    return subject, keys.rotation, dict(keys.presence)


def credential(subject, keys):
    """What a session wants of a person."""
    from protocol.session import EPOCH_START_S, Credential  # loaded for the session only

    made = Credential(subject, keys.hint, keys.chain, keys.epoch)
    if keys.right:
        made.last = (keys.right[1] * 3600 - EPOCH_START_S) // 86400
    return made

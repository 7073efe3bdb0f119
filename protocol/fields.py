"""What may stand in a field of a message or a file.

Each function takes a value that came from outside, and returns it as the program uses it or raises
ProtocolError.
"""

from protocol.decision import Carried
from protocol.errors import ProtocolError
from protocol.registers import Entry
from protocol.rules import ALL, MOST_UNDONE, PAUSED, Rule, Undone
from protocol.schema import is_int
from protocol.totals import Totals
from protocol.window import MOST_ROWS, NO_DAYPART, Row

MOST_SETTINGS = 16
_INT_LIMIT = 1 << 62


def parts(fields, length):
    """The first items of a list that has at least so many."""
    if not isinstance(fields, list) or len(fields) < length:
        raise ProtocolError("a list of %d is wanted" % length)
    return fields[:length]


def many(values, most):
    """A list of at most so many."""
    if not isinstance(values, list) or len(values) > most:
        raise ProtocolError("a list of at most %d is wanted" % most)
    return values


def each(values, most, check):
    """A list of at most so many, every item checked."""
    return [check(value) for value in many(values, most)]


def integer(value):
    if not is_int(value) or abs(value) > _INT_LIMIT:
        raise ProtocolError("%r is no whole number" % (value,))
    return value


def count(value, most=_INT_LIMIT):
    if not is_int(value) or not 0 <= value <= most:
        raise ProtocolError("%r is no number from 0 to %d" % (value, most))
    return value


def word(value):
    return count(value, 0xFFFFFFFF)


def index(value):
    """The index of a setting."""
    return count(value, MOST_SETTINGS - 1)


def text(value, longest=64):
    if not isinstance(value, str) or len(value) > longest:
        raise ProtocolError("a text of at most %d letters is wanted" % longest)
    return value


def raw(value, length):
    if not isinstance(value, bytes) or len(value) != length:
        raise ProtocolError("%d bytes are wanted" % length)
    return value


def uid(value):
    """Any name of 8 bytes: of a visit, a subject, a stream."""
    return raw(value, 8)


def boot(value):
    return raw(value, 4)


def read_row(fields):
    """A Row, from the list of its fields."""
    name, stamp, daypart, values = parts(fields, 4)
    count(daypart, NO_DAYPART)
    values = each(values, MOST_SETTINGS, _row_value)
    indexes = [value[0] for value in values]
    if indexes != sorted(set(indexes)):
        raise ProtocolError("row: settings %r are not in order" % (indexes,))
    return Row(uid(name), _stamp(stamp), daypart, tuple(values))


def read_rows(values):
    """A window, in the list that its rows came in: twice is more than a board has room for.

    People are creatures of habit: what several visits have in common is there once.
    """
    common = {}
    for at, fields in enumerate(many(values, MOST_ROWS)):
        row = read_row(fields)
        shared = tuple([common.setdefault(value, value) for value in row.values])
        values[at] = Row(row.uid, row.stamp, row.daypart, common.setdefault(shared, shared))
    return values


def read_entry(fields):
    """A register's Entry, from the list of its fields."""
    stamp, base, value, author = parts(fields, 4)
    if value is not None:
        integer(value)
    base = None if base is None else _node_stamp(base)
    return Entry(_node_stamp(stamp), base, value, text(author))


def read_rules(value):
    """{index: Rule} from the map of their fields."""
    return {at: _rule(fields) for at, fields in by_index(value, ALL).items()}


def read_undone(values):
    return [_undone(fields) for fields in many(values, MOST_UNDONE)]


def read_carried(value):
    """{index: Carried} from the map of their fields."""
    carried = {}
    for at, fields in by_index(value).items():
        code, origin, at_ms = parts(fields, 3)
        carried[at] = Carried(integer(code), text(origin), count(at_ms))
    return carried


def by_index(value, last=MOST_SETTINGS - 1):
    """A map from indexes of settings to lists."""
    if not isinstance(value, dict) or len(value) > last + 1:
        raise ProtocolError("a map of at most %d is wanted" % (last + 1))
    return {count(at, last): value[at] for at in value}


def _rule(fields):
    stamp, kind, code, forgotten = parts(fields, 4)
    return Rule(_node_stamp(stamp), count(kind, PAUSED), integer(code), _stamp(forgotten))


def _undone(fields):
    stamp, visit, at, on = parts(fields, 4)
    return Undone(_stamp(stamp), uid(visit), count(at, ALL), count(on, 1))


def _stamp(value):
    wall_ms, number = parts(value, 2)
    return count(wall_ms), count(number, 0xFFFF)


def _row_value(value):
    at, code, corrected = parts(value, 3)
    return index(at), integer(code), count(corrected, 1)


def _node_stamp(value):
    wall_ms, number, node = parts(value, 3)
    return count(wall_ms), count(number, 0xFFFF), text(node)


def read_norms(value):
    """{index: (preset, weights)} from the map of their fields, see norm.py."""
    return {at: _norm(fields) for at, fields in by_index(value).items()}


def _norm(fields):
    preset, weights = parts(fields, 2)
    if weights is not None and not (isinstance(weights, bytes) and sum(weights) == 256):
        raise ProtocolError("weights of sum 256 are wanted")
    return count(preset, 4), weights


def read_totals(fields):
    """Totals, from the list of its fields."""
    since, visits, seconds, adjusted, counters = parts(fields, 5)
    counted = [tuple(parts(counter, 2)) for counter in many(counters, 16)]
    return Totals(word(since), count(visits), count(seconds), count(adjusted), tuple(counted))

"""Reads a product.json: what a model is called, can be set to, senses and counts.

product = read_product(json.load(file))
product.settings[0].fit(120)

On the wire and in flash a setting is its index: the `id` it has in product.json, or else its place.
An id is never given to another setting. One that is no more stays, `"retired": true`; one whose
unit changes is a new one with the same trait.
"""

from collections import namedtuple

from protocol.errors import ProtocolError
from protocol.schema import KINDS, is_int

MOST_SETTINGS = 16
MOST_COUNTERS = 8
_LONGEST_NAME = 24
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789_"

PEOPLE = ("nearest", "first", "owner", "ask")  # whom it serves of several; the first is usual

# least_suite: of sessions that the product takes, see session.py; people: one of PEOPLE
Product = namedtuple(
    "Product",
    ("name", "title", "version", "settings", "signals", "counters", "least_suite", "people"),
)
Signal = namedtuple("Signal", ("name", "unit"))
# timed: counts minutes while the product is on; service_at: ask for service at this count, 0 never
Counter = namedtuple("Counter", ("name", "unit", "timed", "service_at"))


def read_product(definition):
    """Build a Product from its definition (a dict), or raise ProtocolError naming the field."""
    if not isinstance(definition, dict):
        raise ProtocolError("product.json: an object is wanted, this is %r" % (definition,))
    name = _name(definition.get("product"), "product")
    version = definition.get("version", 1)
    if not is_int(version) or version < 1:
        raise ProtocolError("version: %r is no whole number from 1" % (version,))
    suite = definition.get("least_suite", 1)
    if suite not in (1, 2):
        raise ProtocolError("least_suite: %r is neither 1 nor 2" % (suite,))
    people = definition.get("people", PEOPLE[0])
    if people not in PEOPLE:
        raise ProtocolError("people: %r is not one of %s" % (people, ", ".join(PEOPLE)))
    settings = _each(_by_id(definition), "settings", MOST_SETTINGS, _setting)
    if not settings:
        raise ProtocolError("settings: at least one is wanted")
    return Product(
        name,
        str(definition.get("title", name)),
        version,
        settings,
        _each(definition, "signals", MOST_COUNTERS, _signal),
        _each(definition, "counters", MOST_COUNTERS, _counter),
        suite,
        people,
    )


def find(items, name):
    """(index, item) of the setting, signal or counter called name; ProtocolError if none is."""
    for index, item in enumerate(items):
        if item.name == name:
            return index, item
    raise ProtocolError("%r is not one of %s" % (name, ", ".join([item.name for item in items])))


def _by_id(definition):
    """The definition with its settings in the order of their ids."""
    lines = definition.get("settings")
    if not isinstance(lines, list) or not [x for x in lines if isinstance(x, dict) and "id" in x]:
        return definition
    found = {}
    for at, line in enumerate(lines):
        line = dict(line) if isinstance(line, dict) else {}
        index = line.pop("id", at)
        found[index if is_int(index) else -1] = line
    if sorted(found) != list(range(len(lines))):
        raise ProtocolError("settings: the ids have to be 0 to %d, each once" % (len(lines) - 1))
    return {"settings": [found[at] for at in range(len(lines))]}


def _each(definition, field, most, read):
    lines = definition.get(field, [])
    if not isinstance(lines, list) or len(lines) > most:
        raise ProtocolError("%s: a list of at most %d is wanted" % (field, most))
    items = tuple([_line(line, "%s[%d]" % (field, at), read) for at, line in enumerate(lines)])
    names = [item.name for item in items]
    for name in names:
        if names.count(name) > 1:
            raise ProtocolError("%s: the name %r stands twice" % (field, name))
    return items


def _line(line, place, read):
    if not isinstance(line, dict):
        raise ProtocolError("%s: an object is wanted, this is %r" % (place, line))
    try:
        parts = dict(line)
        parts["name"] = _name(parts.get("name"), "name")
        return read(parts)
    except ProtocolError as error:
        raise ProtocolError("%s: %s" % (place, error))
    except TypeError as error:
        raise ProtocolError("%s: a field is missing or unknown (%s)" % (place, error))


def _name(name, field):
    if not isinstance(name, str) or not 1 <= len(name) <= _LONGEST_NAME:
        raise ProtocolError("%s: %r is no name of 1 to %d letters" % (field, name, _LONGEST_NAME))
    for character in name:
        if character not in _NAME_CHARACTERS:
            raise ProtocolError("%s: %r has %r; use a-z, 0-9 and _" % (field, name, character))
    return name


def _setting(parts):
    kind = parts.pop("kind", None)
    if kind not in KINDS:
        raise ProtocolError("kind: %r is not one of %s" % (kind, ", ".join(sorted(KINDS))))
    return KINDS[kind](**parts)


def _signal(parts):
    return Signal(parts["name"], str(parts.get("unit", "")))


def _counter(parts):
    service_at = parts.get("service_at", 0)
    if not is_int(service_at) or service_at < 0:
        raise ProtocolError("service_at: %r is no whole number" % (service_at,))
    return Counter(
        parts["name"], str(parts.get("unit", "")), bool(parts.get("timed", False)), service_at
    )

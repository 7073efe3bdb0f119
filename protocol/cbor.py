"""Deterministic CBOR, the part of it that we use (RFC 8949, section 4.2.1).

Integers within 64 bits, byte and text strings, arrays, maps, true, false and null. Each value has
exactly one encoding, and `loads` refuses every other: longer heads, indefinite lengths, unsorted or
repeated keys, floats, tags, trailing bytes. So equal values are equal bytes, and can be hashed.
"""

from protocol.errors import ProtocolError

MOST_DEPTH = 8
MOST_ITEMS = 512  # in one array or map

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP = 0, 1, 2, 3, 4, 5
_FALSE, _TRUE, _NULL = 0xF4, 0xF5, 0xF6
_LENGTHS = {24: 1, 25: 2, 26: 4, 27: 8}


def dumps(value):
    """The one encoding of a value as bytes; ProtocolError for what has none."""
    out = bytearray()
    _write(out, value, MOST_DEPTH)
    return bytes(out)


def loads(data):
    """The value that bytes encode; arrays become lists. ProtocolError for anything else."""
    value, at = _read(data, 0, MOST_DEPTH)
    if at != len(data):
        raise ProtocolError("cbor: %d bytes after the end" % (len(data) - at))
    return value


def load_list(data, at_least) -> list:
    """The list that bytes encode, of at least so many items; ProtocolError for anything else."""
    value = loads(data)
    if not isinstance(value, list) or len(value) < at_least:
        raise ProtocolError("cbor: a list of at least %d is wanted" % at_least)
    return value


def _write(out, value, depth):
    if depth == 0:
        raise ProtocolError("cbor: nested deeper than %d" % MOST_DEPTH)
    if value is None:
        out.append(_NULL)
    elif value is True:
        out.append(_TRUE)
    elif value is False:
        out.append(_FALSE)
    elif isinstance(value, int):
        _head(out, _UNSIGNED if value >= 0 else _NEGATIVE, value if value >= 0 else -1 - value)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        _head(out, _BYTES, len(value))
        out.extend(value)
    elif isinstance(value, str):
        text = value.encode()
        _head(out, _TEXT, len(text))
        out.extend(text)
    elif isinstance(value, (list, tuple)):
        _head(out, _ARRAY, len(value))
        for item in value:
            _write(out, item, depth - 1)
    elif isinstance(value, dict):
        _write_map(out, value, depth)
    else:
        raise ProtocolError("cbor: no encoding for %r" % (value,))


def _write_map(out, value, depth):
    _head(out, _MAP, len(value))
    for key, item in sorted([(dumps(key), key) for key in value]):
        out.extend(key)
        _write(out, value[item], depth - 1)


def _head(out, major, number):
    major <<= 5
    if number < 24:
        out.append(major | number)
        return
    for code in (24, 25, 26, 27):
        length = _LENGTHS[code]
        if number < 1 << 8 * length:
            out.append(major | code)
            out.extend(number.to_bytes(length, "big"))
            return
    raise ProtocolError("cbor: %d does not fit into 64 bits" % number)


def _read(data, at, depth):
    if depth == 0:
        raise ProtocolError("cbor: nested deeper than %d" % MOST_DEPTH)
    first = _byte(data, at)
    if first in (_FALSE, _TRUE, _NULL):
        return (None if first == _NULL else first == _TRUE), at + 1
    major = first >> 5
    if major > _MAP:
        raise ProtocolError("cbor: type %#x at %d is not used here" % (first, at))
    number, at = _number(data, at)
    if major == _UNSIGNED:
        return number, at
    if major == _NEGATIVE:
        return -1 - number, at
    if major in (_BYTES, _TEXT):
        return _string(data, at, number, major)
    if number > MOST_ITEMS:
        raise ProtocolError("cbor: %d items, the limit is %d" % (number, MOST_ITEMS))
    if major == _ARRAY:
        return _array(data, at, number, depth)
    return _map(data, at, number, depth)


def _byte(data, at):
    if at >= len(data):
        raise ProtocolError("cbor: cut off after %d bytes" % len(data))
    return data[at]


def _number(data, at):
    code = data[at] & 31
    if code < 24:
        return code, at + 1
    length = _LENGTHS.get(code)
    if length is None or at + 1 + length > len(data):
        raise ProtocolError("cbor: bad length at %d" % at)
    number = int.from_bytes(data[at + 1 : at + 1 + length], "big")
    if number < (24 if length == 1 else 1 << 4 * length):
        raise ProtocolError("cbor: not the shortest form at %d" % at)
    return number, at + 1 + length


def _string(data, at, length, major):
    if at + length > len(data):
        raise ProtocolError("cbor: string cut off at %d" % at)
    raw = bytes(data[at : at + length])
    if major == _BYTES:
        return raw, at + length
    try:
        return raw.decode(), at + length
    except (UnicodeError, ValueError):
        raise ProtocolError("cbor: text at %d is not UTF-8" % at)


def _array(data, at, count, depth):
    items = []
    for _ in range(count):
        item, at = _read(data, at, depth - 1)
        items.append(item)
    return items, at


def _map(data, at, count, depth):
    items, before = {}, None
    for _ in range(count):
        start = at
        key, at = _read(data, at, depth - 1)
        if isinstance(key, (list, dict)):
            raise ProtocolError("cbor: a key at %d is no string or number" % start)
        raw = bytes(data[start:at])
        if before is not None and raw <= before:
            raise ProtocolError("cbor: keys out of order at %d" % start)
        before = raw
        items[key], at = _read(data, at, depth - 1)
    return items, at

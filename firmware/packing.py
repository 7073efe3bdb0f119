"""A window of visits in few bytes: 32 visits of six settings in less than 700.

Visits of one boot name it once; times are told from the visit before; numbers take as many bytes as
they need (LEB128, signed ones zigzag). Which settings took part is said where it changes.

    rows    number of rows | number of boots | 4 bytes each | rows
    row     flags (daypart, _COUNTED, _SAME) | boot | visit | ms since the row before
            [count] [mask of settings] mask of corrected | a code for each setting
"""

from protocol.window import MOST_ROWS, Row

_DAYPART, _COUNTED, _SAME = 7, 8, 16


def kept(rows):
    """The newest of the rows that rows() goes through, as a Window: never all of them at once."""
    count, boots = 0, set()
    for row in rows():
        count += 1
        boots.add(row.uid[:4])
    boots = sorted(boots)
    data = bytearray((min(count, MOST_ROWS), len(boots)))
    for boot in boots:
        data.extend(boot)
    wall_ms, mask = 0, 0
    for row in rows():
        if count <= MOST_ROWS:
            _pack(data, row, boots.index(row.uid[:4]), wall_ms, mask)
            wall_ms, mask = row.stamp[0], _mask(row)
        count -= 1 if count > MOST_ROWS else 0
    return Window(bytes(data))


def _pack(data, row, boot, wall_ms, mask):
    """Add a row; wall_ms and mask: of the row before."""
    now, count = _mask(row), row.stamp[1]
    data.append(row.daypart | (_COUNTED if count else 0) | (_SAME if now == mask else 0))
    data.append(boot)
    _put(data, int.from_bytes(row.uid[4:], "big"))
    _put(data, row.stamp[0] - wall_ms)
    if count:
        _put(data, count)
    if now != mask:
        _put(data, now)
    _put(data, sum([corrected << index for index, _, corrected in row.values]))
    for _, code, _ in row.values:
        _put(data, code * 2 if code >= 0 else -code * 2 - 1)


def _mask(row):
    return sum([1 << value[0] for value in row.values])


class Window:
    """The rows in these bytes, read anew each time: 32 Rows would take ten times the heap."""

    def __init__(self, data):
        self.data = data

    def __len__(self):
        return self.data[0]

    def __eq__(self, other):
        return list(self) == list(other)

    def of_setting(self, index):
        """What window.of_setting gives, without a Row for each visit."""
        reader, history, mask = _Reader(self.data), [], 0
        count = reader.byte()
        reader.take(4 * reader.byte())
        for _ in range(count):
            flags = reader.byte()
            reader.byte()
            for _ in range(3 if flags & _COUNTED else 2):
                reader.number()
            mask = mask if flags & _SAME else reader.number()
            corrected, at = reader.number(), 0
            while mask >> at:
                code = reader.signed() if mask >> at & 1 else 0
                if at == index and mask >> at & 1:
                    history.append((code, flags & _DAYPART, corrected >> at & 1))
                at += 1
        return history

    def __iter__(self):
        reader = _Reader(self.data)
        count = reader.byte()
        boots = [reader.take(4) for _ in range(reader.byte())]
        wall_ms, mask = 0, 0
        for _ in range(count):
            flags, boot = reader.byte(), boots[reader.byte()]
            uid = boot + reader.number().to_bytes(4, "big")
            wall_ms += reader.number()
            tick = reader.number() if flags & _COUNTED else 0
            if not flags & _SAME:
                mask = reader.number()
            values = _values(reader, mask, reader.number())
            yield Row(uid, (wall_ms, tick), flags & _DAYPART, values)


def _values(reader, mask, corrected):
    values, index = [], 0
    while mask >> index:
        if mask >> index & 1:
            values.append((index, reader.signed(), corrected >> index & 1))
        index += 1
    return tuple(values)


class _Reader:
    def __init__(self, data):
        self._data, self.at = data, 0

    def take(self, length):
        self.at += length
        return self._data[self.at - length : self.at]

    def byte(self):
        self.at += 1
        return self._data[self.at - 1]

    def number(self):
        data, at = self._data, self.at
        value = shift = 0
        while data[at] > 127:
            value |= (data[at] & 127) << shift
            shift += 7
            at += 1
        self.at = at + 1
        return value | data[at] << shift

    def signed(self):
        code = self.number()
        return -(code + 1 >> 1) if code & 1 else code >> 1


def _put(data, number):
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    data.append(number)

"""The settings a product has: their kinds, bounds, and how a value is made safe.

On the wire and in flash a value is a *code*, always an int: a number in its unit, the index of a
choice, 0 or 1 of a switch, 0xRRGGBB of a colour, minutes after midnight of a time. People and files
see what `show` makes of a code and `parse` reads back. The learner sees *rungs*: steps on the
setting's own grid.

    warmth = Number("warmth", 2200, 6500, step=100, unit="K")
    warmth.fit(2749) == 2700        # the last word on every value, whoever it came from
"""

from protocol.errors import ProtocolError
from protocol.preference import PRESETS

CHEAP = "cheap"  # reversible at once: light, sound
CAREFUL = "careful"  # heat, motion, money
GUARDED = "guarded"  # only in a session, with a press on the device
COSTS = (CHEAP, CAREFUL, GUARDED)

_MOST_OPTIONS = 500
_INT_LIMIT = 1 << 29  # MicroPython's small ints on a 32-bit board


def is_int(value):
    """True for a real integer; JSON's true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


class Setting:
    """What all kinds share: a name, the trait under which a taste travels, and its cost class."""

    kind = ""
    unit = ""
    low = high = 0  # codes

    def __init__(
        self, name, trait=None, cost=CHEAP, tolerance=0, preset="universal", retired=False
    ):
        if cost not in COSTS:
            raise ProtocolError("%s.cost: %r is not one of %s" % (name, cost, ", ".join(COSTS)))
        if not is_int(tolerance) or tolerance < 0:
            raise ProtocolError("%s.tolerance: %r is no whole number of steps" % (name, tolerance))
        if preset not in PRESETS:
            raise ProtocolError(
                "%s.preset: %r is not one of %s" % (name, preset, ", ".join(sorted(PRESETS)))
            )
        self.name = name
        self.trait = trait or name
        self.preset = preset  # how the learner begins
        self.retired = bool(retired)  # no more there: its index stays taken, nothing is applied
        self.cost = cost
        self.tolerance = tolerance  # in rungs: values this near count as the same

    def fit(self, code):
        """The nearest code the product can really take."""
        if not is_int(code):
            raise ProtocolError("%s: %r is no whole number" % (self.name, code))
        return self._fit(code)

    def _fit(self, code):
        return min(max(code, self.low), self.high)

    def rung(self, code):
        return code

    def code(self, rung):
        return rung

    def rungs(self):
        """(lowest, highest) rung."""
        return self.rung(self.low), self.rung(self.high)

    def turned(self, code, detents):
        """The code after a knob moved by some detents."""
        low, high = self.rungs()
        return self.code(min(max(self.rung(code) + detents, low), high))


class Number(Setting):
    """A quantity between two bounds, in whole steps of its unit."""

    kind = "number"

    def __init__(self, name, low, high, step=1, unit="", start=None, **more):
        super().__init__(name, **more)
        for field, value in (("low", low), ("high", high), ("step", step)):
            if not is_int(value) or abs(value) > _INT_LIMIT:
                raise ProtocolError("%s.%s: %r is no whole number" % (name, field, value))
        if low >= high or step <= 0:
            raise ProtocolError("%s: low %d, high %d, step %d" % (name, low, high, step))
        self.low, self.step, self.unit = low, step, unit
        self.high = low + (high - low) // step * step
        self.start = self.fit(low if start is None else start)

    def _fit(self, code):
        code = min(max(code, self.low), self.high)
        return self.low + (code - self.low + self.step // 2) // self.step * self.step

    def rung(self, code):
        return (code - self.low) // self.step

    def code(self, rung):
        return self.low + rung * self.step

    def show(self, code):
        return code

    def parse(self, value):
        try:
            number = value if is_int(value) else int(value)
        except (TypeError, ValueError):
            raise ProtocolError("%s: %r is no whole number" % (self.name, value))
        if isinstance(value, bool) or (number != value and not isinstance(value, str)):
            raise ProtocolError("%s: %r is no whole number" % (self.name, value))
        if not self.low <= number <= self.high:
            raise ProtocolError(
                "%s: %d is not within %d..%d %s"
                % (self.name, number, self.low, self.high, self.unit)
            )
        return self.fit(number)


class Choice(Setting):
    """One of a few named options. Options are only ever appended: their index is on the wire."""

    kind = "choice"

    def __init__(self, name, options, start=None, **more):
        super().__init__(name, **more)
        if not isinstance(options, (list, tuple)) or not 1 <= len(options) <= _MOST_OPTIONS:
            raise ProtocolError("%s.options: 1 to %d are wanted" % (name, _MOST_OPTIONS))
        if len(set(options)) != len(options):
            raise ProtocolError("%s.options: the same option twice" % name)
        self.options = tuple(options)
        self.low, self.high = 0, len(options) - 1
        self.start = 0 if start is None else self.parse(start)

    def show(self, code):
        return self.options[self._fit(code)]

    def parse(self, value):
        if value not in self.options:
            raise ProtocolError(
                "%s: %r is not one of %s" % (self.name, value, ", ".join(self.options[:12]))
            )
        return self.options.index(value)

    def turned(self, code, detents):
        return (code + detents) % len(self.options)


class Switch(Setting):
    """On or off."""

    kind = "switch"
    low, high = 0, 1

    def __init__(self, name, start=False, **more):
        super().__init__(name, **more)
        self.start = self.parse(start)

    def _fit(self, code):
        return 1 if code else 0

    def show(self, code):
        return bool(code)

    def parse(self, value):
        if value in (True, "true", "on", "1"):
            return 1
        if value in (False, "false", "off", "0"):
            return 0
        raise ProtocolError("%s: %r is neither on nor off" % (self.name, value))


class Colour(Setting):
    """A colour; a knob walks along the palette."""

    kind = "colour"
    low, high = 0, 0xFFFFFF

    def __init__(self, name, palette=("#ffffff",), start=None, **more):
        super().__init__(name, **more)
        if not isinstance(palette, (list, tuple)) or not 1 <= len(palette) <= _MOST_OPTIONS:
            raise ProtocolError("%s.palette: 1 to %d colours" % (name, _MOST_OPTIONS))
        self.palette = tuple([self.parse(colour) for colour in palette])
        self.start = self.palette[0] if start is None else self.parse(start)

    def show(self, code):
        return "#%06x" % code

    def parse(self, value):
        whole = isinstance(value, str) and len(value) == 7 and value[0] == "#"
        if whole and not value[1:].strip("0123456789abcdefABCDEF"):
            return int(value[1:], 16)
        raise ProtocolError("%s: %r is no colour like #ff8800" % (self.name, value))

    def turned(self, code, detents):
        at = self.palette.index(code) if code in self.palette else 0
        return self.palette[(at + detents) % len(self.palette)]


class Time(Number):
    """A time of day, in minutes after midnight."""

    kind = "time"

    def __init__(self, name, step=5, start="00:00", **more):
        self.name = name
        super().__init__(name, 0, 1439, step=step, start=self._minutes(start), **more)

    def show(self, code):
        return "%02d:%02d" % (code // 60, code % 60)

    def parse(self, value):
        return self.fit(self._minutes(value))

    def _minutes(self, value):
        try:
            hour, minute = value.split(":")
            hour, minute = int(hour), int(minute)
        except (AttributeError, TypeError, ValueError):
            raise ProtocolError("%s: %r is no time like 07:30" % (self.name, value))
        if not (0 <= hour < 24 and 0 <= minute < 60):
            raise ProtocolError("%s: %r is no time of day" % (self.name, value))
        return hour * 60 + minute


KINDS = {"number": Number, "choice": Choice, "switch": Switch, "colour": Colour, "time": Time}

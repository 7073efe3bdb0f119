"""What one person's use of one device comes to: counted by the device, and only ever growing.

The device says it with every visit, so whatever was lost before, the next visit makes it good; the
hub adds what is new, however often it hears it and whatever it missed.
"""

from collections import namedtuple

# since: the boot, as a number, in which the device began to count; adjusted: hands that changed a
# setting; counters: ((index, total), ...), by index
Totals = namedtuple("Totals", ("since", "visits", "seconds", "adjusted", "counters"))


def begun(boot):
    """Nothing counted yet, by a device in this boot (bytes)."""
    return Totals(int.from_bytes(boot, "big"), 0, 0, 0, ())


def hand(totals):
    """After a hand changed one more setting."""
    return Totals(*totals[:3] + (totals.adjusted + 1, totals.counters))


def visited(totals, seconds, counts):
    """After one more visit; counts: ((index, delta), ...)."""
    counters = dict(totals.counters)
    for index, delta in counts:
        counters[index] = counters.get(index, 0) + delta
    counted = tuple([(index, counters[index]) for index in sorted(counters)])
    since, visits, before, adjusted = totals[:4]
    return Totals(since, visits + 1, before + seconds, adjusted, counted)

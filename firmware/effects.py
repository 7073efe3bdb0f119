"""What a companion answers: effects for the shell to carry out, in order. And when: a Now."""

from collections import namedtuple

Apply = namedtuple("Apply", ("codes",))  # make the product take these, one code a setting
Reserve = namedtuple("Reserve", ("wall_ms",))  # keep the clock's reservation, before what follows
Record = namedtuple("Record", ("payload",))  # append to the journal
Keep = namedtuple("Keep", ("subject", "known"))  # write to flash what is known of a person
Move = namedtuple("Move", ("payload",))  # record this, and move all stamps as it says
Total = namedtuple("Total", ("totals",))  # write the device's own counters to flash
Offer = namedtuple("Offer", ("index", "code"))  # show it, if the product can; see accept()


def unrecorded(effects):
    """What is done of them when nobody else is to hear of it."""
    return [effect for effect in effects if not isinstance(effect, Record)]


# uptime_ms; wall_ms: 0 if nothing is known of the time; trust: events.NO_TIME ...; daypart
Now = namedtuple("Now", ("uptime_ms", "wall_ms", "trust", "daypart"))

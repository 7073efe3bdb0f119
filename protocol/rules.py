"""What a person decided about a setting's learning, and what they took back of what happened.

A Rule is a register, the later stamp wins: learn as usual; frozen (`code` holds, nothing is
learned); paused (the product's default, nothing is learned, what was learned is kept). `forgotten`
is the tombstone of "forget what you learned of this": of two the later holds. A word said after a
rule was made still stands above it.

The rule for ALL says no more than how often a person lets a visit be compared: in each `code`th one
what was had last is applied where something else was learned. No code, never.

An Undone takes back what one visit did to one setting (or ALL) up to its stamp; a later one with
`on` 0 takes that back. Only the newest MOST_UNDONE are kept. Both merge in any order, any number of
times, to the same.
"""

from collections import namedtuple

from protocol.window import Row

LEARN, FROZEN, PAUSED, FORGET = 0, 1, 2, 3
RULE_NAMES = ("learn", "frozen", "paused", "forget")
ALL = 16  # every setting of a visit
MOST_UNDONE = 32

# stamp: (wall_ms, count, node); forgotten: (wall_ms, count), all of it up to then is gone
Rule = namedtuple("Rule", ("stamp", "kind", "code", "forgotten"))
# stamp: (wall_ms, count); visit: uid
Undone = namedtuple("Undone", ("stamp", "visit", "index", "on"))

# How well a person wants to be known by a device: not recognised and nothing kept; remembered there
# and nothing told to the hub; or all of it
STRANGER, LOCAL, FULL = 0, 1, 2
MODE_NAMES = ("stranger", "local", "full")

NO_RULE = Rule((0, 0, ""), LEARN, 0, (0, 0))


def ruled(rules, index, kind, code, stamp):
    """Rules, with a new one for a setting; FORGET leaves the setting learned as usual."""
    forgotten = stamp[:2] if kind == FORGET else (0, 0)
    rule = Rule(tuple(stamp), LEARN if kind == FORGET else kind, code, forgotten)
    return merge_rules(rules, {index: rule})


def merge_rules(rules, more):
    """{index: Rule} of both."""
    merged = dict(rules)
    for index in more:
        one, other = merged.get(index, NO_RULE), more[index]
        later = max(one[:3], other[:3])
        merged[index] = Rule(later[0], later[1], later[2], max(one.forgotten, other.forgotten))
    return merged


def merge_undone(marks, more):
    """[Undone] of both, oldest first: of one visit and setting the newest."""
    newest = {}
    for mark in list(marks) + list(more):
        place = mark.visit, mark.index
        if place not in newest or newest[place] < mark:
            newest[place] = mark
    return sorted(newest.values())[-MOST_UNDONE:]


def standing(rows, rules, undone):
    """The rows without what was forgotten or taken back, one at a time."""
    for row in rows:
        values = tuple([v for v in row.values if not _gone(row, v[0], rules, undone)])
        if values or (not row.values and not _gone(row, ALL, rules, undone)):
            yield Row(row.uid, row.stamp, row.daypart, values)


def _gone(row, index, rules, undone):
    if row.stamp <= rules.get(index, NO_RULE).forgotten:
        return True
    for mark in undone:
        of_it = mark.visit == row.uid and mark.index in (index, ALL)
        if of_it and mark.on and row.stamp <= mark.stamp:
            return True
    return False

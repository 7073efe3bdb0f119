"""Cyclic garbage of a hub: hardly any is made, so all of its memory is looked through seldom.

    look_seldom()      # in a process that is a hub and nothing else, once it has started

What is used and let go is freed at once, by its count of references. A look through everything
finds what refers to itself in a circle: with the documents of hundreds of people in memory it takes
a quarter of a second, and by Python's own figures one page in fifty waited for one. What is new is
looked through as often as ever.
"""

import gc

_NEW, _YOUNG = 700, 10  # Python's own
_ALL = 1000  # looks at what is young before one at all: after some millions of new things


def look_seldom() -> None:
    """What is there by now stays, and is not looked through again."""
    gc.freeze()
    gc.set_threshold(_NEW, _YOUNG, _ALL)

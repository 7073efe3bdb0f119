"""The words and icons of the pages: what things are called when people read them.

An icon is the id of a symbol in static/icons.svg; a tone is one of the four colours of meaning.
"""

import re
from typing import Any, NamedTuple

NOTICES = {
    "asked": "Asked for. Below you see when a device has it.",
    "linked": "Linked. The device gets what it needs as soon as it is online.",
    "forget": "What was learned of this setting is forgotten, here and on every device.",
    "frozen": "This setting stays as it is, whatever is done by hand.",
    "learn": "This setting is learned from use again.",
    "passkey": "Kept. From now on you can sign in with this one, too.",
    "paused": "Learning is paused for this setting: it has the usual value.",
    "revoked": "Devices that are online do not know the lost phone any more. Others recognise it"
    " for 7 days at most, and open sessions for it for 90, if nothing tells them sooner.",
    "undone": "Undone, as if it had never happened. To have it back, undo the undoing.",
    "unlinked": "Unlinked. The device forgets as soon as it is online.",
    "moved": "Taken back, as if it had never been theirs. To have it back, undo the undoing.",
    "noted": "Written down.",
    "removed": "The note is gone.",
    "replaced": "The new device knows what the old one knew; the old one forgets it.",
    "invited": "The device knows the guest from now on, and forgets them when their time is over.",
    "joined": "These are one person from here on.",
    "parted": "On their own again, with what was their own.",
    "reckoned": "Worked out anew.",
    "welcome": "Welcome. Link a device, so that it can recognise this person.",
}


class Word(NamedTuple):
    text: str
    icon: str
    tone: str = "plain"  # plain, good, wait, stop, know, warm


SOURCES = {
    "said": Word("said", "said", "warm"),
    "hand": Word("said", "said", "warm"),
    "learned": Word("learned", "learned", "know"),
    "carried": Word("carried", "carried", "good"),
    "cohort": Word("what most use", "default"),
    "default": Word("default", "default"),
    "compared": Word("to compare", "default"),
}
_WISHES = {
    "queued": Word("queued", "wait", "wait"),
    "delivered": Word("delivered", "arrived", "know"),
    "applied": Word("applied", "done", "good"),
    "limited": Word("limited", "warn", "wait"),
    "refused": Word("refused", "stop", "stop"),
    "replaced": Word("replaced", "default"),
}
_BECAME = {
    "queued": "on its way to {}",
    "delivered": "{} has it, and uses it from the next visit on",
    "applied": "{} uses it",
    "limited": "{} does it as far as it can",
    "refused": "{} keeps what was set there by hand before the wish came",
    "replaced": "a newer wish came before {} had this one",
}
KINDS = {
    "visit": Word("visits", "person"),
    "adjusted": Word("set by hand", "hand"),
    "stated": Word("said at a device", "said"),
    "wish": Word("wishes", "wish"),
    "answered": Word("answers", "arrived"),
    "ruled": Word("rules of learning", "pause"),
    "undone": Word("taken back", "default"),
    "linked": Word("devices linked", "link"),
    "unlinked": Word("devices unlinked", "unlink"),
    "revoked": Word("lost phones", "stop", "stop"),
    "joined": Word("identities linked", "link"),
    "parted": Word("identities parted", "unlink"),
    "replaced": Word("devices replaced", "arrived"),
    "gap": Word("lost events", "warn"),
    "welcome": Word("beginnings", "done"),
}

_UNDOABLE = ("visit", "adjusted", "stated", "wish", "ruled", "undone")

_COLOUR = re.compile("#[0-9a-f]{6}")
_COLOURS = {
    "white": (255, 255, 255),
    "warm white": (255, 228, 190),
    "grey": (128, 128, 128),
    "black": (0, 0, 0),
    "red": (255, 40, 40),
    "coral": (255, 110, 80),
    "orange": (255, 165, 70),
    "yellow": (255, 235, 60),
    "green": (40, 180, 60),
    "mint": (125, 230, 165),
    "turquoise": (50, 210, 210),
    "light blue": (105, 170, 255),
    "blue": (40, 60, 255),
    "violet": (195, 120, 255),
    "purple": (120, 30, 150),
    "pink": (255, 130, 190),
    "brown": (140, 80, 40),
}


def source(name: str) -> Word:
    return SOURCES.get(name, SOURCES["default"])


def wish_state(name: str) -> Word:
    return _WISHES[name]


def became(state: str, device: str) -> str:
    """What became of a wish at a device."""
    return _BECAME[state].format(device)


def can_be_undone(entry: dict[str, Any]) -> bool:
    """May a line of the timeline have a button to undo it? What is too old says so when asked."""
    return "log" in entry and not entry["undone"] and entry["kind"] in _UNDOABLE


def kind(name: str) -> Word:
    return KINDS.get(name, Word(plain(name), "default"))


def plain(name: str) -> str:
    """night_light -> night light"""
    return name.replace("_", " ")


def title(name: str) -> str:
    """night_light -> Night light"""
    return plain(name)[:1].upper() + plain(name)[1:]


def value(shown: Any, unit: str = "") -> str:
    """A value as people say it: 35 %; on; orange."""
    if isinstance(shown, str) and _COLOUR.fullmatch(shown):
        return _colour(shown)
    return f"{typed(shown)} {unit}".strip()


def typed(shown: Any) -> str:
    """A value as it stands in a field."""
    if isinstance(shown, bool):
        return "on" if shown else "off"
    return str(shown)


def _colour(code: str) -> str:
    """The name of the nearest colour that has one."""
    red, green, blue = bytes.fromhex(code[1:])
    return min(
        _COLOURS,
        key=lambda name: sum(
            (one - other) ** 2
            for one, other in zip((red, green, blue), _COLOURS[name], strict=True)
        ),
    )


def many(count: int, one: str, more: str | None = None) -> str:
    """1 visit; 2 visits; 0 visits"""
    return f"{count:,} {one if count == 1 else more or one + 's'}".replace(",", "\u202f")


def at_most(count: int, most: int, one: str) -> str:
    """7 customers; where no more than 50 are shown: 50 or more customers"""
    return many(count, one) if count < most else f"{most} or more {one}s"


def minutes(count: int) -> str:
    """45 minutes; 3 h 20 min"""
    if count < 60:
        return many(count, "minute")
    hours, rest = divmod(count, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def counted(total: int, unit: str) -> str:
    """12 cups; 12 for no unit; what is counted in seconds as hours and minutes"""
    if unit == "s":
        return minutes(total // 60)
    return many(total, unit.removesuffix("s"), unit) if unit else f"{total}"


def listed(names: list[str]) -> str:
    """lamp-1; lamp-1 and lamp-2; lamp-1, lamp-2 and lamp-3"""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def service(total: int, limit: int) -> Word:
    """How near a counter is to its service."""
    if total >= limit:
        return Word("due now", "warn", "stop")
    if total * 10 >= limit * 9:
        return Word("due soon", "warn", "wait")
    return Word("not yet due", "done", "good")


def health(devices: list[dict[str, Any]]) -> str:
    """How somebody's devices are, in a sentence or two."""
    if not devices:
        return "No device yet."
    there = [one["id"] for one in devices if one["online"]]
    away = [one["id"] for one in devices if not one["online"]]
    said = " and ".join(filter(None, (_are(there, "online"), _are(away, "not online"))))
    waiting = sum(one["waiting"] for one in devices)
    rest = f" {many(waiting, 'message')} {'waits' if waiting == 1 else 'wait'}." if waiting else ""
    return f"{said}.{rest}"


def _are(names: list[str], how: str) -> str:
    """lamp-1 is online; 3 devices are online"""
    if len(names) == 1:
        return f"{names[0]} is {how}"
    return f"{len(names)} devices are {how}" if names else ""

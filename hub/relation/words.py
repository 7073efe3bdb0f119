"""What people may say of how they want to be dealt with: names, words, and what is no answer. Pure.

    contact = find("contact")
    contact.read("2 a week")            # "at most 2 a week", or InvalidError with a sentence

Each is kept as the text that people see; what follows from it is read from that text.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple
from zoneinfo import available_timezones

from hub.errors import InvalidError
from hub.relation.days import Hours

CHOICE, NUMBER, TEXT = "choice", "number", "text"
MOST_MESSAGES = 31  # in a week or a month
NEVER, NONE, ON, OFF = "never", "none", "on", "off"

_OFTEN = re.compile(r"(?:at most )?(\d{1,2}) (?:a|per) (week|month)")
_HOURS = re.compile(r"(\d{1,2})(?::(\d\d))?(?: *- *| to )(\d{1,2})(?::(\d\d))?")


class Wanted(NamedTuple):
    """kind: choice (one of options), number (low to high) or text (options are examples).

    usual: what holds until they say something; "" for what only the hub can know.
    """

    name: str
    title: str
    help: str
    kind: str
    usual: str
    options: tuple[str, ...]
    parse: Callable[[str], str | None]
    wants: str  # as in "contact: ... is wanted."
    low: int = 0
    high: int = 0

    def read(self, text: str) -> str:
        """The answer as it is kept; raises InvalidError for what is none."""
        found = self.parse(" ".join(text.split()))
        if found is None:
            shown = f"{text.strip()[:40]!r} does not fit: " if text.strip() else ""
            raise InvalidError(self.name, f"{self.name}: {shown}{self.wants}")
        return found


def often(text: str) -> tuple[int, str]:
    """(2, "week") of "at most 2 a week"; (0, "week") of "never"."""
    found = _OFTEN.fullmatch(text)
    return (int(found[1]), found[2]) if found else (0, "week")


def hours(text: str) -> Hours | None:
    """(1320, 480) of "22:00 to 08:00", None of "none"."""
    found = _HOURS.fullmatch(text)
    if not found:
        return None
    begin, end = (int(h) * 60 + int(m or 0) for h, m in (found.group(1, 2), found.group(3, 4)))
    return begin % 1440, end % 1440


def find(name: str) -> Wanted:
    for one in RELATION:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in RELATION)
    raise InvalidError("name", f"name: {name[:40]!r} is not one of {known}.")


def _read_often(text: str) -> str | None:
    text = text.lower()
    if text == NEVER:
        return NEVER
    found = _OFTEN.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= MOST_MESSAGES:
        return None
    return f"at most {int(found[1])} a {found[2]}"


def _read_hours(text: str) -> str | None:
    text = text.lower()
    if text in ("", NONE):
        return NONE
    found = _HOURS.fullmatch(text)
    if not found or int(found[1]) > 24 or int(found[3]) > 24:
        return None
    if int(found[2] or 0) > 59 or int(found[4] or 0) > 59:
        return None
    begin, end = hours(text) or (0, 0)
    if begin == end:
        return None
    return f"{begin // 60:02}:{begin % 60:02} to {end // 60:02}:{end % 60:02}"


def _read_zone(text: str) -> str | None:
    return _zones().get(text.replace(" ", "_").lower())


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def _read_day(text: str) -> str | None:
    if not re.fullmatch("[0-9]{1,2}", text) or not 1 <= int(text) <= 31:
        return None
    return str(int(text))


def _one_of(*options: str) -> Callable[[str], str | None]:
    found = {option.lower(): option for option in options}
    return lambda text: found.get(text.lower())


def _choice(name: str, title: str, words: str, *options: str, usual: str = "") -> Wanted:
    wants = f"one of {', '.join(options)} is wanted."
    return Wanted(
        name, title, words, CHOICE, usual or options[0], options, _one_of(*options), wants
    )


RELATION = (
    Wanted(
        "contact",
        "How often may we write to you?",
        "Questions, reminders and news together; nothing goes out beyond it.",
        CHOICE,
        "at most 2 a month",
        (
            NEVER,
            "at most 1 a month",
            "at most 2 a month",
            "at most 4 a month",
            "at most 1 a week",
            "at most 2 a week",
            "at most 7 a week",
        ),
        _read_often,
        f"never, or at most 1 to {MOST_MESSAGES} a week or a month is wanted.",
    ),
    Wanted(
        "quiet",
        "Quiet hours",
        "From when to when nothing goes out, by the clock where you live, like 22:00 to 08:00.",
        TEXT,
        "20:00 to 08:00",
        ("20:00 to 08:00", "22:00 to 07:00", NONE),
        _read_hours,
        "two different times like 22:00 to 08:00, or none, are wanted.",
    ),
    Wanted(
        "zone",
        "Where is your clock?",
        "The time zone in which you live, like Europe/Berlin or America/New_York.",
        TEXT,
        "",
        ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo"),
        _read_zone,
        "a time zone like Europe/Berlin is wanted.",
    ),
    _choice(
        "channel",
        "How do we reach you?",
        "Where reminders and answers go.",
        *("this page", "e-mail", "text message", "phone", "letter"),
    ),
    _choice(
        "delivery",
        "When may something be delivered?",
        "For spare parts and supplies.",
        *("any time", "in the morning", "in the afternoon", "in the evening", "on Saturdays"),
    ),
    _choice(
        "warranty",
        "If it breaks under warranty",
        "What you would rather have, where there is a choice.",
        *("repair", "replacement", "money back"),
    ),
    Wanted(
        "invoice_day",
        "Day of the invoice",
        "The day of the month, 1 to 31; a month that is too short has it on its last day.",
        NUMBER,
        "1",
        (),
        _read_day,
        "a day of the month from 1 to 31 is wanted.",
        1,
        31,
    ),
    _choice(
        "service",
        "Reminders of service",
        "That something wants cleaning, descaling or refilling. Only if you agreed to service.",
        *(ON, OFF),
    ),
)

"""The one gate: may this message go out to this person now? Pure.

    verdict = may(Request("service", "service"), contact, sent_ms, now_ms, zone)
    verdict.go, verdict.text, verdict.next_ms

"At most 2 a week" holds for every week of the calendar, and for every seven days: a message counts
until the same time of day a week later, by the clock where the person lives. A month likewise, to
the same day of the next month or its last. Quiet hours are hours of that clock too, whatever it is
put to. Only hub/relation/outgoing.py asks here, and nothing goes out but through that.
"""

from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

from hub.relation.days import DAY_MS, Hours, days_later, month_later, out_of, wall

_LONGEST_MS = 33 * DAY_MS  # a month, whatever clocks are put to


class Contact(NamedTuple):
    """What a person wants: at most `most` messages in a period, "week" or "month".

    quiet: hours without any; agreed: purposes they consented to; off: kinds they do not want.
    """

    most: int
    period: str
    quiet: Hours | None
    agreed: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()


class Request(NamedTuple):
    """kind: of message, as in hub/relation/outgoing.py; purpose: the consent it needs.

    "" for none.
    """

    kind: str
    purpose: str = ""


class Verdict(NamedTuple):
    """go: it may go out now; text: why, or why not. next_ms: when it may; None: not as it is."""

    go: bool
    text: str
    next_ms: int | None


def may(
    request: Request, contact: Contact, sent_ms: Sequence[int], now_ms: int, zone: tzinfo
) -> Verdict:
    """sent_ms: when messages went out, in any order; what is older than a month does not count."""
    unwanted = _unwanted(request, contact)
    if unwanted:
        return Verdict(False, unwanted, None)
    free_ms = _free_ms(contact, sent_ms, now_ms, zone)
    next_ms = out_of(free_ms, contact.quiet, zone) if contact.quiet else free_ms
    if next_ms == now_ms:
        return Verdict(True, "It may go out.", now_ms)
    why = "These are quiet hours"
    if free_ms > now_ms:
        why = f"No more than {contact.most} may go out in a {contact.period}"
    there = wall(next_ms, zone)
    when = f"{there.day} {there:%B %Y}, {there:%H:%M}"
    return Verdict(False, f"{why}: not before {when} where they live.", next_ms)


def _unwanted(request: Request, contact: Contact) -> str:
    """Why it may not go out at any time; "" where nothing speaks against it."""
    if request.purpose and request.purpose not in contact.agreed:
        return f"They have not agreed to it: {request.purpose}."
    if request.kind in contact.off:
        return f"They want no messages of this kind: {request.kind}."
    return "" if contact.most else "They never want to be contacted."


def _free_ms(contact: Contact, sent_ms: Sequence[int], now_ms: int, zone: tzinfo) -> int:
    """From when on there is room for one more."""
    lately = [at_ms for at_ms in sent_ms if at_ms > now_ms - _LONGEST_MS]
    ends = sorted(_ends_ms(contact, at_ms, zone) for at_ms in lately)
    return max(now_ms, ends[-contact.most]) if len(ends) >= contact.most else now_ms


def _ends_ms(contact: Contact, at_ms: int, zone: tzinfo) -> int:
    if contact.period == "week":
        return days_later(at_ms, 7, zone)
    return month_later(at_ms, zone)

"""What a device answers to wishes: applied, limited by the product, or refused."""

from protocol import events
from protocol.registers import HAND


def answers(message, known, settings, codes):
    """[body of an ANSWERED event] for each wish in a message (messages.Person) not weighed before.

    known: what is known of the person so far; codes: in force, one a setting.
    """
    bodies = []
    for index in sorted(message.entries):
        wish = message.entries[index]
        if wish.author == HAND or wish.value is None or index >= len(settings):
            continue
        stands = known.registers.verdict(message.generation, index, wish)
        if stands is None:
            continue
        code = settings[index].fit(wish.value) if stands else codes[index]
        wall_ms, count = wish.stamp[:2]  # which of the wishes for this value
        outcome = _outcome(stands, wish.value, code)
        bodies.append((index, wish.value, outcome, code, wall_ms, count))
    return bodies


def _outcome(stands, asked, code):
    if not stands:
        return events.REFUSED
    return events.APPLIED if code == asked else events.LIMITED

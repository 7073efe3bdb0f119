"""What a device offers rather than does: a hand takes it with one press, or leaves it.

What the learner is not sure enough of, and what is guarded. What is known of somebody only from
elsewhere is offered in their first visit there, one thing and once: nobody is pestered.
"""

from protocol.events import DEFAULT


def offers(indexes, decisions, codes, settings, standing, is_first):
    """{index: code} with those that stand already; is_first: nothing of theirs was seen here."""
    found = dict(standing)
    for index in indexes:
        decision = decisions[index]
        code = decision.offer if decision.offer is not None else decision.code
        from_elsewhere = decision.source == DEFAULT and not decision.of
        if code == codes[index] or settings[index].retired:
            continue
        if not from_elsewhere or (is_first and not found):
            found[index] = code
    return found

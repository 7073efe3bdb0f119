"""What a person agreed to, by purpose, and what follows from it for their devices.

    agreed(circle.members(draft, ana), COHORT)

It stands in their profile as consents: {purpose: {given, at_ms, by, words}}, words being the
version of the words they were shown. What they asked for by enrolling is on until they say
otherwise; all else is off until they say so. A person of several identities agreed if none of them
says no.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from hub.past.use import NODE
from hub.people.customer import MOST_CONSENTS, Customer
from protocol.rules import ALL, LEARN, PAUSED, Rule

RECOGNISE, REMEMBER, LEARNING, SHARE = "recognise", "remember", "learn", "share"
COHORT, HOLDOUT, SERVICE, SUPPORT = "cohort", "holdout", "service", "support"
EVERY = 25  # visits: one of so many is compared, see hub/insight/holdout.py


class Purpose(NamedTuple):
    """title: what they say yes or no to; help: what then happens, and what does not.

    usual: how it is before they say anything; words: raised whenever title or help say another
    thing, so that it is known what somebody read. docs/privacy.md has all versions.
    """

    title: str
    help: str
    usual: bool = False
    words: int = 1


PURPOSES = {
    RECOGNISE: Purpose(
        "My products may recognise me when I come near",
        "They know your phone or tag by a number that changes all the time. Without it they know"
        " you only when you say so yourself: at the product, or from your phone.",
        usual=True,
    ),
    REMEMBER: Purpose(
        "My products may remember me",
        "They keep what you set and when you were there, and so does this service. Without it they"
        " forget you at once and treat you as anybody; what is kept here stays until you erase it.",
        usual=True,
    ),
    LEARNING: Purpose(
        "My products may learn from what I do",
        "They find out what you like from what you set by hand. Without it they record nothing of"
        " what your hands do, and set only what you asked for in words.",
        usual=True,
    ),
    SHARE: Purpose(
        "My products may tell each other what I like",
        "What you like at one of them is tried at the next, if both have such a setting. Without it"
        " each of them begins as new.",
        usual=True,
    ),
    COHORT: Purpose(
        "What I do may be counted together with what others do",
        "Never by itself: only in groups of ten or more, so that a product begins better with new"
        " people, and its makers see what people do differently.",
    ),
    HOLDOUT: Purpose(
        "My products may test now and then whether they really help me",
        "In every 25th visit they set what you had last where they would set something else, and"
        " say so.",
    ),
    SERVICE: Purpose(
        "You may write to me when a product of mine needs care",
        "When it is to be descaled or refilled, by how you use it. Without it no such message is"
        " ever made.",
    ),
    SUPPORT: Purpose(
        "Support may look at my settings when it helps me",
        "They must say why, you see that they looked, and it ends after half an hour. Without it"
        " they see only whether your devices work.",
        usual=True,
    ),
}


def said(customer: Customer, purpose: str) -> dict[str, Any]:
    """given, at_ms, by, words, as one identity says; by and words None where it never said."""
    usual = PURPOSES[purpose].usual
    since_ms = customer.profile["since_ms"] if usual else None
    nothing = {"given": usual, "at_ms": since_ms, "by": None, "words": None}
    return nothing | customer.profile.get("consents", {}).get(purpose, {})


def agreed(members: Iterable[Customer], purpose: str) -> bool:
    """Did this person, by all of their identities?"""
    return all(said(member, purpose)["given"] for member in members)


def then(customer: Customer, purpose: str, at_ms: int) -> bool:
    """Did one identity agree at that time?"""
    before = [
        one
        for _, one in customer.consents.newest(MOST_CONSENTS)
        if one["purpose"] == purpose and one["at_ms"] <= at_ms
    ]
    return before[0]["given"] if before else PURPOSES[purpose].usual


def rules(members: Sequence[Customer]) -> dict[int, Rule]:
    """What devices must know of it: a rule for ALL settings, or none where nothing was said."""
    spoken = [
        member.profile["consents"][purpose]["at_ms"]
        for member in members
        for purpose in (LEARNING, HOLDOUT)
        if purpose in member.profile.get("consents", {})
    ]
    if not spoken:
        return {}
    kind = LEARN if agreed(members, LEARNING) else PAUSED
    every = EVERY if agreed(members, HOLDOUT) else 0
    return {ALL: Rule((max(spoken), 0, NODE), kind, every, (0, 0))}

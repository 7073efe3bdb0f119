"""What a person agreed to, by purpose: off until they say so, and off again when they say so.

    agreed(draft, customer, COHORT)

It stands in their profile as consents: {purpose: {given, at_ms, by}}.
"""

from typing import Any

from hub import circle
from hub.draft import Draft
from hub.people import Customer

COHORT, HOLDOUT = "cohort", "holdout"
PURPOSES = {
    COHORT: "What you do may be counted together with what others do, never by itself: so that the"
    " product begins better with new people, and its makers see what people do differently.",
    HOLDOUT: "In every 25th visit a device applies what you had last where it would apply something"
    " else, and says so: this shows whether it really helps you.",
}


def agreed(draft: Draft, customer: Customer, purpose: str) -> bool:
    """Did they, by all of their identities?"""
    return all(said(member, purpose)["given"] for member in circle.members(draft, customer))


def said(customer: Customer, purpose: str) -> dict[str, Any]:
    """given, at_ms, by; these two None where nothing was ever said."""
    nothing = {"given": False, "at_ms": None, "by": None}
    return customer.profile.get("consents", {}).get(purpose, nothing)

"""A code that somebody shows, and another types to let them in: so nobody is known unasked.

guest_code.new(parts.identities, ben)                  # 7f3a-09be-12ab-1234-5678, to Ben alone
guest_code.customer(parts.identities, "7F3A 09BE ...")  # Ben, once, within ten minutes
"""

import re

from hub.errors import InvalidError, UnknownCustomerError
from hub.people.identities import Identities

_CODE = re.compile(r"([0-9a-f]{12})([0-9]{8})")
_GROUP = 4


def new(identities: Identities, customer: str) -> str:
    """A new one; what was shown before works no more."""
    letters = customer.removeprefix("c-") + identities.prove(customer)
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def customer(identities: Identities, typed: str) -> str:
    """Whose code it is, which is used up; InvalidError for one that is none, or too old."""
    found = _CODE.fullmatch(re.sub(r"[\s-]", "", typed).lower())
    if not found:
        raise InvalidError("code", "code: it reads like 7f3a-09be-12ab-1234-5678.")
    name, code = f"c-{found[1]}", found[2]
    try:
        identities.use_up(name, code)
    except UnknownCustomerError:
        raise InvalidError("code", "code: wrong, used or too old; ask for another.") from None
    return name

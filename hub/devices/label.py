"""What stands on a device's label, as somebody typed it or a camera read it.

read("RPT1:LMP-000123:7D2KM0QX4VNB9R3T")       # ("lmp-000123", "7D2KM0QX4VNB9R3T")
read("lmp-000123 7d2k-m0qx-4vnb-9r3t")         # the same
"""

import re

from hub.devices import claims
from hub.errors import InvalidError

_LABEL = re.compile(r"\s*(?:RPT1:)?([A-Z0-9_-]{1,32})[\s:]+([A-Z0-9 -]{16,40})\s*", re.IGNORECASE)


def read(text: str) -> tuple[str, str]:
    """(device, code); InvalidError, field label, for what cannot be one."""
    found = _LABEL.fullmatch(text)
    if not found:
        raise InvalidError(
            "label", "label: it reads like RPT1:LMP-000123:7D2KM0QX4VNB9R3T, all of it is needed."
        )
    try:
        return found[1].lower(), claims.tidied(found[2])
    except ValueError as error:
        raise InvalidError("label", f"label: {error}.") from None

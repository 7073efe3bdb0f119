"""Who asks something of the hub, and as what: every request carries one of these."""

from typing import NamedTuple

ADMIN, SUPPORT, FLEET = "administrator", "support", "fleet"
OPERATOR, AUDITOR, CUSTOMER = "operator", "auditor", "customer"
ROLES = (ADMIN, SUPPORT, FLEET, OPERATOR, AUDITOR, CUSTOMER)


class Who(NamedTuple):
    """name: as people read it. customer: whose pages these are, for the role CUSTOMER; else ""."""

    role: str
    name: str
    customer: str = ""


STAFF_KEY = Who(ADMIN, "staff key")
"""Who holds the hub's own key, or opened the link that it shows at its start."""

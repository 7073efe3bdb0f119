"""Who may ask what: every route of the hub has a row here, and what has none is refused.

    ROWS["GET /api/customers/{customer}"].roles      # {"administrator", "support"}

A row also says what the audit writes down before the route begins. Where a row says nothing, only
a customer's own things, or nobody's, are touched. For support a route with {customer} in it wants
a reason as well: see hub/api/permit.py.
"""

import re
from typing import NamedTuple

from hub.access.who import ADMIN, AUDITOR, CUSTOMER, FLEET, OPERATOR, ROLES, SUPPORT

HOUSEHOLD = "household admin"
"""A customer where they own the {device} of the route: what a role alone does not say."""

HOME = {FLEET: "/insight", OPERATOR: "/health", AUDITOR: "/audit", CUSTOMER: "/mine"}
"""Where somebody begins; everybody else at the desk, /."""


class Row(NamedTuple):
    """everybody: without signing in, too. what: as the audit says it; "" is not written down."""

    roles: frozenset[str]
    what: str = ""
    everybody: bool = False


def _of(*roles: str) -> frozenset[str]:
    return frozenset(roles)


_NOBODY_NEEDED = Row(_of(*ROLES), everybody=True)
_DESK, _ADMIN, _AUDIT, _MINE = _of(ADMIN, SUPPORT), _of(ADMIN), _of(ADMIN, AUDITOR), _of(CUSTOMER)
_FLEET, _UNITS = _of(ADMIN, FLEET), _of(ADMIN, SUPPORT, FLEET)
_OPERATOR, _ALL = _of(ADMIN, OPERATOR), _of(*ROLES)
_OWNERS, _STAFF = _of(HOUSEHOLD), _of(*ROLES) - {CUSTOMER}

ROWS: dict[str, Row] = {
    # the way in
    "GET /health": _NOBODY_NEEDED,
    "GET /ready": _NOBODY_NEEDED,
    "GET /start/{token}": _NOBODY_NEEDED,
    "GET /sign-in": _NOBODY_NEEDED,
    "POST /sign-in": _NOBODY_NEEDED,
    "POST /sign-in/passkey/options": _NOBODY_NEEDED,
    "POST /sign-in/passkey": _NOBODY_NEEDED,
    "GET /sign-in/firm": _NOBODY_NEEDED,
    "GET /sign-in/firm/back": _NOBODY_NEEDED,
    "GET /invitation/{token}": _NOBODY_NEEDED,
    "POST /invitation/{token}": _NOBODY_NEEDED,
    "POST /invitation/{token}/passkey/options": _NOBODY_NEEDED,
    "POST /invitation/{token}/passkey": _NOBODY_NEEDED,
    "GET /.well-known/security.txt": _NOBODY_NEEDED,
    "GET /api/receipts/key": _NOBODY_NEEDED,
    "GET /api/receipts/{receipt}": _NOBODY_NEEDED,
    "POST /sign-out": Row(_ALL),
    "GET /account": Row(_STAFF),
    "POST /api/account/passkeys/options": Row(_ALL),
    "POST /api/account/passkeys": Row(_ALL),
    "GET /api/openapi.json": Row(_ALL),
    # staff and what they did
    "GET /staff": Row(_ADMIN),
    "POST /staff": Row(_ADMIN, "invited somebody to the staff"),
    "POST /staff/{name}/remove": Row(_ADMIN, "removed somebody from the staff"),
    "GET /api/staff": Row(_ADMIN),
    "POST /api/staff": Row(_ADMIN, "invited somebody to the staff"),
    "DELETE /api/staff/{name}": Row(_ADMIN, "removed somebody from the staff"),
    "GET /audit": Row(_AUDIT, "read the audit"),
    "GET /api/audit": Row(_AUDIT, "read the audit"),
    # operation
    "GET /api/backup": Row(_OPERATOR, "made a backup"),
    "GET /metrics": Row(_OPERATOR),
    "GET /api/hooks": Row(_OPERATOR),
    "GET /api/hooks/dead": Row(_DESK, "looked at messages that were given up"),
    "GET /api/changes": Row(_DESK),
    # finding people
    "GET /": Row(_DESK, "searched"),
    "GET /customers/new": Row(_DESK),
    "POST /customers/new": Row(_DESK, "began with a customer"),
    "GET /api/customers": Row(_DESK, "searched"),
    "POST /api/customers": Row(_DESK, "began with a customer"),
    "POST /api/imports": Row(_DESK, "took in what another hub exported"),
    # one person: reading
    "GET /customers/{customer}": Row(_DESK, "looked at everything known"),
    "GET /customers/{customer}/forget": Row(_DESK, "looked at the name"),
    "GET /api/customers/{customer}": Row(_DESK, "looked at everything known"),
    "GET /api/customers/{customer}/timeline": Row(_DESK, "looked at what happened"),
    "GET /api/customers/{customer}/credential": Row(_DESK, "took the companion's credential"),
    "GET /api/customers/{customer}/export": Row(_DESK, "exported everything"),
    "GET /api/customers/{customer}/export.zip": Row(_DESK, "exported everything"),
    "GET /api/customers/{customer}/wishes/{number}": Row(_DESK, "looked at a wish"),
    "GET /api/customers/{customer}/visits/{line}/decision": Row(_DESK, "looked at a decision"),
    "GET /api/customers/{customer}/insight": Row(_DESK, "looked at the use"),
    "GET /api/customers/{customer}/consents": Row(_DESK, "looked at the consents"),
    "GET /api/customers/{customer}/consents/history": Row(_DESK, "looked at the consents"),
    "GET /near": Row(_of(ADMIN, SUPPORT, CUSTOMER)),
    "GET /near/words": Row(_of(ADMIN, SUPPORT, CUSTOMER)),
    "GET /api/customers/{customer}/preferences": Row(_DESK, "looked at the preferences"),
    "GET /api/customers/{customer}/questions": Row(_DESK, "looked at what was asked"),
    "GET /api/customers/{customer}/messages": Row(_DESK, "looked at the messages"),
    "GET /api/customers/{customer}/services": Row(_DESK, "looked at the use"),
    # one person: stating why, before
    "GET /customers/{customer}/reason": Row(_DESK),
    "POST /customers/{customer}/reason": Row(_DESK),
    "POST /customers/{customer}/unmask": Row(_DESK),
    "POST /customers/{customer}/close": Row(_DESK),
    # one person: changing
    "POST /customers/{customer}/invitation": Row(_DESK, "invited to sign in"),
    "POST /api/customers/{customer}/invitation": Row(_DESK, "invited to sign in"),
    "POST /customers/{customer}/devices": Row(_DESK, "linked a device"),
    "POST /api/customers/{customer}/devices": Row(_DESK, "linked a device"),
    "POST /customers/{customer}/devices/{device}/unlink": Row(_DESK, "unlinked a device"),
    "DELETE /api/customers/{customer}/devices/{device}": Row(_DESK, "unlinked a device"),
    "POST /customers/{customer}/wishes": Row(_DESK, "asked for a setting"),
    "POST /api/customers/{customer}/wishes": Row(_DESK, "asked for a setting"),
    "POST /customers/{customer}/rules": Row(_DESK, "changed what is learned"),
    "POST /api/customers/{customer}/rules": Row(_DESK, "changed what is learned"),
    "POST /customers/{customer}/undo": Row(_DESK, "undid something"),
    "POST /api/customers/{customer}/undo": Row(_DESK, "undid something"),
    "POST /customers/{customer}/revoke": Row(_DESK, "revoked a phone"),
    "POST /api/customers/{customer}/revoke": Row(_DESK, "revoked a phone"),
    "POST /api/customers/{customer}/consents": Row(_DESK, "changed a consent"),
    "PUT /api/customers/{customer}/preferences/{name}": Row(_DESK, "changed a preference"),
    "POST /api/customers/{customer}/questions/next": Row(_DESK, "asked a question"),
    "POST /api/customers/{customer}/questions/{question}/answer": Row(_DESK, "answered for them"),
    "POST /api/customers/{customer}/questions/{question}/refuse": Row(_DESK, "refused for them"),
    "POST /api/customers/{customer}/messages/{number}/again": Row(_DESK, "sent a message again"),
    "POST /api/customers/{customer}/proof": Row(_DESK, "made a code for linking"),
    "POST /api/customers/{customer}/identities": Row(_DESK, "linked an identity"),
    "DELETE /api/customers/{customer}/identities": Row(_DESK, "parted an identity"),
    "POST /customers/{customer}/forget": Row(_DESK, "forgot the customer"),
    "POST /api/customers/{customer}/erasures": Row(_DESK, "erased the customer"),
    "DELETE /api/customers/{customer}": Row(_DESK, "forgot the customer"),
    # one person: what the desk shows and does besides
    "GET /customers/{customer}/times/{product}": Row(_DESK, "looked at everything known"),
    "GET /customers/{customer}/visits/{line}": Row(_DESK, "looked at why"),
    "POST /customers/{customer}/visits/{line}/mistaken": Row(_DESK, "corrected who it was"),
    "POST /customers/{customer}/devices/{device}/replace": Row(_DESK, "replaced a device"),
    "POST /customers/{customer}/devices/{device}/guests": Row(_DESK, "let a guest in"),
    "POST /customers/{customer}/identities": Row(_DESK, "linked an identity"),
    "POST /customers/{customer}/part": Row(_DESK, "parted an identity"),
    "POST /customers/{customer}/notes": Row(_DESK, "wrote a note"),
    "POST /customers/{customer}/notes/{number}/remove": Row(_DESK, "removed a note"),
    "GET /api/customers/{customer}/notes": Row(_DESK, "looked at the notes"),
    "POST /api/customers/{customer}/notes": Row(_DESK, "wrote a note"),
    "DELETE /api/customers/{customer}/notes/{number}": Row(_DESK, "removed a note"),
    "GET /api/customers/{customer}/visits/{line}": Row(_DESK, "looked at why"),
    "POST /api/customers/{customer}/visits/{line}/mistaken": Row(_DESK, "corrected who it was"),
    "GET /api/customers/{customer}/tables/{table}": Row(_DESK, "looked at everything known"),
    "GET /api/devices/{device}/tables/{table}": Row(_DESK, "looked at a device and its people"),
    "GET /api/tables/customers.csv": Row(_DESK, "searched"),
    "GET /api/tables/devices.csv": Row(_UNITS),
    "GET /api/tables/updates.csv": Row(_UNITS),
    # devices
    "GET /devices/{device}": Row(_DESK, "looked at a device and its people"),
    "GET /api/devices": Row(_UNITS),
    "POST /api/devices": Row(_FLEET, "registered a device"),
    "POST /api/devices/manifests": Row(_FLEET, "took in a batch of devices"),
    "GET /api/devices/{device}": Row(_DESK, "looked at a device and its people"),
    "POST /api/devices/{device}/challenge": Row(_DESK),
    "POST /api/devices/{device}/claim": Row(_DESK, "claimed a device for a customer"),
    "POST /api/devices/{device}/reset": Row(_DESK, "told of a reset device"),
    "POST /api/devices/{device}/lost": Row(_DESK, "reported a device lost"),
    "POST /api/devices/{device}/replace": Row(_DESK, "replaced a device"),
    "GET /api/devices/{device}/members": Row(_DESK, "looked at a device and its people"),
    "POST /api/devices/{device}/members": Row(_DESK, "invited somebody to a device"),
    "PUT /api/devices/{device}/members/{customer}/by-hand": Row(_DESK, "said who is chosen"),
    "DELETE /api/devices/{device}/members/{customer}": Row(_DESK, "dismissed from a device"),
    # all of them together: counts, and never of fewer than ten people
    "GET /insight": Row(_FLEET),
    "POST /insight": Row(_FLEET),
    "GET /api/insight": Row(_DESK, "looked who may need help"),
    "POST /api/insight": Row(_FLEET),
    "GET /api/insight/{product}": Row(_UNITS),
    "GET /api/insight/{product}/differences.csv": Row(_UNITS),
    "GET /api/insight/{product}/differences.svg": Row(_UNITS),
    "GET /updates": Row(_UNITS),
    "GET /updates/{product}": Row(_UNITS),
    "POST /updates/{product}/stop": Row(_UNITS, "stopped an update"),
    "POST /updates/{product}/go": Row(_FLEET, "went on with an update"),
    "GET /api/updates": Row(_UNITS),
    "POST /api/updates": Row(_FLEET, "published an update"),
    "GET /api/updates/{product}": Row(_UNITS),
    "POST /api/updates/{product}/go": Row(_FLEET, "went on with an update"),
    "POST /api/updates/{product}/stop": Row(_UNITS, "stopped an update"),
    # the customer's own: of the session's customer, whoever the path names
    "GET /mine": Row(_MINE),
    "GET /mine/history": Row(_MINE),
    "GET /mine/choices": Row(_MINE),
    "GET /mine/home": Row(_MINE),
    "GET /mine/data": Row(_MINE),
    "GET /mine/erase": Row(_MINE),
    "GET /mine/account": Row(_MINE),
    "GET /mine/export.json": Row(_MINE),
    "GET /mine/export.zip": Row(_MINE),
    "POST /mine/wishes": Row(_MINE),
    "POST /mine/rules": Row(_MINE),
    "POST /mine/undo": Row(_MINE),
    "POST /mine/answers": Row(_MINE),
    "POST /mine/consents": Row(_MINE),
    "POST /mine/preferences": Row(_MINE),
    "POST /mine/guest-code": Row(_MINE),
    "POST /mine/devices/{device}/members": Row(_OWNERS),
    "POST /mine/devices/{device}/dismiss": Row(_OWNERS),
    "POST /mine/devices/{device}/leave": Row(_MINE),
    "POST /mine/revoke": Row(_MINE),
    "POST /mine/add": Row(_MINE),
    "POST /mine/erase": Row(_MINE),
    "GET /mine/receipt/{receipt}": _NOBODY_NEEDED,
    "GET /mine/receipt/{receipt}/file": _NOBODY_NEEDED,
    "GET /api/me": Row(_MINE),
    "GET /api/me/timeline": Row(_MINE),
    "GET /api/me/changes": Row(_MINE),
    "GET /api/me/credential": Row(_MINE),
    "GET /api/me/export": Row(_MINE),
    "GET /api/me/looked": Row(_MINE),
    "GET /api/me/preferences": Row(_MINE),
    "PUT /api/me/preferences/{name}": Row(_MINE),
    "GET /api/me/question": Row(_MINE),
    "POST /api/me/question/{question}": Row(_MINE),
    "POST /api/me/erasure": Row(_MINE),
    "POST /api/me/wishes": Row(_MINE),
    "POST /api/me/rules": Row(_MINE),
    "POST /api/me/undo": Row(_MINE),
    "GET /api/me/consents": Row(_MINE),
    "POST /api/me/consents": Row(_MINE),
    "POST /api/me/devices/{device}/challenge": Row(_MINE),
    "POST /api/me/devices/{device}/claim": Row(_MINE),
}


def row_of(method: str, template: str) -> Row | None:
    """The row of a route; None for one that nobody may ask."""
    return ROWS.get(f"{method} {template}")


def is_open(path: str) -> bool:
    """May strangers ask this path, by some method?"""
    return _OPEN.fullmatch(path) is not None


def _pattern(template: str) -> str:
    return re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))


_OPEN = re.compile("|".join(_pattern(name.split()[1]) for name in ROWS if ROWS[name].everybody))

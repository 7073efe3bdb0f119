"""Who may say and hear what at the embedded broker, as nats-server's configuration has it.

A device writes below its own `up` and reads below its own `down`; the hub the other way round, and
it broadcasts what only the reader hears (hub/relation/hooks_out.py).
"""

import json
from collections.abc import Iterable

from hub.link import HOOKS

_USER = (
    "  {{user: {name}, allowed_connection_types: [MQTT],"
    " permissions: {{publish: {publish}, subscribe: {subscribe}}}}}"
)


def users(hub: str, reader: str, devices: Iterable[str]) -> str:
    """hub, reader: the common names of their certificates; a device's is its id."""
    lines = [
        _user(hub, ["rapport.*.down.>", f"{HOOKS}.*"], "rapport.*.up.>"),
        _user(reader, [], f"{HOOKS}.*"),
    ]
    for device in sorted(devices):
        down = f"rapport.{device}.down"
        # MQTT's x/down/# means x/down itself as well.
        lines.append(_user(device, [f"rapport.{device}.up.>"], down, f"{down}.>"))
    return "\n".join(lines)


def _user(name: str, publish: list[str], *subscribe: str) -> str:
    may_publish = json.dumps(publish) if publish else '{deny: ">"}'
    subject = json.dumps(f"CN={name}")
    return _USER.format(name=subject, publish=may_publish, subscribe=json.dumps(subscribe))

"""How a device looks in Home Assistant, by its MQTT discovery.

    found = entities(Look("lamp-1", "Ana's lamp", lamp, settings=True))    # {topic: document}
    state(device, settings)                                  # what stands at Look.state

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery. Whether it is online, and each
counter, are the device's own. A setting is a person's: there are entities for settings only where
the home shows those of one owner, and none of them says whose they are.

A number becomes a number, a choice a select, a switch a switch, and a time or a colour a text:
Home Assistant's light has to be switched on and off, which no setting here is.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from protocol.product import Counter, Product

Json = dict[str, Any]

ROOT = "rapport-home"
STATUS = f"{ROOT}/status"
UP, DOWN = b"online", b"offline"
_DURATIONS = ("s", "min", "h", "d")


class Look(NamedTuple):
    """settings: show those of an owner; prefix: where Home Assistant looks for documents."""

    device: str
    title: str
    product: Product
    settings: bool = False
    prefix: str = "homeassistant"

    @property
    def state(self) -> str:
        return f"{ROOT}/{self.device}/state"

    def command(self, setting: str) -> str:
        return f"{ROOT}/{self.device}/set/{setting}"


def entities(look: Look) -> dict[str, Json]:
    """{topic: document} of all that Home Assistant is to show of a device."""
    found = [("binary_sensor", "online", _ONLINE)]
    found += [("sensor", one.name, _counter(one)) for one in look.product.counters]
    if look.settings:
        found += [_setting(look, one) for one in look.product.settings if not one.retired]
    return {
        f"{look.prefix}/{component}/{look.device}/{name}/config": _common(look, name) | document
        for component, name, document in found
    }


def state(online: bool, totals: Mapping[str, int], settings: Iterable[tuple[str, Any]]) -> bytes:
    """What is said at Look.state; settings: (name, value) as people see it."""
    shown = {name: _shown(value) for name, value in settings}
    stands = {"online": "ON" if online else "OFF", "totals": dict(totals), "settings": shown}
    return orjson.dumps(stands, option=orjson.OPT_SORT_KEYS)


def command(topic: str) -> tuple[str, str]:
    """(device, setting) of what Home Assistant asks for at a topic, or ValueError."""
    parts = topic.split("/")
    if len(parts) != 4 or parts[0] != ROOT or parts[2] != "set":
        raise ValueError(f"{topic[:80]!r} asks for no setting")
    return parts[1], parts[3]


def _common(look: Look, name: str) -> Json:
    return {
        "name": name.replace("_", " ").capitalize(),
        "unique_id": f"rapport_{look.device}_{name}",
        "state_topic": look.state,
        "availability_topic": STATUS,
        "qos": 1,
        "device": {
            "identifiers": [f"rapport_{look.device}"],
            "name": look.title,
            "model": look.product.title,
        },
        "origin": {"name": "Rapport"},
    }


_ONLINE: Json = {
    "device_class": "connectivity",
    "entity_category": "diagnostic",
    "value_template": "{{ value_json.online }}",
}


def _counter(counter: Counter) -> Json:
    unit = {"unit_of_measurement": counter.unit} if counter.unit else {}
    duration = {"device_class": "duration"} if counter.unit in _DURATIONS else {}
    template = f"{{{{ value_json.totals.{counter.name} | default(0) }}}}"
    return {"state_class": "total_increasing", "value_template": template} | unit | duration


def _setting(look: Look, setting: Any) -> tuple[str, str, Json]:
    kind, more = _as(setting)
    topics = {
        "command_topic": look.command(setting.name),
        "value_template": f"{{{{ value_json.settings.{setting.name} }}}}",
    }
    return kind, f"set_{setting.name}", topics | {"name": _name(setting)} | more


def _name(setting: Any) -> str:
    return setting.name.replace("_", " ").capitalize()


def _as(setting: Any) -> tuple[str, Json]:
    if setting.kind == "number":
        unit = {"unit_of_measurement": setting.unit} if setting.unit else {}
        return "number", {"min": setting.low, "max": setting.high, "step": setting.step} | unit
    if setting.kind == "choice":
        return "select", {"options": list(setting.options)}
    if setting.kind == "switch":
        return "switch", {"payload_on": "on", "payload_off": "off"}
    if setting.kind == "time":
        return "text", {"min": 5, "max": 5, "pattern": "([01][0-9]|2[0-3]):[0-5][0-9]"}
    return "text", {"min": 7, "max": 7, "pattern": "#[0-9a-fA-F]{6}"}


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value

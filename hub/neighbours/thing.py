"""A device or product as a W3C Thing Description 1.1: what may be read and done, by which route.

    description("lamp-1", "Ana's lamp", lamp, "https://rapport.example.org")    # of a device
    model(lamp)                                                      # of a product: a Thing Model

https://www.w3.org/TR/wot-thing-description11/. A setting is a person's here, not a device's: it is
no property that stands somewhere, but an action, a wish of the customer that is named. What people
do with the device is not in it, and nobody's name.
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from protocol.product import Counter, Product

Json = dict[str, Any]

_CONTEXT = "https://www.w3.org/2022/wot/td/v1.1"
_MODEL = "tm:ThingModel"
_DEVICE, _TITLE, _HUB = "{{DEVICE}}", "{{TITLE}}", "{{HUB}}"  # filled in for each device
_JSON = "application/json"
_CUSTOMER: Json = {"type": "string", "description": "The id of whose wish it is."}


def model(product: Product) -> Json:
    """The Thing Model of a product, with {{DEVICE}}, {{TITLE}} and {{HUB}} to be filled in."""
    thing = _thing(_DEVICE, _TITLE, product, _HUB)
    del thing["id"]
    version = {"model": str(product.version)}
    return thing | {"@type": _MODEL, "title": product.title, "version": version}


def description(device: str, title: str, product: Product, hub: str) -> Json:
    """The Thing Description of a device; hub: the origin of the hub, like https://rapport.example."""
    return _thing(device, title, product, hub)


def _thing(device: str, title: str, product: Product, hub: str) -> Json:
    return {
        "@context": _CONTEXT,
        "id": uuid5(NAMESPACE_URL, f"{hub}/devices/{device}").urn,
        "title": title,
        "description": f"{product.title}, version {product.version} of its settings.",
        "version": {"instance": str(product.version)},
        "base": f"{hub}/",
        "securityDefinitions": {"key": _KEY},
        "security": "key",
        "properties": {"status": _status(device, product)},
        "actions": {f"wish_{one.name}": _wish(product, one) for one in _settings(product)},
        "events": {"changed": _CHANGED},
    }


_KEY: Json = {
    "scheme": "bearer",
    "in": "header",
    "name": "Authorization",
    "format": "opaque",
    "description": "The key of the hub's staff.",
}
_CHANGED: Json = {
    "title": "Something changed at a device or for a customer",
    "data": {"type": "string", "description": "The id of which device or customer."},
    "forms": [
        {
            "href": "api/changes",
            "contentType": "text/event-stream",
            "subprotocol": "sse",
            "op": ["subscribeevent", "unsubscribeevent"],
        }
    ],
}


def _settings(product: Product) -> list[Any]:
    return [one for one in product.settings if not one.retired]


def _status(device: str, product: Product) -> Json:
    """As GET /api/devices/<id> answers it."""
    totals = {one.name: _counter(one) for one in product.counters}
    return {
        "title": "How it is",
        "type": "object",
        "readOnly": True,
        "properties": {
            "id": {"type": "string"},
            "product": {"const": product.name},
            "title": {"type": "string"},
            "online": {"type": "boolean"},
            "last_seen_ms": _or_nothing({"type": "integer", "unit": "ms since 1970"}),
            "version": _or_nothing({"type": "integer"}),
            "totals": {"type": "object", "properties": totals},
        },
        "required": ["id", "product", "online", "totals"],
        "forms": [{"href": f"api/devices/{device}", "contentType": _JSON, "op": "readproperty"}],
    }


def _counter(counter: Counter) -> Json:
    unit = {"unit": counter.unit} if counter.unit else {}
    return {"type": "integer", "minimum": 0} | unit


def _or_nothing(schema: Json) -> Json:
    return {"oneOf": [schema, {"type": "null"}]}


def _wish(product: Product, setting: Any) -> Json:
    """As POST /api/customers/<id>/wishes takes it."""
    wish = {
        "product": {"const": product.name},
        "setting": {"const": setting.name},
        "value": value(setting),
        "by": {"type": "string", "maxLength": 64},
        "reason": {"type": "string", "maxLength": 200},
    }
    return {
        "title": f"Ask for {setting.name}",
        "description": "At every device of this product that the customer has.",
        "uriVariables": {"customer": _CUSTOMER},
        "input": {
            "type": "object",
            "properties": wish,
            "required": ["product", "setting", "value", "by"],
        },
        "safe": False,
        "idempotent": False,
        "forms": [
            {
                "href": "api/customers/{customer}/wishes",
                "contentType": _JSON,
                "op": "invokeaction",
                "htv:methodName": "POST",
            }
        ],
    }


def value(setting: Any) -> Json:
    """What a setting can be, as people and files say it (protocol/schema.py)."""
    if setting.kind == "number":
        bounds = {"minimum": setting.low, "maximum": setting.high, "default": setting.start}
        unit = {"unit": setting.unit} if setting.unit else {}
        return {"type": "integer"} | bounds | unit
    if setting.kind == "choice":
        return {"type": "string", "enum": list(setting.options)}
    if setting.kind == "switch":
        return {"type": "boolean"}
    if setting.kind == "time":
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
    return {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}

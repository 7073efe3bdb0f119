"""What the hub says and hears over MQTT, as an AsyncAPI 3 document made from the protocol's code.

    document("0.1.0")                       # a dict for JSON

https://www.asyncapi.com/docs/reference/specification/v3.0.0. The application is the hub: it
receives what devices write, and sends what they read. A payload is CBOR (RFC 8949); its schema says
a byte string as a text of format binary, one character for each byte, and a map as an object.
"""

from collections.abc import Callable
from typing import Any

from hub.link import HOOKS
from hub.relation.hooks import EVENTS
from protocol import VERSION, down, topics, up, update
from protocol.errors import ProtocolError
from protocol.messages import MAX_BYTES
from protocol.rsa import KEY_BYTES

Json = dict[str, Any]

_SHAPES = up.SHAPES | down.SHAPES | update.SHAPES
_MQTT = {"qos": 1, "bindingVersion": "0.2.0"}
_NOTHING: list[Json] = [{"type": "null"}]
_KINDS: tuple[tuple[Json, tuple[Any, ...]], ...] = (  # what a field may be, and examples to try
    ({"type": "integer", "minimum": 0}, (0, 16)),
    ({"type": "string"}, ("a",)),
    ({"type": "array"}, ([], [0, 0, 0], [b"\0" * 8, 0, 0], [16, [], b"\0" * 16, b"\0" * 32, 0])),
    ({"type": "object"}, ({},)),
)
_BYTES = (0, 1, 4, 8, 16, 32, KEY_BYTES)
_PACKED: Json = {
    "name": topics.PACKED,
    "contentType": "application/octet-stream",
    "summary": "Events, packed as protocol/packed.py says, to a hub whose welcome reads them.",
    "payload": {"type": "string", "format": "binary", "minLength": 2, "maxLength": MAX_BYTES},
}
_HOOK: Json = {  # of hub/relation/hooks_out.py
    "id": {"type": "string", "description": "The same id: the same message, told again."},
    "event": {"enum": list(EVENTS)},
    "at_ms": {"type": "integer"},
    "customer": {"type": "string"},
    "channel": {"type": "string"},
    "text": {"type": "string"},
    "details": {"type": "object"},
}


def document(version: str) -> Json:
    """The whole document; version: of the hub."""
    channels, operations, messages = dict[str, Json](), dict[str, Json](), dict[str, Json]()
    for way, kinds, action in (
        ("up", topics.UP_KINDS, "receive"),
        ("down", topics.DOWN_KINDS, "send"),
    ):
        for kind in kinds:
            name, address = f"{way}_{kind}", f"rapport/{{device}}/{way}/{kind}"
            messages[kind] = _message(kind)
            channels[name] = _channel(address, kind) | {"parameters": {"device": _DEVICE}}
            operations[f"{action}_{kind}"] = _operation(action, name, kind)
    messages["hook"] = _hook()
    for event in EVENTS:
        channels[f"hook_{event}"] = _channel(f"{HOOKS}/{event}", "hook")
        operations[f"tell_{event}"] = _operation("send", f"hook_{event}", "hook")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Rapport hub over MQTT",
            "version": version,
            "description": "Devices speak to the hub, and it to them. A device may write below"
            " rapport/<its id>/up and read below rapport/<its id>/down, and nothing else.",
        },
        "defaultContentType": "application/cbor",
        "servers": {"broker": _SERVER},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "securitySchemes": {"certificate": _CERTIFICATE}},
    }


_SERVER: Json = {
    "host": "{host}:8883",
    "protocol": "secure-mqtt",
    "protocolVersion": "3.1.1",
    "variables": {"host": {"default": "127.0.0.1", "description": "RAPPORT_BROKER_NAMES"}},
    "security": [{"$ref": "#/components/securitySchemes/certificate"}],
}
_CERTIFICATE: Json = {
    "type": "X509",
    "description": "A client is who its certificate says, whatever name it gives itself.",
}
_DEVICE: Json = {"description": "Its id: 1 to 32 of a-z, 0-9 and hyphen."}


def _channel(address: str, message: str) -> Json:
    return {
        "address": address,
        "servers": [{"$ref": "#/servers/broker"}],
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
    }


def _operation(action: str, channel: str, message: str) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{message}"}],
        "bindings": {"mqtt": _MQTT | {"retain": message == topics.ONLINE}},
    }


def _message(kind: str) -> Json:
    if kind == topics.ONLINE:
        online = {"enum": ["1", "0"], "description": "0 is its last will; retained."}
        return {"name": kind, "contentType": "text/plain", "payload": online}
    if kind == topics.PACKED:
        return _PACKED
    return {
        "name": kind,
        "contentType": "application/cbor",
        "summary": f"At most {MAX_BYTES} bytes; fields after those named are of newer versions.",
        "payload": _fields(_SHAPES[kind][1]),
    }


def _hook() -> Json:
    payload = {"type": "object", "properties": _HOOK, "required": sorted(_HOOK)}
    return {"name": "hook", "contentType": "application/json", "payload": payload}


def _fields(shape: Any) -> Json:
    """An array: the version, and each field as what its check lets through."""
    told = [_field(name, check) for name, check in shape]
    may_lack = 0
    while may_lack < len(told) and _NOTHING[0] in told[-1 - may_lack].get("anyOf", ()):
        may_lack += 1
    items = [{"const": VERSION, "title": "version of the protocol"}, *told]
    return {"type": "array", "items": items, "minItems": len(items) - may_lack}


def _field(name: str, check: Callable[[Any], Any]) -> Json:
    kinds = [kind for kind, tries in _KINDS if any(_passes(check, one) for one in tries)]
    sizes = [size for size in _BYTES if _passes(check, b"\0" * size)]
    if sizes:
        exact = {"minLength": sizes[0], "maxLength": sizes[0]} if len(sizes) == 1 else {}
        kinds.append({"type": "string", "format": "binary"} | exact)
    if not kinds:
        return {"title": name}
    if _passes(check, None):
        return {"title": name, "anyOf": kinds + _NOTHING}
    return {"title": name} | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds})


def _passes(check: Callable[[Any], Any], value: Any) -> bool:
    try:
        check(value)
    except (ProtocolError, TypeError, IndexError):
        return False
    return True

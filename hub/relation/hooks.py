"""Where messages about people go: systems of the firm's, told in a file of the hub's operator.

    hooks = read_hooks(Path("hooks.json"))
    [{"name": "crm", "url": "https://crm.example/rapport", "secret": "...", "events": ["service"]},
     {"name": "bus", "mqtt": true, "events": ["service"]}]

A webhook is a POST of JSON with the header Rapport-Signature: t=<seconds since 1970>,v1=<hex>. In
it, v1 is HMAC-SHA-256 (RFC 2104) over "<t>.<body>" under the hook's secret: see `verify`.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hub.listed import read_list

SERVICE, QUESTION, NOTICE = "service", "question", "notice"
EVENTS = (SERVICE, QUESTION, NOTICE)
SIGNATURE = "Rapport-Signature"
TOLERANCE_S = 300  # a signature that is older was perhaps recorded, and is sent again

_LEAST_SECRET = 16  # characters
_MOST_HOOKS = 16
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NAME = re.compile("[a-z0-9-]{1,32}")
_SIGNED = re.compile("t=([0-9]{1,12}),v1=([0-9a-f]{64})")


class HookFileError(Exception):
    """The file of hooks cannot be used; the text says what is wrong, and never a secret."""


@dataclass(frozen=True, slots=True)
class Hook:
    """url: "" for one that is told by MQTT, at the topic rapport-hooks/<event>."""

    name: str
    events: frozenset[str]
    url: str = ""
    secret: str = field(default="", repr=False)


def read_hooks(path: Path) -> tuple[Hook, ...]:
    """Raises HookFileError."""
    return read_list(path, "hook", _MOST_HOOKS, _read, HookFileError)


def sign(secret: str, body: bytes, now_s: int) -> str:
    """The value of the header."""
    return f"t={now_s},v1={_mac(secret, body, now_s)}"


def verify(secret: str, header: str, body: bytes, now_s: int) -> bool:
    """Is this body from who has the secret, and was it sent just now?"""
    found = _SIGNED.fullmatch(header)
    if not found or abs(now_s - int(found[1])) > TOLERANCE_S:
        return False
    return hmac.compare_digest(_mac(secret, body, int(found[1])), found[2])


def _mac(secret: str, body: bytes, at_s: int) -> str:
    return hmac.new(secret.encode(), b"%d." % at_s + body, hashlib.sha256).hexdigest()


def _read(line: dict[str, Any], place: str) -> Hook:
    unknown = set(line) - {"name", "url", "secret", "events", "mqtt"}
    if unknown:
        raise HookFileError(f"{place}: {', '.join(sorted(unknown))} is not known here")
    events = line.get("events")
    if not isinstance(events, list) or not events or not {*map(str, events)} <= {*EVENTS}:
        raise HookFileError(f"{place}: events: some of {', '.join(EVENTS)} are wanted")
    name = line.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise HookFileError(f"{place}: name: 1 to 32 of a-z, 0-9 and - are wanted")
    if line.get("mqtt") is True and not line.keys() & {"url", "secret"}:
        return Hook(name, frozenset(events))
    return Hook(name, frozenset(events), _url(line.get("url"), place), _secret(line, place))


def _url(url: Any, place: str) -> str:
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        port, host = parts.port, parts.hostname  # a port that is none raises here
    except ValueError:
        parts, port, host = urlsplit(""), None, None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not safe or not host or port == 0 or parts.username is not None:
        raise HookFileError(f"{place}: url: an address with https:// is wanted, or mqtt: true")
    return str(url)


def _secret(line: Any, place: str) -> str:
    secret = line.get("secret")
    if not isinstance(secret, str) or len(secret) < _LEAST_SECRET:
        raise HookFileError(f"{place}: secret: at least {_LEAST_SECRET} characters are wanted")
    return secret

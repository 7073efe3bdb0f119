"""Which homes with Home Assistant are told of which devices: a file of the hub's operator.

    homes = read_homes(Path("homes.json"))
    [{"name": "ana", "host": "ha.example.org", "user": "rapport", "password": "...",
      "devices": {"lamp-1": "c-7f3a01020304", "esp-1": null}}]

A device stands with its owner whose settings are shown and may be asked for there, or with null for
none: then nothing that is about a person leaves. The broker is that home's own, never the one of
the devices. It is spoken to by TLS unless "tls" is false; "ca" is a file of its authority.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.listed import read_list
from protocol.topics import is_device

_MOST = 64
_FIELDS = {"name", "host", "port", "tls", "ca", "user", "password", "prefix", "devices"}


class HomeFileError(Exception):
    """The file of homes cannot be used; the text says what is wrong, and never a password."""


@dataclass(frozen=True, slots=True)
class Home:
    """devices: {id: whose settings are shown, or None}; prefix: of Home Assistant's discovery."""

    name: str
    host: str
    devices: Mapping[str, str | None]
    port: int = 8883
    tls: bool = True
    ca: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    prefix: str = "homeassistant"


def read_homes(path: Path) -> tuple[Home, ...]:
    """Raises HomeFileError."""
    return read_list(path, "home", _MOST, _read, HomeFileError)


def _read(line: dict[str, Any], place: str) -> Home:
    if unknown := set(line) - _FIELDS:
        raise HomeFileError(f"{place}: {', '.join(sorted(unknown))} is not known here")
    for name in ("name", "host"):
        if not isinstance(line.get(name), str) or not line[name]:
            raise HomeFileError(f"{place}: {name}: a text is wanted")
    for name in ("ca", "user", "password", "prefix"):
        if not isinstance(line.get(name, ""), str):
            raise HomeFileError(f"{place}: {name}: a text is wanted")
    if not isinstance(line.get("tls", True), bool):
        raise HomeFileError(f"{place}: tls: true or false is wanted")
    if line.get("ca") and not Path(line["ca"]).is_file():
        raise HomeFileError(f"{place}: ca: there is no file {line['ca']}")
    _check_port(line.get("port", 8883), place)
    _check_prefix(line.get("prefix", "homeassistant"), place)
    known: dict[str, Any] = line | {"devices": _devices(line.get("devices"), place)}
    return Home(**known)


def _check_port(port: Any, place: str) -> None:
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 1 << 16:
        raise HomeFileError(f"{place}: port: 1 to 65535 is wanted")


def _check_prefix(prefix: str, place: str) -> None:
    if not prefix or {*prefix} & {*"+#"} or prefix.split("/")[0] == "rapport":
        raise HomeFileError(f"{place}: prefix: a topic like homeassistant is wanted")


def _devices(devices: Any, place: str) -> dict[str, str | None]:
    if not isinstance(devices, dict) or not devices:
        raise HomeFileError(f'{place}: devices: {{"<device>": "<owner>" or null}} is wanted')
    for device, owner in devices.items():
        if not is_device(device):
            raise HomeFileError(f"{place}: {device[:40]!r} is no device")
        if not (owner is None or (isinstance(owner, str) and owner)):
            raise HomeFileError(f"{place}: {device}: the id of its owner, or null, is wanted")
    return devices

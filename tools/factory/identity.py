"""Who one device is: everything that no other device has, and how it is called.

In files, on its label and in its NVS the same facts appear; `blobs` is what firmware/config.py
reads.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from hub import durable
from protocol.claim import secret

LONGEST_BLOB = 2048  # bytes, as firmware/config.py takes
_BINARY = ("certificate", "ca", "key")


class Identity(NamedTuple):
    """Key and certificates DER. Key, code and wifi are empty once the factory has forgotten them.

    broker: "host:port". wifi: "ssid\\0password". code: what stands on the label.
    """

    device: str
    product: str
    certificate: bytes
    ca: bytes
    broker: str
    key: bytes = b""
    code: str = ""
    wifi: str = ""

    def __repr__(self) -> str:
        """Without its secrets: a traceback or a log is no place for them."""
        return f"Identity({self.device})"

    @property
    def label(self) -> str:
        """As people read it: LMP-000123."""
        return self.device.upper()

    @property
    def is_whole(self) -> bool:
        return bool(self.key)

    def blobs(self) -> dict[str, bytes]:
        """{name: content} of NVS, namespace "rapport"."""
        return {
            "id": self.device.encode(),
            "product": self.product.encode(),
            "key": self.key,
            "cert": self.certificate,
            "ca": self.ca,
            "broker": self.broker.encode(),
            "wifi": self.wifi.encode(),
            **({"claim": secret(self.device, self.code)} if self.code else {}),
        }

    def forgotten(self) -> "Identity":
        """Without what only the device needs."""
        return self._replace(key=b"", code="", wifi="")


def write(folder: Path, identities: list[Identity]) -> None:
    """One file each, for their owner only; durable when it returns."""
    durable.replace_all([(_path(folder, one.device), _encoded(one)) for one in identities])


def read(folder: Path, device: str) -> Identity:
    said: dict[str, Any] = json.loads(_path(folder, device).read_bytes())
    for name in _BINARY:
        said[name] = bytes.fromhex(said[name])
    return Identity(**said)


def names(folder: Path) -> list[str]:
    """Of the devices whose identities are in a folder."""
    return sorted(path.stem for path in folder.glob("*.json"))


def _path(folder: Path, device: str) -> Path:
    return folder / f"{device}.json"


def _encoded(identity: Identity) -> bytes:
    binary = {name: getattr(identity, name).hex() for name in _BINARY}
    return json.dumps(identity._asdict() | binary).encode()

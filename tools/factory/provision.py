"""Makes devices' identities: a number, a key and its certificate, a code for the label.

    order = Order("lamp", "LMP", ca_der, "hub.example.org:8883", "Showroom", "password")
    batches = provision(open_line(folder), order, 1000, os.urandom, now_ms)

Nothing is shared between devices but what is no secret, and the Wi-Fi they join.
"""

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cryptography import x509

from hub.devices.claims import digest, new_code
from hub.devices.manifest import MOST_DEVICES, Made, Manifest, fingerprint, sign
from hub.link import issue
from tools.factory import batch
from tools.factory.authority import Line
from tools.factory.batch import Batch
from tools.factory.errors import FactoryError
from tools.factory.identity import LONGEST_BLOB, Identity

_PREFIX = re.compile("[A-Z][A-Z0-9]{1,7}")
_MOST = 100_000  # devices at a time
_HIGHEST = 999_999
_BROKER = re.compile(r"[A-Za-z0-9.-]{1,253}:([0-9]{1,5})")
_LONGEST_SSID, _LONGEST_PASSWORD = 32, 64  # bytes, IEEE 802.11


class Order(NamedTuple):
    """What devices are made as. ca: the authority of the hub's broker, DER; broker: host:port."""

    product: str
    prefix: str
    ca: bytes
    broker: str
    ssid: str
    password: str
    first: int = 1  # the lowest number, where this prefix has none yet

    def __repr__(self) -> str:
        """Without the password."""
        return f"Order({self.product}, {self.prefix})"


def provision(
    line: Line, order: Order, count: int, random: Callable[[int], bytes], now_ms: int
) -> list[Batch]:
    """`count` new identities in batches of at most MOST_DEVICES, each whole or not there."""
    _check(order)
    if not 1 <= count <= _MOST:
        raise FactoryError(f"{count} devices: 1 to {_MOST} at a time are made")
    with batch.adding(line.folder):
        return _make(line, order, count, random, now_ms)


def ca_of(content: bytes) -> bytes:
    """The DER of the broker's authority, out of a PEM file."""
    try:
        return issue.der(x509.load_pem_x509_certificate(content))
    except ValueError:
        raise FactoryError(
            "that is no certificate: take authority.pem of the hub's folder certificates"
        ) from None


def _make(
    line: Line, order: Order, count: int, random: Callable[[int], bytes], now_ms: int
) -> list[Batch]:
    first = _next_number(line.folder, order)
    if first + count - 1 > _HIGHEST:
        raise FactoryError(f"{order.prefix} has no {count} numbers left; take another prefix")
    names = [f"{order.prefix.lower()}-{number:06}" for number in range(first, first + count)]
    made = [_identity(line, order, name, random) for name in names]
    day = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.UTC).date().isoformat()
    shares = [made[start : start + MOST_DEVICES] for start in range(0, count, MOST_DEVICES)]
    return [_deliver(line, day, share, now_ms) for share in shares]


def _deliver(line: Line, day: str, made: list[Identity], now_ms: int) -> Batch:
    name = batch.next_name(line.folder, day)
    devices = tuple(_delivered(one) for one in made)
    manifest = Manifest(line.maker, line.name, name, now_ms, devices)
    return batch.keep(line.folder, name, made, sign(manifest, line.authority))


def _delivered(one: Identity) -> Made:
    key = x509.load_der_x509_certificate(one.certificate).public_key()
    assert isinstance(key, issue.PublicKey)
    return Made(one.device, one.product, digest(one.code), fingerprint(key))


def _identity(line: Line, order: Order, device: str, random: Callable[[int], bytes]) -> Identity:
    key = issue.new_key()
    certificate = issue.certify(device, key.public_key(), line.authority)
    return Identity(
        device,
        order.product,
        issue.der(certificate),
        order.ca,
        order.broker,
        issue.key_der(key),
        new_code(random),
        f"{order.ssid}\0{order.password}",
    )


def _next_number(line: Path, order: Order) -> int:
    own = f"{order.prefix.lower()}-"
    taken = [
        batch.number(device)
        for one in batch.batches(line)
        for device in one.devices()
        if device.startswith(own)
    ]
    return max([*taken, order.first - 1]) + 1


def _check(order: Order) -> None:
    if not _PREFIX.fullmatch(order.prefix):
        raise FactoryError(f"prefix {order.prefix!r}: 2 to 8 of A-Z and 0-9, a letter first")
    port = _BROKER.fullmatch(order.broker)
    if not port or not 0 < int(port[1]) < 65536:
        raise FactoryError(f"broker {order.broker!r}: host:port, as devices reach it")
    ssid, password = order.ssid.encode(), order.password.encode()
    if not 1 <= len(ssid) <= _LONGEST_SSID or b"\0" in ssid:
        raise FactoryError(f"Wi-Fi {order.ssid!r}: a name of 1 to {_LONGEST_SSID} bytes is wanted")
    if len(password) > _LONGEST_PASSWORD:
        raise FactoryError(f"Wi-Fi password: at most {_LONGEST_PASSWORD} bytes are wanted")
    if not 0 < len(order.ca) <= LONGEST_BLOB:
        raise FactoryError(f"the hub's authority: a certificate of at most {LONGEST_BLOB} bytes")
    if not 1 <= order.first <= _HIGHEST:
        raise FactoryError(f"first number {order.first}: 1 to {_HIGHEST}")

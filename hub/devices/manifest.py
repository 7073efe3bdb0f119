"""What a factory delivers: the devices of one batch, signed by the line that made them.

Two lines of text. The first is a JSON object, exactly as it was signed:

    {"maker": "Aurora", "line": "Aurora line 1", "batch": "2026-11-22-1", "made_ms": 1795300000000,
     "devices": [["lmp-000001", "lamp", SHA-256 of claim code, SHA-256 of public key], ...]}

The second says who signed: {"signature": hex of ECDSA over P-256 with SHA-256, "certificate": PEM
of the line}. The line is known by the manufacturer's root, which the hub's operator has to trust
first.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hub.errors import InvalidError
from hub.link.issue import Authority, name_of, pem
from protocol.topics import is_device

MOST_DEVICES = 1000  # of one manifest, which an upload to the hub has room for
_PURPOSE = b"rapport manifest 1\n"  # no other signature of a line can be taken for one of these
_ALGORITHM = ec.ECDSA(hashes.SHA256())
_HEX_LETTERS = frozenset("0123456789abcdef")


class Made(NamedTuple):
    """One device; both digests SHA-256, hex: of the claim code, of the public key (DER, SPKI)."""

    device: str
    product: str
    claim: str
    key: str


class Manifest(NamedTuple):
    maker: str
    line: str
    batch: str
    made_ms: int
    devices: tuple[Made, ...]
    line_pem: bytes = b""


def sign(manifest: Manifest, line: Authority) -> bytes:
    body = json.dumps(manifest._asdict() | {"line_pem": None}, separators=(",", ":")).encode()
    signer = {
        "signature": line.key.sign(_PURPOSE + body, _ALGORITHM).hex(),
        "certificate": pem(line.certificate).decode(),
    }
    return body + b"\n" + json.dumps(signer).encode() + b"\n"


def read(content: bytes, roots: Iterable[x509.Certificate]) -> Manifest:
    """The manifest, if a line of one of these manufacturers signed it; else InvalidError."""
    body, _, signer = content.partition(b"\n")
    try:
        said = json.loads(signer)
        signature = bytes.fromhex(said["signature"])
        line = x509.load_pem_x509_certificate(said["certificate"].encode())
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _wrong("is no manifest: a line of JSON and a signature are wanted") from None
    _check_line(line, list(roots))
    key = line.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(signature, _PURPOSE + body, _ALGORITHM)
    except InvalidSignature:
        raise _wrong("was changed after it was signed; ask the factory for it again") from None
    return _manifest(body, line)


def is_trusted(line: x509.Certificate, roots: Iterable[x509.Certificate]) -> bool:
    """True if one of these roots made it an authority for devices, and for none below it."""
    return any(_issued(root, line) for root in roots)


def fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).hexdigest()


def _check_line(line: x509.Certificate, roots: list[x509.Certificate]) -> None:
    if not roots:
        raise _wrong(
            "is of a manufacturer, and this hub trusts none yet: `rapport hub trust ROOT.pem`"
        )
    if not is_trusted(line, roots):
        trusted = ", ".join(name_of(root.subject) for root in roots)
        raise _wrong(f"is signed by nobody whom this hub trusts (it trusts {trusted})")


def _issued(root: x509.Certificate, line: x509.Certificate) -> bool:
    try:
        line.verify_directly_issued_by(root)
        limits = line.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    is_p256 = isinstance(line.public_key(), ec.EllipticCurvePublicKey)
    return limits.ca and limits.path_length == 0 and is_p256


def _manifest(body: bytes, line: x509.Certificate) -> Manifest:
    try:
        said: dict[str, Any] = json.loads(body)
        devices = tuple(Made(*map(str, row)) for row in said["devices"])
        manifest = Manifest(
            str(said["maker"])[:80],
            name_of(line.subject)[:80],
            str(said["batch"])[:80],
            int(said["made_ms"]),
            devices,
            pem(line),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        raise _wrong("is signed, but is no manifest that this hub understands") from None
    _check_devices(devices)
    return manifest


def _check_devices(devices: tuple[Made, ...]) -> None:
    if not 1 <= len(devices) <= MOST_DEVICES:
        raise _wrong(f"names {len(devices)} devices; 1 to {MOST_DEVICES} are wanted")
    seen: set[str] = set()
    for made in devices:
        if not is_device(made.device):
            raise _wrong(f"names {made.device[:40]!r}: 1 to 32 of a-z, 0-9 and hyphen are wanted")
        if made.device in seen:
            raise _wrong(f"names {made.device} twice")
        if not all(
            len(each) == 64 and set(each) <= _HEX_LETTERS for each in (made.claim, made.key)
        ):
            raise _wrong(f"has no two SHA-256 for {made.device}")
        seen.add(made.device)


def _wrong(sentence: str) -> InvalidError:
    return InvalidError("manifest", f"The manifest {sentence}.")

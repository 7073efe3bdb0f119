"""The manufacturers whose devices this hub takes: their roots, a PEM file each in the data folder.

To trust one is for whoever runs the hub to decide, at the machine, having compared its fingerprint.
A line whose key leaked is refused by name, whoever vouches for it.
"""

import contextlib
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes

from hub import durable
from hub.errors import InvalidError
from hub.link.issue import name_of, pem

_FOLDER = "makers"
_SHORT = 16  # letters of a fingerprint that name a file


def trust(data: Path, root_pem: bytes) -> str:
    """From now on this manufacturer is trusted; its name. InvalidError if that is no root."""
    root = _root(root_pem)
    durable.make_folder(data / _FOLDER)
    durable.remove(data / _FOLDER / f"{fingerprint(root_pem)}.refused")
    durable.replace(data / _FOLDER / f"{fingerprint(root_pem)[:_SHORT]}.pem", pem(root), 0o644)
    return name_of(root.subject)


def distrust(data: Path, certificate_pem: bytes) -> None:
    """From the hub's next start on neither this root or line counts, nor whom it certified."""
    name = fingerprint(certificate_pem)
    durable.make_folder(data / _FOLDER)
    durable.replace(data / _FOLDER / f"{name}.refused", b"")
    durable.remove(data / _FOLDER / f"{name[:_SHORT]}.pem")


def trusted(data: Path) -> list[x509.Certificate]:
    """The roots."""
    files = sorted((data / _FOLDER).glob("*.pem"))
    return [x509.load_pem_x509_certificate(file.read_bytes()) for file in files]


def refused(data: Path) -> set[str]:
    """Fingerprints."""
    return {file.stem for file in (data / _FOLDER).glob("*.refused")}


def fingerprint(certificate_pem: bytes) -> str:
    """SHA-256 of the certificate (DER), hex: what two people compare by telephone."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    return certificate.fingerprint(hashes.SHA256()).hex()


def _root(root_pem: bytes) -> x509.Certificate:
    with contextlib.suppress(ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        root = x509.load_pem_x509_certificate(root_pem)
        root.verify_directly_issued_by(root)
        if root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return root
    raise InvalidError("root", "That is no manufacturer's root certificate (PEM).")

"""Signs updates of the application: RSA-3072, PKCS #1 v1.5 with SHA-256 (RFC 8017).

    make_key(Path("signing"))                         # its private half stays with the manufacturer
    content = sign("lamp", load_key(Path("signing")))

The public half is in every image (`rapport image --update-key`), outside what updates can change.
"""

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from firmware import slots
from hub import durable
from hub.devices.bundles import Bundle, read
from protocol.errors import ProtocolError
from protocol.product import read_product
from protocol.rsa import KEY_BYTES
from protocol.update import Head, Offer, write_head
from tools.factory.application import application, folder_of
from tools.factory.errors import FactoryError
from tools.factory.layout import HASHES, slot_files

PRIVATE, PUBLIC = "update.key.pem", "update.pem"


def make_key(folder: Path) -> Path:
    """A new key in a folder; the file with its public half."""
    if (folder / PRIVATE).exists():
        raise FactoryError(f"{folder / PRIVATE} is there already; nothing was changed")
    key = rsa.generate_private_key(65537, KEY_BYTES * 8)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    durable.make_folder(folder)
    durable.replace(folder / PRIVATE, private)
    durable.replace(folder / PUBLIC, public, 0o644)
    return folder / PUBLIC


def load_key(folder: Path) -> rsa.RSAPrivateKey:
    path = folder / PRIVATE
    if not path.exists():
        raise FactoryError(f"{path} is missing: name the folder that `rapport ota key` made")
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError):
        raise FactoryError(f"{path} is no private key without a password") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != KEY_BYTES * 8:
        raise FactoryError(f"{path} is no key of RSA-{KEY_BYTES * 8}")
    return key


def modulus(public: Path) -> bytes:
    """What a device needs of the public half: KEY_BYTES bytes."""
    try:
        key = serialization.load_pem_public_key(public.read_bytes())
    except ValueError:
        key = None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != KEY_BYTES * 8:
        raise FactoryError(f"{public} is no public key for updates: take {PUBLIC} of the key")
    return key.public_numbers().n.to_bytes(KEY_BYTES, "big")


def sign(product: str | Path, key: rsa.RSAPrivateKey, least: int = 1, rom: bool = False) -> Bundle:
    """The update to this product as it stands. least: the lowest version it can follow on.

    rom: for boards that run code where it lies in the flash; each kind refuses what the other has.
    """
    described = json.loads((folder_of(product) / "product.json").read_bytes())
    try:
        made = read_product(described)
    except ProtocolError as error:
        raise FactoryError(f"product.json: {error}; see `rapport check`") from None
    if not 1 <= least < made.version:
        raise FactoryError(
            f"version {made.version} of product.json has to be above {least}, which it follows:"
            " raise it with every update"
        )
    return signed(made.name, made.version, least, slot_files(application(product), rom), key)


def signed(
    product: str, version: int, least: int, files: dict[str, bytes], key: rsa.RSAPrivateKey
) -> Bundle:
    """files: as they lie in a slot, with their list."""
    listed = files[HASHES]
    paths = [line.split(" ", 2)[2] for line in listed.decode().splitlines()]
    body = b"".join([listed, *(files[path] for path in paths)])
    digest = hashlib.sha256(listed).digest()
    head = Head(product, version, least, len(body), len(listed), digest, slots.ROM in paths)
    data = write_head(head)
    signature = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return read(Bundle(head, Offer(data, signature), body).content())

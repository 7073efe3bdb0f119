"""Certificates as everything here uses them: P-256, X.509 v3, valid from 1970 to 9999-12-31.

P-256 because an ESP32 verifies it fast enough. No end of validity (RFC 5280, 4.1.2.5) because a
device has no clock when it first connects, and a certificate that ends is a device that stops.
"""

import datetime
import ipaddress
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_FROM = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_UNTIL = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)

Key = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey


class Authority(NamedTuple):
    """Who signs: a certificate and its key."""

    certificate: x509.Certificate
    key: Key


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def new_authority(name: str, above: Authority | None = None, depth: int = 0) -> Authority:
    """An authority of its own, or one below another; `depth` authorities may stand below it."""
    key = new_key()
    issuer = above.certificate.subject if above else _name(name)
    signer = above.key if above else key
    builder = (
        _builder(name, key.public_key(), issuer)
        .add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        .add_extension(_signs(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if above:
        builder = builder.add_extension(_issued_by(above.key), critical=False)
    return Authority(builder.sign(signer, hashes.SHA256()), key)


def certify(
    name: str,
    key: ec.EllipticCurvePublicKey,
    by: Authority,
    hosts: tuple[str, ...] = (),
    peer: bool = False,
) -> x509.Certificate:
    """A certificate for a client, or for a server when there are `hosts` it answers to.

    peer: the server also is a client of others of its kind.
    """
    usages = [ExtendedKeyUsageOID.SERVER_AUTH] if hosts else []
    usages += [ExtendedKeyUsageOID.CLIENT_AUTH] if peer or not hosts else []
    builder = (
        _builder(name, key, by.certificate.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(_issued_by(by.key), critical=False)
    )
    if hosts:
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(by.key, hashes.SHA256())


def revoked(serials: Iterable[int], by: Authority) -> bytes:
    """The list of what an authority revoked (CRL, RFC 5280), PEM; it never has to be renewed."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(_FROM)
        .next_update(_UNTIL)
    )
    for serial in serials:
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_FROM).build()
        builder = builder.add_revoked_certificate(one)
    return builder.sign(by.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def load_authority(pem: Path, key_pem: Path) -> Authority:
    """From two files; ValueError when they are not such a pair, OSError when they are missing."""
    loaded = serialization.load_pem_private_key(key_pem.read_bytes(), None)
    certificate = x509.load_pem_x509_certificate(pem.read_bytes())
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{key_pem} is not a P-256 key")
    if loaded.public_key() != certificate.public_key():
        raise ValueError(f"{key_pem} does not belong to {pem}")
    return Authority(certificate, loaded)


def name_of(subject: x509.Name) -> str:
    return str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def hosts_of(certificate: x509.Certificate) -> set[str]:
    """The host names, in lower case, and addresses that a server's certificate is for."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    hosts = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    return hosts | {str(address) for address in names.get_values_for_type(x509.IPAddress)}


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_der(key: Key) -> bytes:
    """PKCS#8, not encrypted."""
    return _private(key, serialization.Encoding.DER)


def key_pem(key: Key) -> bytes:
    """PKCS#8, not encrypted."""
    return _private(key, serialization.Encoding.PEM)


def _private(key: Key, encoding: serialization.Encoding) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)


def _builder(
    name: str, key: ec.EllipticCurvePublicKey, issuer: x509.Name
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
    )


def _issued_by(key: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _signs() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,  # of manifests, see hub/devices/manifest.py
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)

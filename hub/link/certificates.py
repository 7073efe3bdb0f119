"""The hub's own certificate authority: who is a device, who is the hub, who is the broker.

All keys are P-256, which an ESP32 verifies fast enough. Certificates are valid from 1970 to
9999-12-31: a device has no clock when it first connects, and a certificate that ends is a device
that stops. A device is shut out by the broker, which admits devices by name.

    certificates = Certificates(folder)            # made on the first start, then read
    identity = certificates.device("lamp-0001")    # for the device; the hub keeps no copy
"""

import datetime
import hashlib
import ipaddress
import ssl
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub import durable
from protocol import topics

# A dot is in no device id: no device certificate can ever be taken for one of these.
HUB = "rapport.hub"
BROKER = "rapport.broker"
AUTHORITY = "rapport.authority"

_FROM = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_UNTIL = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Identity(NamedTuple):
    """What a device is given once and for life, all DER: PKCS#8 key, X.509 certificates."""

    key_der: bytes
    certificate_der: bytes
    ca_der: bytes


class Certificates:
    """A folder with the authority and the certificates of broker and hub, as PEM.

    `names` are the host names and addresses by which devices reach the broker. They count when the
    folder is made; delete broker.pem to have it issued anew. Raises OSError or ValueError when the
    folder cannot be written or holds something else.
    """

    def __init__(self, folder: Path, names: tuple[str, ...] = ()) -> None:
        folder = folder.resolve()
        self.authority_pem = folder / "authority.pem"
        self.broker_pem, self.broker_key_pem = folder / "broker.pem", folder / "broker.key.pem"
        self.hub_pem, self.hub_key_pem = folder / "hub.pem", folder / "hub.key.pem"
        durable.make_folder(folder)
        self._load_authority(folder / "authority.key.pem")
        if not self.broker_pem.exists():
            self._issue_files(BROKER, self.broker_pem, self.broker_key_pem, (*_LOOPBACK, *names))
        if not self.hub_pem.exists():
            self._issue_files(HUB, self.hub_pem, self.hub_key_pem)

    def device(self, device: str) -> Identity:
        """A new key and certificate for this device id. Earlier ones stay valid."""
        if not topics.is_device(device):
            raise ValueError(f"{device!r} is not a device id")
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certificate(device, key.public_key())
        return Identity(_key_der(key), _der(certificate), _der(self._authority))

    def hub_context(self) -> ssl.SSLContext:
        """TLS for the hub's own connection to the broker."""
        context = ssl.create_default_context(cafile=self.authority_pem)
        context.load_cert_chain(self.hub_pem, self.hub_key_pem)
        return context

    def hub_client_id(self) -> str:
        """The name of the hub's MQTT session: always the same, and known to nobody else.

        A broker ends the connection of a client when another one comes with its client id.
        """
        return "hub-" + hashlib.sha256(self.hub_key_pem.read_bytes()).hexdigest()[:32]

    def _load_authority(self, key_pem: Path) -> None:
        if not self.authority_pem.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            # The key first: a certificate without its key would be a dead end after a power cut.
            durable.replace(key_pem, _key_pem(key))
            durable.replace(self.authority_pem, _pem(_authority(key)))
        loaded = serialization.load_pem_private_key(key_pem.read_bytes(), None)
        self._authority = x509.load_pem_x509_certificate(self.authority_pem.read_bytes())
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{key_pem} is not a P-256 key")
        if loaded.public_key() != self._authority.public_key():
            raise ValueError(f"{key_pem} does not belong to {self.authority_pem}")
        self._key = loaded

    def _issue_files(
        self, name: str, pem: Path, key_pem: Path, hosts: tuple[str, ...] = ()
    ) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        durable.replace(key_pem, _key_pem(key))
        durable.replace(pem, _pem(self._certificate(name, key.public_key(), hosts)))

    def _certificate(
        self, name: str, key: ec.EllipticCurvePublicKey, hosts: tuple[str, ...] = ()
    ) -> x509.Certificate:
        """A certificate for a client, or for a server when there are `hosts` it answers to."""
        usage = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            _builder(name, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(signer, critical=False)
        )
        if hosts:
            names = x509.SubjectAlternativeName([_host(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _builder(AUTHORITY, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_signs_certificates(), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _builder(name: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(AUTHORITY))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
    )


def _signs_certificates() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
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


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return _private(key, serialization.Encoding.DER)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return _private(key, serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey, encoding: serialization.Encoding) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)

"""The hub's own certificate authority: who is a device, who is the hub, who is the broker.

A device is shut out by the broker, which admits devices by name. Devices come from a factory, too:
the lines that the hub's operator trusts certify them (hub/devices/makers.py).

    certificates = Certificates(folder)            # made on the first start, then read
    identity = certificates.device("lamp-0001")    # for the device; the hub keeps no copy
"""

import hashlib
import secrets
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from cryptography import x509

from hub import durable
from hub.link import issue
from protocol import topics

# A dot is in no device id: no device of ours can ever be taken for one of these. The hub's own name
# goes on with what nobody can guess: a line, whom we trust for devices, could certify any name.
HUB = "rapport.hub"
BROKER = "rapport.broker"
AUTHORITY = "rapport.authority"
OPERATOR = "rapport.operator"  # may ask the nodes of a cluster to read anew who is let in
READER = "rapport.reader"  # of the firm's: hears what is broadcast, and may say nothing

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Identity(NamedTuple):
    """What a device is given once and for life, all DER: PKCS#8 key, X.509 certificates."""

    key_der: bytes
    certificate_der: bytes
    ca_der: bytes


class Certificates:
    """A folder with the authority and the certificates of broker and hub, as PEM.

    `names` are the host names and addresses by which devices reach the broker; its certificate is
    issued anew when one of them is not in it. Raises OSError or ValueError when the
    folder cannot be written or holds something else.
    """

    def __init__(self, folder: Path, names: tuple[str, ...] = ()) -> None:
        folder, self._names = folder.resolve(), names
        self.authority_pem = folder / "authority.pem"
        self.broker_pem, self.broker_key_pem = folder / "broker.pem", folder / "broker.key.pem"
        self.hub_pem, self.hub_key_pem = folder / "hub.pem", folder / "hub.key.pem"
        self.clients_pem = folder / "clients.pem"
        durable.make_folder(folder)
        self._load_authority(folder / "authority.key.pem")
        if not self._is_issued_for(names):
            self._issue_files(BROKER, self.broker_pem, self.broker_key_pem, (*_LOOPBACK, *names))
        if not self.hub_pem.exists():
            name = f"{HUB}.{secrets.token_hex(16)}"
            self._issue_files(name, self.hub_pem, self.hub_key_pem)
        hub = x509.load_pem_x509_certificate(self.hub_pem.read_bytes())
        self.hub_name = issue.name_of(hub.subject)
        self.reader_pem, self.reader_key_pem = folder / "reader.pem", folder / "reader.key.pem"
        if not self.reader_pem.exists():
            name = f"{READER}.{secrets.token_hex(16)}"
            self._issue_files(name, self.reader_pem, self.reader_key_pem)
        reader = x509.load_pem_x509_certificate(self.reader_pem.read_bytes())
        self.reader_name = issue.name_of(reader.subject)
        self._operator_pem = folder / "operator.pem"
        self._operator_key_pem = folder / "operator.key.pem"
        if not self._operator_pem.exists():
            name = f"{OPERATOR}.{secrets.token_hex(16)}"
            self._issue_files(name, self._operator_pem, self._operator_key_pem)
        operator = x509.load_pem_x509_certificate(self._operator_pem.read_bytes())
        self.operator_name = issue.name_of(operator.subject)
        if not self.clients_pem.exists():
            self.trust([])

    def device(self, device: str) -> Identity:
        """A new key and certificate for this device id. Earlier ones stay valid."""
        if not topics.is_device(device):
            raise ValueError(f"{device!r} is not a device id")
        key = issue.new_key()
        certificate = issue.certify(device, key.public_key(), self._authority)
        ca_der = issue.der(self._authority.certificate)
        return Identity(issue.key_der(key), issue.der(certificate), ca_der)

    def issue_node(self, pem: Path, key_pem: Path, hosts: tuple[str, ...]) -> None:
        """Key and certificate for the nodes of a cluster, which are there for each other, too."""
        self._issue_files(BROKER, pem, key_pem, (*_LOOPBACK, *self._names, *hosts), peer=True)

    def trust(self, lines: list[bytes]) -> None:
        """From its next start or reload the broker takes clients of these lines (PEM), and ours."""
        ours = issue.pem(self._authority.certificate)
        durable.replace(self.clients_pem, b"".join([ours, *lines]))

    def hub_context(self) -> ssl.SSLContext:
        """TLS for the hub's own connection to the broker."""
        context = ssl.create_default_context(cafile=self.authority_pem)
        context.load_cert_chain(self.hub_pem, self.hub_key_pem)
        return context

    def revoke(self, devices: Iterable[x509.Certificate]) -> bytes:
        """The list (CRL, PEM) of all certificates of our own authority that count no more."""
        return issue.revoked([one.serial_number for one in devices], self._authority)

    def operator_context(self) -> ssl.SSLContext:
        """TLS for asking the nodes of a cluster."""
        context = ssl.create_default_context(cafile=self.authority_pem)
        context.load_cert_chain(self._operator_pem, self._operator_key_pem)
        return context

    def hub_client_id(self) -> str:
        """The name of the hub's MQTT session: always the same, and known to nobody else.

        A broker ends the connection of a client when another one comes with its client id.
        """
        return "hub-" + hashlib.sha256(self.hub_key_pem.read_bytes()).hexdigest()[:32]

    def _load_authority(self, key_pem: Path) -> None:
        if not self.authority_pem.exists():
            made = issue.new_authority(AUTHORITY)
            # The key first: a certificate without its key would be a dead end after a power cut.
            durable.replace(key_pem, issue.key_pem(made.key))
            durable.replace(self.authority_pem, issue.pem(made.certificate))
        self._authority = issue.load_authority(self.authority_pem, key_pem)

    def _is_issued_for(self, names: tuple[str, ...]) -> bool:
        if not self.broker_pem.exists():
            return False
        broker = x509.load_pem_x509_certificate(self.broker_pem.read_bytes())
        return {name.lower() for name in names} <= issue.hosts_of(broker)

    def _issue_files(
        self,
        name: str,
        pem: Path,
        key_pem: Path,
        hosts: tuple[str, ...] = (),
        peer: bool = False,
    ) -> None:
        key = issue.new_key()
        durable.replace(key_pem, issue.key_pem(key))
        made = issue.certify(name, key.public_key(), self._authority, hosts, peer)
        durable.replace(pem, issue.pem(made))

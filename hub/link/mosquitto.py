"""What a Mosquitto needs to be a hub's broker, as files: mutual TLS, and who may say what.

A client is who its certificate says. A device may write below `rapport/<device>/up` and read below
`rapport/<device>/down`; the hub the other way round. Nothing is kept on a disk: what is under way
when the broker dies is said again (docs/cluster.md).

Who is revoked may neither say nor hear anything, from the next reload (SIGHUP) on, and is not let
in after a restart, where a list of revoked certificates (CRL, RFC 5280) of each authority is there.
"""

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from hub import durable
from hub.link import HOOKS
from hub.link.certificates import Certificates
from hub.link.issue import name_of

_CONFIGURATION = """\
# Written by `rapport broker mosquitto`: do not change it, write it anew.
listener {port} {listen}
cafile {folder}/clients.pem
certfile {folder}/broker.pem
keyfile {folder}/broker.key.pem
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
{revoked}
allow_anonymous false
acl_file {folder}/acl

persistence false
max_inflight_messages 200
max_queued_messages 20000
message_size_limit {largest}
"""
_LISTS = "crlfile {folder}/revoked.pem"
_NO_LISTS = "# no crlfile: not every authority in clients.pem has a list of what it revoked"
_ACL = """\
user {hub}
topic read rapport/+/up/#
topic write rapport/+/down/#
topic write {hooks}/+

user {reader}
topic read {hooks}/+
{denied}
pattern write rapport/%u/up/#
pattern read rapport/%u/down/#
"""
_DENIED = """
user {device}
topic deny #
"""
_LARGEST = 16 << 10  # bytes; ours are half of it at most


def write_mosquitto(
    folder: Path,
    certificates: Certificates,
    *,
    port: int = 8883,
    listen: str = "",
    revoked: Sequence[bytes] = (),
    lists: Sequence[bytes] = (),
) -> bool:
    """Write mosquitto.conf and all that it names into `folder`; whether it has lists of revoked.

    listen: an address, all where empty. revoked: certificates (PEM) of devices. lists: CRLs (PEM)
    of the lines that certify devices. Raises ValueError for what is neither, and OSError.
    """
    folder = folder.resolve()
    devices = [x509.load_pem_x509_certificate(one) for one in revoked]
    others = [x509.load_pem_x509_crl(one) for one in lists]
    authorities = x509.load_pem_x509_certificates(certificates.clients_pem.read_bytes())
    ours, *lines = authorities
    listed = {one.issuer for one in others} >= {line.subject for line in lines}
    durable.make_folder(folder)
    for path in (certificates.clients_pem, certificates.broker_pem, certificates.broker_key_pem):
        durable.replace(folder / path.name, path.read_bytes())
    own = certificates.revoke([one for one in devices if one.issuer == ours.subject])
    durable.replace(folder / "revoked.pem", b"".join([own, *lists]))
    durable.replace(folder / "acl", _acl(certificates, devices).encode())
    text = _CONFIGURATION.format(
        port=port,
        listen=listen,
        folder=folder,
        revoked=(_LISTS if listed else _NO_LISTS).format(folder=folder),
        largest=_LARGEST,
    )
    durable.replace(folder / "mosquitto.conf", text.encode())
    return listed


def _acl(certificates: Certificates, revoked: Sequence[x509.Certificate]) -> str:
    denied = "".join(_DENIED.format(device=name_of(one.subject)) for one in revoked)
    return _ACL.format(
        hub=certificates.hub_name, reader=certificates.reader_name, hooks=HOOKS, denied=denied
    )

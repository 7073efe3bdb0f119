"""The configuration of the nodes of a NATS cluster that devices speak MQTT to.

They read it, and what hub/link/nodes.py writes beside it, at the same path on each machine.
"""

import json
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from hub import durable
from hub.link.certificates import Certificates

_NODE = """\
server_name: {name}
listen: {clients}
{tls}
jetstream {{ store_dir: {store}, max_memory_store: 256MB, max_file_store: 10GB
  cipher: chachapoly, key: $RAPPORT_SEAL
  limits {{ default_max_consumers: -1 }} }}
{cluster}
mqtt {{
  listen: {mqtt}
  ack_wait: "5s"
  js_api_timeout: "2s"
  max_ack_pending: 1000
  stream_replicas: {replicas}
  consumer_memory_storage: true
  {tls}
}}
include {users}
"""
_CLUSTER = """\
cluster {{
  name: rapport
  listen: {cluster}
  authorization {{ user: node, password: {secret}, timeout: 10 }}
  tls {{ cert_file: {certificate}, key_file: {key}, ca_file: {authority}, timeout: 10 }}
  routes: [{routes}]
}}"""
_TLS = (
    "tls {{ cert_file: {certificate}, key_file: {key}, ca_file: {clients},"
    " verify_and_map: true, timeout: 10 }}"
)


class Node(NamedTuple):
    """Each "host:port": for hub workers, for other nodes, for devices."""

    name: str
    clients: str
    cluster: str
    mqtt: str


def write_node(
    node: Node, all_nodes: list[Node], folder: Path, shared: Path, certificates: Certificates
) -> Path:
    """Write the configuration of one node into `folder`; the file.

    shared: the folder of hub.link.nodes.Nodes. The variable RAPPORT_SEAL, for each node a secret of
    its own (letters and digits) that it is always started with, seals what waits on its disk.
    """
    shared = shared.resolve()
    files = _files(all_nodes, shared, certificates)
    text = _NODE.format(
        name=_quoted(node.name),
        clients=_quoted(node.clients),
        cluster=_routes(node, all_nodes, shared, files),
        mqtt=_quoted(node.mqtt),
        replicas=min(3, len(all_nodes)),
        store=_quoted(folder.resolve() / "jetstream"),
        users=_quoted(os.path.relpath(shared / "users.conf", folder.resolve())),
        tls=_TLS.format_map(files),
    )
    durable.make_folder(folder)
    path = folder / "nats.conf"
    durable.replace(path, text.encode())
    return path


def _files(all_nodes: list[Node], shared: Path, certificates: Certificates) -> dict[str, str]:
    """What nodes prove themselves by, the same for all, and whom they believe."""
    certificate, key = shared / "node.pem", shared / "node.key.pem"
    if not certificate.exists():
        places = [place for node in all_nodes for place in node[1:]]
        hosts = tuple(dict.fromkeys(place.rpartition(":")[0] for place in places))
        certificates.issue_node(certificate, key, hosts)
    authority = shared / certificates.authority_pem.name
    durable.replace(authority, certificates.authority_pem.read_bytes())
    paths = {"certificate": certificate, "key": key, "authority": authority}
    paths["clients"] = shared / certificates.clients_pem.name
    return {name: _quoted(path) for name, path in paths.items()}


def _routes(node: Node, all_nodes: list[Node], shared: Path, files: dict[str, str]) -> str:
    """Devices have certificates of the same authority: a node is who knows the secret, too."""
    if len(all_nodes) < 2:
        return ""
    path = shared / "secret"
    if not path.exists():
        durable.replace(path, secrets.token_hex(32).encode())
    secret = path.read_text()
    routes = ", ".join(_quoted(f"nats://node:{secret}@{one.cluster}") for one in all_nodes)
    return _CLUSTER.format(
        cluster=_quoted(node.cluster), secret=_quoted(secret), routes=routes, **files
    )


def _quoted(value: object) -> str:
    return json.dumps(str(value))

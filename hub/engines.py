"""Which store, link and broker a hub works with, by its settings.

RAPPORT_STORE=postgresql://...   several workers on one database; else a folder of the hub's own
RAPPORT_BROKER=nats://a,b,c      the nodes of a NATS cluster; HOST an MQTT broker; else our own
"""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from hub.api.parts import Doorkeeper
from hub.config import Settings
from hub.link import Link
from hub.link.broker import Broker
from hub.link.certificates import Certificates
from hub.link.mqtt import MqttLink
from hub.restore import finish_restore
from hub.store import Store
from hub.store.master import master_key
from hub.store.tiny import TinyStore

_NATS_PORT = 4222


def store_of(settings: Settings) -> Store:
    """Raises StoreError."""
    if settings.store is None:
        return open_store(settings)
    from hub.store.postgres.store import PostgresStore  # its driver is an extra: rapport[scale]

    keys = settings.store_keys.get_secret_value() if settings.store_keys else None
    master = master_key(settings.data / "keys", _master(settings))
    return PostgresStore(settings.store.get_secret_value(), master, keys=keys)


def open_store(settings: Settings, folder: Path | None = None) -> TinyStore:
    """The store in a folder, by default in the data folder, with its keys apart. Or StoreError."""
    folder = folder or settings.data / "store"
    finish_restore(folder)
    return TinyStore(folder, settings.data / "keys", master=_master(settings))


def open_link(settings: Settings, certificates: Certificates) -> tuple[Link, Doorkeeper | None]:
    """The link, and who lets devices in if that is the hub's to say. Raises BrokerError."""
    if settings.broker is None:
        port, listen = settings.broker_port, settings.broker_listen
        broker = Broker(settings.data / "broker", certificates, port=port, listen=listen)
        return _mqtt("127.0.0.1", broker.port, certificates), broker
    if urlsplit(settings.broker).scheme not in ("nats", "tls"):
        return _mqtt(settings.broker, settings.broker_port, certificates), None
    from hub.link.jetstream import JetStreamLink  # likewise
    from hub.link.nodes import Nodes

    servers = servers_of(settings.broker)
    nodes = Nodes(servers, settings.broker_users or settings.data / "nodes", certificates)
    in_any_order = secrets.SystemRandom().sample(servers, len(servers))  # not all workers at one
    return JetStreamLink(in_any_order, tls=certificates.hub_context()), nodes


def servers_of(url: str) -> list[str]:
    """["tls://a:4222", ...] of nats://a:4222,b,c; always by TLS."""
    hosts = url.partition("://")[2].rstrip("/").split(",")
    return [f"tls://{host}" if ":" in host else f"tls://{host}:{_NATS_PORT}" for host in hosts]


def _mqtt(host: str, port: int, certificates: Certificates) -> MqttLink:
    client_id, tls = certificates.hub_client_id(), certificates.hub_context()
    return MqttLink(host, port, client_id=client_id, tls=tls)


def _master(settings: Settings) -> str | None:
    return settings.master_key.get_secret_value() if settings.master_key else None

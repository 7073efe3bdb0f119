"""A message as a topic of the real broker: its reader hears it, and may do nothing else."""

import asyncio
import ssl

import orjson

from hub.link.broker import Broker
from hub.link.certificates import Certificates
from hub.link.mqtt import MqttLink
from hub.relation.hooks import Hook
from hub.store.memory import MemoryStore
from tests.hub.relating import Firm, Machine
from tests.hub.test_broker import Client, context_of, until

BUS = Hook("bus", frozenset(["service"]))


def reader_context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certificates.authority_pem)
    context.load_cert_chain(certificates.reader_pem, certificates.reader_key_pem)
    return context


def test_the_reader_hears_what_is_due_and_devices_do_not(tmp_path):
    asyncio.run(story(tmp_path))


async def story(folder):
    certificates = Certificates(folder / "certificates")
    broker = Broker(folder / "broker", certificates)
    await broker.admit(["esp-1"])
    await broker.start()
    client_id = certificates.hub_client_id()
    link = MqttLink(broker.host, broker.port, client_id=client_id, tls=certificates.hub_context())
    try:
        firm = Firm([BUS], MemoryStore(), link=link)
        ana = firm.welcome("Ana", "esp-1")
        firm.agree(ana)
        Machine(firm).brew_for_strangers(200)
        firm.parts.services.look(ana)
        assert await firm.parts.carrier.carry() == 0, "the hub is not connected yet"
        firm.go(minutes=1)
        await link.open(lambda batch: None)
        await until(lambda: link.connected)
        reader = Client(broker, reader_context(certificates), "reader")
        identity = certificates.device("esp-1")
        device = Client(broker, context_of(identity, certificates, folder), "esp-1")
        async with reader, device:
            assert await reader.may_listen("rapport-hooks/+")
            assert not await reader.may_listen("rapport/+/up/+")
            assert not await device.may_listen("rapport-hooks/service")
            assert await firm.parts.carrier.carry() == 1
            await until(lambda: reader.heard)
            await reader.says("rapport-hooks/service", b"forged")
            await device.says("rapport-hooks/service", b"forged")
            await reader.says("rapport/esp-1/down/forget", b"forged")
            firm.parts.link.broadcast("service", b"the last")
            await until(lambda: (("rapport-hooks/service", b"the last")) in reader.heard)
        (topic, payload), *others = reader.heard
        assert topic == "rapport-hooks/service"
        assert orjson.loads(payload)["details"]["counter"] == "since_descaling"
        assert others == [("rapport-hooks/service", b"the last")] and device.heard == []
    finally:
        await link.close()
        await broker.stop()

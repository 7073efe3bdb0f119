"""Puts a device together from what was flashed: identity, product, driver, radio, link."""

import asyncio
import gc
import json

from firmware import config
from firmware.link import Link, tls_context
from firmware.radio import Radio
from firmware.runtime import Runtime
from firmware.wifi import Wifi
from protocol import VERSION, topics
from protocol.product import read_product
from protocol.session import SUITE


def start():
    """Runs for ever; called by main.py."""
    from esp32 import NVS

    identity = config.read(NVS("rapport"))
    folder = "firmware/products/" + identity.product
    with open(folder + "/product.json") as file:
        product = read_product(json.load(file))
    driver = __import__(folder.replace("/", ".") + ".driver", None, None, ("Driver",)).Driver
    gc.collect()
    runtime = Runtime(identity.id, product, driver)
    # versions and suites we speak, then our pairwise id: all that a stranger can read
    info = bytes((VERSION, SUITE)) + runtime.pairwise
    radio = Radio(product.title, info, runtime.heard, runtime.session)
    radio.sought = runtime.sought
    link = _link(identity, runtime)
    wifi = Wifi(identity.ssid, identity.password)
    gc.collect()
    asyncio.run(runtime.run(link, radio, wifi.run))


def _link(identity, runtime):
    tls = tls_context(identity.key, identity.cert, identity.ca) if identity.key else None
    online = topics.up(identity.id, topics.ONLINE)
    host, port = identity.broker
    link = Link(
        identity.id,
        host,
        port,
        tls=tls,
        will=(online, b"0"),
        heard=runtime.told,
        joined=lambda: _joined(link, online, runtime),
        subscriptions=(topics.down(identity.id, "#"),),
    )
    return link


def _joined(link, online, runtime):
    link.publish(online, b"1", True)
    runtime.joined()

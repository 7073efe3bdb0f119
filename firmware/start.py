"""Puts a device together from what was flashed: identity, product, driver, radio, link."""

import asyncio
import gc
import json
import sys

from firmware.link import Link, tls_context
from firmware.radio import Radio
from firmware.runtime import Runtime
from firmware.wifi import Wifi
from protocol import VERSION, topics

_SUITE = 1  # of sessions, see protocol/session.py


def start():
    """Runs for ever; called by main.py."""
    identity = _identity()
    product, driver = _product("firmware/products/" + identity.product)
    runtime = Runtime(identity.id, product, driver)
    # versions and suites we speak, then our pairwise id: all that a stranger can read
    info = bytes((VERSION, _SUITE)) + runtime.pairwise
    radio = Radio(product.title, info, runtime.heard, runtime.session)
    radio.sought = runtime.sought
    link = _link(identity, runtime)
    wifi = Wifi(identity.ssid, identity.password)
    gc.collect()
    asyncio.run(runtime.run(link, radio, wifi.run))


def _identity():
    from esp32 import NVS

    from firmware import config

    identity = config.read(NVS("rapport"))
    _unload("firmware", "config")
    return identity


def _product(folder):
    """(Product, Driver) from a folder of firmware/products."""
    from protocol.product import read_product

    with open(folder + "/product.json") as file:
        product = read_product(json.load(file))
    _unload("protocol", "product")
    module = __import__(folder.replace("/", ".") + ".driver", None, None, ("Driver",))
    return product, module.Driver


def _unload(package, name):
    """Give back the memory of a module that only the start needs."""
    del sys.modules[package + "." + name]
    delattr(sys.modules[package], name)
    gc.collect()


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

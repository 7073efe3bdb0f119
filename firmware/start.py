"""Puts a device together from what was flashed: identity, product, driver, radio, link.

The order is the heap's: what needs a large piece of it, and what only the start needs, comes and
goes before the bulk of the modules is loaded into what is still whole.
"""

import asyncio
import gc
import json

from firmware.unload import unload
from protocol import VERSION, topics

_SUITE = 1  # of sessions, see protocol/session.py
_GARBAGE_BYTES = 4096  # collected after so many: what is kept stays together, holes stay large
_GARBAGE_RUNNING_BYTES = 8192  # later: a collection delays the light more than a hole costs


def start():
    """Runs for ever; called by main.py."""
    gc.threshold(_GARBAGE_BYTES)
    identity = _identity()
    tls = _tls(identity)
    product, driver = _product("firmware/products/" + identity.product)
    runtime = _runtime(identity.id, product, driver)
    radio = _radio(product.title, runtime)
    link = _link(identity, tls, runtime)
    wifi = _wifi(identity)
    del identity, tls, product, driver
    gc.collect()
    gc.threshold(_GARBAGE_RUNNING_BYTES)
    asyncio.run(runtime.run(link, radio, wifi.run))


def _identity():
    from esp32 import NVS

    from firmware import config

    identity = config.read(NVS("rapport"))
    unload("firmware.config")
    return identity


def _tls(identity):
    from firmware.link import tls_context

    gc.collect()
    if not identity.key:
        return None
    return tls_context(identity.key, identity.cert, identity.ca)


def _product(folder):
    """(Product, Driver) from a folder of firmware/products."""
    from protocol.product import read_product

    with open(folder + "/product.json") as file:
        product = read_product(json.load(file))
    unload("protocol.product")
    module = __import__(folder.replace("/", ".") + ".driver", None, None, ("Driver",))
    gc.collect()
    return product, module.Driver


def _runtime(device, product, driver):
    from firmware.runtime import Runtime

    gc.collect()
    return Runtime(device, product, driver)


def _radio(title, runtime):
    from firmware.radio import Radio

    # versions and suites we speak, then our pairwise id: all that a stranger can read
    info = bytes((VERSION, _SUITE)) + runtime.pairwise
    radio = Radio(title, info, runtime.heard, runtime.session)
    radio.sought = runtime.sought
    return radio


def _link(identity, tls, runtime):
    from firmware.link import Link

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


def _wifi(identity):
    from firmware.wifi import Wifi

    return Wifi(identity.ssid, identity.password)

"""Puts a device together from what was flashed: identity, product, driver, radio, link.

The order is the heap's: what needs a large piece of it, and what only the start needs, comes and
goes before the bulk of the modules is loaded into what is still whole.
"""

import asyncio
import gc
import json

from firmware.unload import unload
from protocol import VERSION, topics

_SUITE = 2  # the best for sessions, see protocol/session.py


def assemble():
    """The coroutine that runs for ever."""
    identity = _identity()
    tls = _tls(identity)
    product, driver = _product("firmware/products/" + identity.product)
    runtime = _runtime(identity.id, product, driver)
    _load_what_stays()
    radio = _radio(product.title, runtime)
    link = _link(identity, tls, runtime)
    wifi = _wifi(identity)
    return runtime.run(link, radio, wifi.run)


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
    from firmware import flash, reset
    from firmware.runtime import Runtime

    gc.collect()

    def make(folder):
        reset.renew(folder)
        return Runtime(device, product, driver, folder)

    made = flash.begin(flash.partition(), make)
    made.sync.life = reset.life()
    unload("firmware.flash", "firmware.reset")
    return made


def _load_what_stays():
    """What is loaded when it is first used, and then for good: it would lie amid what is free."""
    for name in ("wait_for", "open_connection"):
        getattr(asyncio, name)
    __import__("protocol.down")


def _radio(title, runtime):
    from firmware.doorstep import Doorstep
    from firmware.radio import Radio

    # the version, least and best suite we speak, then our pairwise id: all that a stranger can read
    suites = runtime.product.least_suite << 4 | _SUITE
    info = bytes((VERSION, suites)) + runtime.pairwise
    radio = Radio(title, info, runtime.heard, Doorstep(runtime).session)
    radio.sought = runtime.sought
    return radio


def _link(identity, tls, runtime):
    from firmware.link import Link

    host, port = identity.broker
    return Link(
        identity.id,
        host,
        port,
        tls=tls,
        will=(topics.up(identity.id, topics.ONLINE), b"0"),
        heard=runtime.told,
        joined=runtime.joined,
        subscriptions=(topics.down(identity.id, "#"),),
    )


def _wifi(identity):
    from firmware.wifi import Wifi

    return Wifi(identity.ssid, identity.password)

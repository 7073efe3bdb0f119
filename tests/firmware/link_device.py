"""Runs on MicroPython for test_link.py: a Link that says on stdout, line by line, what it meets.

    echo '{"host": ..., "port": ..., "name": ..., "tls": [key, cert, ca]}' | micropython THIS

`down/ack` is echoed as `up/events`; `down/forget` is unreadable; `down/person` asks for a burst of
publishes and for what is left of the heap; `down/welcome` times as many round trips as it says.
"""

import asyncio
import gc
import json
import sys
import time
from binascii import unhexlify

sys.path.insert(0, "")

from firmware import link as link_module
from firmware.link import Link, tls_context
from protocol.errors import ProtocolError

link_module._FIRST_PAUSE_MS = 20


def say(*values):
    print(json.dumps(values))  # noqa: T201


def main(host, port, name=None, tls=None, keepalive_s=30):
    gc.collect()
    before = gc.mem_alloc()
    tasks = []

    def joined():
        link.publish("rapport/lamp-0001/up/online", b"1", retain=True)
        gc.collect()
        say("joined", gc.mem_alloc() - before)

    def heard(topic, payload):
        kind = topic.split("/")[-1]
        if kind == "ack":
            link.publish("rapport/lamp-0001/up/events", payload)
        elif kind == "forget":
            raise ProtocolError("unreadable")
        elif kind == "person":
            say("burst", [link.publish("rapport/lamp-0001/up/hello", b"%d" % n) for n in range(12)])
        elif kind == "welcome":
            tasks.append(asyncio.create_task(measure(int(payload))))

    async def measure(count):
        times = []
        for _ in range(count):
            done = link.counters["acknowledged"] + 1
            start = time.ticks_us()
            assert link.publish("rapport/lamp-0001/up/hello", bytes(200))
            while link.counters["acknowledged"] < done:
                await asyncio.sleep_ms(0)
            times.append(time.ticks_diff(time.ticks_us(), start))
        say("median_us", sorted(times)[count // 2])

    async def report():
        while True:
            await asyncio.sleep_ms(50)
            say("counters", link.counters)

    async def run():
        assert not link.publish("rapport/lamp-0001/up/hello", b"nobody there")
        tasks.append(asyncio.create_task(report()))
        await link.run()

    link = Link(
        "lamp-0001",
        host,
        port,
        heard=heard,
        joined=joined,
        tls=tls_context(*[unhexlify(der) for der in tls]) if tls else None,
        server_hostname=name,
        will=("rapport/lamp-0001/up/online", b"0"),
        subscriptions=("rapport/lamp-0001/down/#",),
        keepalive_s=keepalive_s,
    )
    asyncio.run(run())


main(**json.loads(sys.stdin.readline()))

"""The one connection between a simulated device and the bench: JSON lines over TCP.

The bench sends topics ({"t": "pins", ...}); handlers in `on` take them, as interrupts would.
The device makes calls ({"m": "scan", "i": 7, ...}), answered before anything else happens.
"""

import asyncio
import json
import select
import socket

_NO_DEVICE = 19  # ENODEV

on = {}  # topic -> function(message)
_waiting = []  # topics that overtook the answer to a call
_stream = _poll = None
_calls = 0
_busy = False


def connect(port):
    global _stream, _poll
    _stream = socket.socket()
    _stream.connect(socket.getaddrinfo("127.0.0.1", port)[0][-1])
    _stream.setsockopt(6, 1, 1)  # TCP_NODELAY: without it every answer waits 40 ms for an ACK
    _poll = select.poll()
    _poll.register(_stream, select.POLLIN)


def send(message):
    _stream.write(json.dumps(message) + "\n")


def call(method, **arguments):
    """Ask the bench; raises OSError with the errno it answers."""
    global _calls
    _calls += 1
    arguments["m"], arguments["i"] = method, _calls
    send(arguments)
    while True:
        message = _read()
        if message.get("i") == _calls:
            break
        _waiting.append(message)
    if _waiting:
        send({"m": "nudge"})  # the pump sleeps on the socket, and what it waits for is here
    if message.get("e"):
        raise OSError(message["e"])
    return message.get("r")


def idle(ms):
    """Wait at most ms for the bench, and deliver what it sent."""
    if _poll.poll(ms):
        _waiting.append(_read())
    _deliver()


async def pump():
    """Deliver what the bench sends, for ever; a task beside the firmware's own."""
    while True:
        yield asyncio.core._io_queue.queue_read(_stream)
        # A call since the wake-up may have read it: reading now would block the interpreter.
        # One message a round: a radio is not faster than the tasks either.
        if _poll.poll(0):
            _waiting.append(_read())
            _deliver()


async def _skip(message):
    on["skip"](message)
    for _ in range(3):  # once round for what is due, and again for what that set off
        await asyncio.sleep_ms(0)
    send({"a": message["q"]})


def _read():
    line = _stream.readline()
    if not line:
        raise SystemExit(0)  # the bench is gone, and with it the power
    return json.loads(line)


def _deliver():
    global _busy
    if _busy:  # a handler sleeps: an interrupt does not interrupt itself
        return
    _busy = True
    try:
        while _waiting:
            message = _waiting.pop(0)
            if message["t"] == "off":
                raise SystemExit(0)
            if message["t"] == "skip":
                asyncio.create_task(_skip(message))
            elif message["t"] in on:
                on[message["t"]](message)
    finally:
        _busy = False

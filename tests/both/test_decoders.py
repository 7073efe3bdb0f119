"""Whatever comes in over a wire: a decoder gives a value or raises its own error, nothing else."""

import os
import random

from firmware import mqtt
from protocol import cbor, events, gatt, messages, topics
from protocol.errors import ProtocolError
from tests.both.vectors import load, raw

_USUAL = 1500  # of each; N and SEED in the environment count and begin
_EVENT = events.Event(
    events.VISIT, bytes(8), (1763779200000, 1), 2, 5000, bytes(8), 3,
    (1, 600, ((0, 35, 3, 60), (1, 2700, 0, 2700)), ((0, 2),)),
)  # fmt: skip


def _tries():
    seed = int(os.getenv("SEED") or 1)
    random.seed(seed * 7919)
    return range(max(_USUAL, int(os.getenv("N") or 0)))


def _bytes(most):
    return bytes([random.getrandbits(8) for _ in range(random.randrange(most))])


def _damaged(data):
    """One that was right, with some bytes changed, cut off or put in."""
    data = bytearray(data)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(data))
        choice = random.randrange(4)
        if choice == 0:
            data = data[:at] + _bytes(9) + data[at:]
        elif choice == 1:
            data = data[: at + 1]
        else:
            data[at] = random.choice((0, 0x7F, 0x80, 0xFF, 0xF6, 0x1B, random.getrandbits(8)))
    return bytes(data)


def _any(depth=0):
    """Any value that has an encoding."""
    choice = random.randrange(7 if depth < 3 else 5)
    if choice == 0:
        return random.choice((None, True, False))
    if choice == 1:
        return random.choice((0, 1, -1, 23, 255, 1 << 29, 1 << 32, (1 << 63) - 1, -(1 << 62)))
    if choice == 2:
        return bytes(random.choice((0, 4, 8, 16, 32, 64)))
    if choice == 3:
        return random.choice(("", "hand", "lamp", "u" * 70))
    if choice == 4:
        return random.randrange(16)
    if choice == 5:
        return [_any(depth + 1) for _ in range(random.randrange(5))]
    return {n: _any(depth + 1) for n in range(random.randrange(4))}


def _survives(decode, *arguments):
    try:
        decode(*arguments)
    except ProtocolError:
        pass


def test_every_message_that_was_damaged_is_read_or_refused():
    cases = [(case["kind"], raw(case["hex"])) for case in load("messages")["messages"]]
    for n in _tries():
        kind, data = cases[n % len(cases)]
        _survives(messages.decode, kind, _damaged(data))


def test_every_message_of_fields_that_make_no_sense_is_read_or_refused():
    cases = [(case["kind"], cbor.loads(raw(case["hex"]))) for case in load("messages")["messages"]]
    for n in _tries():
        kind, fields = cases[n % len(cases)]
        fields = list(fields)
        fields[random.randrange(1, len(fields))] = _any()
        _survives(messages.decode, kind, cbor.dumps(fields))


def test_events_that_were_damaged_are_read_or_refused():
    data = events.encode_event(_EVENT)
    fields = cbor.loads(data)
    for _ in _tries():
        _survives(events.decode_event, _damaged(data))
        strange = list(fields)
        strange[random.randrange(len(strange))] = _any()
        _survives(events.decode_event, cbor.dumps(strange))


def test_noise_is_read_or_refused():
    for _ in _tries():
        noise = _bytes(60)
        _survives(cbor.loads, noise)
        _survives(events.decode_event, noise)
        for kind in topics.UP_KINDS + topics.DOWN_KINDS:
            _survives(messages.decode, kind, noise)
        _survives(topics.parse, "rapport/lamp/%s/%s" % (noise[:3], noise[3:9]))


def test_fragments_of_any_kind_are_joined_or_refused():
    reassembler = gatt.Reassembler()
    for _ in _tries():
        try:
            reassembler.feed(_bytes(40))
        except ProtocolError:
            reassembler = gatt.Reassembler()


def test_packets_of_any_kind_are_taken_or_refused():
    good = mqtt.publish(7, "rapport/lamp-1/down/ack", bytes(40))
    for _ in _tries():
        packets = mqtt.Packets()
        packets.feed(_damaged(good) + _bytes(20))
        try:
            packet = packets.take()
            while packet:
                if mqtt.is_publish(packet[0]):
                    mqtt.message(*packet)
                packet = packets.take()
        except mqtt.LinkError:
            pass

"""Decides again what a device decided: `decide` here, and this file as a program on MicroPython.

As a program it reads a JSON object {"product": ..., "past": ...} and prints [digest, lines].
"""

import json
import sys
from binascii import unhexlify

from protocol import messages, topics
from protocol.decision import digest
from protocol.fold import Known
from protocol.product import read_product
from protocol.sentence import sentence


def decide(definition, past):
    """[digest (hex), [[name, shown value, sentence], ...]]; past: what hub/past/replay.py found."""
    product, known = read_product(definition), Known()
    for message in past["messages"]:
        person = messages.decode(topics.PERSON, unhexlify(message))
        known.merge(
            person.generation,
            person.rows,
            person.entries,
            person.rules,
            person.undone,
            person.carried,
        )
    known.norms = {int(at): _norm(*past["norms"][at]) for at in past["norms"]}
    daypart = past["daypart"]
    decisions = known.decide(product.settings, daypart)
    lines = [
        [setting.name, setting.show(decision.code), sentence(setting, decision, daypart)]
        for setting, decision in zip(product.settings, decisions)  # noqa: B905
    ]
    return ["%08x" % digest(decisions, daypart), lines]  # noqa: UP031


def _norm(preset, weights):
    return preset, None if weights is None else unhexlify(weights)


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    print(json.dumps(decide(asked["product"], asked["past"])))

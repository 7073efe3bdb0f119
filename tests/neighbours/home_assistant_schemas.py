"""Run by a Python that has Home Assistant: checks documents by the schemas of its MQTT platforms.

It reads {topic: document} and says how many Home Assistant would take; or fails as it would.
"""

import importlib
import json
import sys


def main() -> None:
    found = json.load(sys.stdin)
    for topic, document in found.items():
        _, component, _, _, _ = topic.split("/")
        module = importlib.import_module(f"homeassistant.components.mqtt.{component}")
        taken = module.DISCOVERY_SCHEMA(document)
        if unknown := set(document) - set(taken):
            raise SystemExit(f"{topic}: Home Assistant takes no notice of {unknown}")
        _refuses(module.DISCOVERY_SCHEMA, document)
    print(len(found))  # noqa: T201


def _refuses(schema, document) -> None:
    """It is no schema that takes everything."""
    try:
        schema(document | {"state_topic": "a/#/b"})
    except Exception:  # noqa: BLE001 - voluptuous, of whichever version
        return
    raise SystemExit("this schema takes what is no topic")


main()

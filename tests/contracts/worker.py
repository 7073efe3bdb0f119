"""A hub worker in a process of its own: takes in what it is given, on a store in PostgreSQL.

python -m tests.contracts.worker URL FILE      # lines of device, kind, payload (hex); "go" on stdin
"""

import json
import sys
from pathlib import Path

from hub.link import Message
from hub.store.postgres.store import PostgresStore
from tests.hub.living import Hub

MASTER = bytes(range(32))


def write(file: Path, messages: list[Message]) -> None:
    lines = [json.dumps([device, kind, payload.hex()]) for device, kind, payload in messages]
    file.write_text("\n".join(lines))


def main(url: str, file: str) -> None:
    store = PostgresStore(url, MASTER)
    hub = Hub(store)
    lines = [json.loads(line) for line in Path(file).read_text().splitlines()]
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    for device, kind, payload in lines:
        hub.hear(Message(device, kind, bytes.fromhex(payload)))
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
